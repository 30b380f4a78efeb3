/** Containers as evidence.sh has the engine describe them, a line of JSON each. */

import { entriesOf, type Fields, fieldsOf, listOf, numberOf, parseFields, textOf, textsOf } from './fields.ts'
import { Missing } from './missing.ts'

export type Container = ReturnType<typeof parseContainer>
export type Neighbour = ReturnType<typeof parseNeighbour>
export type Mount = ReturnType<typeof mountsOf>[number]

/** What weakens a container, of one that was made or of one in the Compose files. */
export interface Confinement {
  readonly privileged: boolean
  /** `network host`, `pid container:x` and the like. */
  readonly shares: readonly string[]
  readonly capabilities: readonly string[]
  readonly security: readonly string[]
  /** Mounted paths of the host. */
  readonly sources: readonly string[]
}

/** A container of this stack. */
export function parseContainer(line: string) {
  const name = 'a container of the stack'
  const one = parseFields(line, 'containers')
  const text = (key: string) => textOf(one[key], name)
  const number = (key: string) => numberOf(one[key], `${key} of ${name}`)
  const label = Object.fromEntries(entriesOf(one['labels'], name).map(([key, value]) => [key.replace('com.docker.compose.', ''), textOf(value, name)]))
  const log = fieldsOf(one['log'] ?? {}, name)
  const mounts = mountsOf(one)
  if (!label['service'] || !text('status')) throw new Missing('a container has no service or no state')
  const confinement: Confinement = {
    privileged: one['privileged'] !== false, shares: sharesOf([['network', text('network')], ['pid', text('pid')], ['ipc', text('ipc')]]),
    capabilities: textsOf(one['capAdd'], name), security: textsOf(one['security'], name), sources: mounts.map(({ source }) => source),
  }
  return {
    ...confinement, mounts, id: text('id'), service: label['service'], image: text('image'), user: text('user'),
    project: label['project'] ?? '', directory: label['project.working_dir'] ?? '', configHash: label['config-hash'], composeVersion: label['version'] ?? '',
    /** Names of variables. */
    environment: textsOf(one['env'], name),
    status: text('status'), health: text('health'), exit: number('exit'), error: text('error'), started: text('started'), finished: text('finished'),
    restarts: number('restarts'), outOfMemory: one['oom'] === true, readOnly: one['readonly'] === true, dropped: textsOf(one['capDrop'], name),
    logDriver: textOf(log['Type'], name), logSize: textOf(fieldsOf(log['Config'] ?? {}, name)['max-size'], name), published: publishedOf(one),
  }
}

/** Any container of the engine. */
export function parseNeighbour(line: string) {
  const one = parseFields(line, 'neighbours')
  const text = (key: string) => textOf(one[key], 'a container of the engine')
  return {
    id: text('id'), name: text('name'), path: text('path'), running: one['running'] !== false, project: text('project'), service: text('service'),
    directory: text('directory'), mounts: mountsOf(one),
  }
}

function mountsOf(one: Fields) {
  return listOf(one['mounts'], 'the mounts of a container').map((value) => {
    const mount = fieldsOf(value, 'a mount of a container')
    const text = (key: string) => textOf(mount[key], 'a mount of a container')
    const source = text('Source')
    /** `place`: the volume or the folder, by the name that tells it from all others. */
    return { source, place: text('Type') === 'volume' ? text('Name') : source, target: text('Destination'), writable: mount['RW'] !== false }
  })
}

/** Where others than this machine reach it: `8333/tcp` of the host, and the same inside. */
function publishedOf(one: Fields) {
  const name = 'the ports of a container'
  return entriesOf(one['published'], name).flatMap(([inside, binds]) => listOf(binds, name).flatMap((value) => {
    const bind = fieldsOf(value, name)
    return isLoopback(textOf(bind['HostIp'], name)) ? [] : [{ port: `${textOf(bind['HostPort'], name)}/${inside.split('/')[1] ?? ''}`, inside }]
  }))
}

/** Namespaces that are those of the host or of another container. */
export function sharesOf(modes: readonly (readonly [kind: string, mode: string])[]): readonly string[] {
  return modes.filter(([, mode]) => /^(host|container:|service:)/.test(mode)).map((pair) => pair.join(' '))
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}
