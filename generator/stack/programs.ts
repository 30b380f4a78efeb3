/** How a service runs one of the programs of docker/programs: in the image of Node.js, from the volume that init fills. */

import { paths } from '../catalogue/container.ts'
import type { ImageRef, Service } from './model.ts'
import { memoryLimit } from './memory.ts'
import { volume } from './mounts.ts'

/** The programs that make targets run on every host, with docker/host/program.sh. */
export const hostPrograms: readonly string[] = []

/** Where a program lies in a stack. */
export const programFile = (name: string): string => `docker/${name}.mjs`

/** What starts a program in a container that has the volume. */
export const programCommand = (name: string, ...words: readonly string[]): readonly string[] => ['node', `${paths.programs}/${name}.mjs`, ...words]

/** The fields of a service that runs a program. */
export const runsProgram = (program: string, image: ImageRef): Pick<Service, 'program' | 'image' | 'entrypoint'> => ({ program, image, entrypoint: programCommand(program) })

/** The volume, which init fills from docker/ and all others only read: a clone under a strict umask has files that only its owner can read. */
export const programVolume = { name: 'programs', purpose: 'The programs of docker/, readable for every user, filled by init', target: paths.programs } as const

/** The service as it is, or with its program's mount and the limit of its heap, and made anew when that program changes. */
export function withProgram(service: Service): Service {
  if (service.program === undefined) return service
  return {
    ...service,
    // By itself Node.js lets the heap grow to all that the container may have, and the kernel ends it before it collects garbage.
    // The other half is for buffers, Node.js itself and the health check.
    environment: { NODE_OPTIONS: `--max-old-space-size=${memoryLimit(service.name) / 2}`, ...service.environment },
    mounts: [...service.mounts, volume(programVolume.name, programVolume.target, true)],
    configFiles: [...service.configFiles, programFile(service.program)],
  }
}
