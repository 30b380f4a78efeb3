/** How a service runs one of the programs of docker/programs: in the image of Node.js, from the volume that init fills. */

import { paths } from '../catalogue/container.ts'
import type { BuiltImage, ImageRef, Service } from './model.ts'
import { memoryLimit } from './memory.ts'
import { volume } from './mounts.ts'

/** The programs that make targets run on every host, with docker/host/program.sh. */
export const hostPrograms: readonly string[] = ['inspect']

/** Where a program lies in a stack. */
export const programFile = (name: string): string => `docker/${name}.mjs`

/** What starts a program in a container that has the volume. */
export const programCommand = (name: string, ...words: readonly string[]): readonly string[] => ['node', `${paths.programs}/${name}.mjs`, ...words]

/** What runs a program in a container of init, which sees the folder docker/ itself. */
export const programBesideInit = (name: string): string => `--entrypoint node init ${fileBesideInit(name)}`

/** Where init itself finds a program: it runs before there is a volume of them. */
export const fileBesideInit = (name: string): string => `${paths.stackDocker}/${name}.mjs`

/** The fields of a service that runs a program. */
export const runsProgram = (program: string, image: ImageRef | BuiltImage): Pick<Service, 'program' | 'image' | 'entrypoint'> => ({ program, image, entrypoint: programCommand(program) })

/** The volume, which init fills from docker/ and all others only read: a clone under a strict umask has files that only its owner can read. */
export const programVolume = { name: 'programs', purpose: 'The programs of docker/, readable for every user, filled by init', target: paths.programs } as const

/** The files in docker/ that the volume gets. Init is not among them: it runs before there is one. */
export function copiedPrograms(services: readonly Service[]): string[] {
  const run = services.flatMap(({ name, program }) => (program === undefined || name === 'init' ? [] : [programFile(program).replace('docker/', '')]))
  return [...new Set(run)].sort()
}

/**
 * By itself Node.js lets the heap grow to all that the container may have, and the kernel ends it before it collects garbage.
 * The other half is for buffers, Node.js itself and the health check.
 */
export const heapLimit = (service: string): Readonly<Record<string, string>> => ({ NODE_OPTIONS: `--max-old-space-size=${memoryLimit(service) / 2}` })

/** The service as it is, or with its program's mount and the limit of its heap, and made anew when that program changes. */
export function withProgram(service: Service): Service {
  if (service.program === undefined) return service
  return {
    ...service,
    environment: { ...heapLimit(service.name), ...service.environment },
    mounts: [...service.mounts, volume(programVolume.name, programVolume.target, true)],
    configFiles: [...service.configFiles, programFile(service.program)],
  }
}
