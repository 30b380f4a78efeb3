/** Containers as evidence.sh has the engine describe them, a line of JSON each. */

import { entriesOf, fieldsOf, listOf, numberOf, parseFields, textOf, textsOf, type Fields } from './fields.ts'
import { Missing } from './missing.ts'

export interface Mount {
  readonly type: string
  /** Of a volume. */
  readonly name: string
  readonly source: string
  readonly writable: boolean
}

/** What may be known of each container of the engine. */
export interface Neighbour {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly running: boolean
  readonly project: string
  readonly service: string
  readonly directory: string
  readonly mounts: readonly Mount[]
}

/** What weakens a container, of one that was made or of one in the Compose files. */
export interface Confinement {
  readonly privileged: boolean
  /** `network host`, `pid container:x` and the like. */
  readonly shares: readonly string[]
  readonly capabilities: readonly string[]
  readonly security: readonly string[]
  /** Paths of the host. */
  readonly sources: readonly string[]
}

export interface Published {
  /** `8333/tcp`, of the host. */
  readonly port: string
  readonly inside: string
}

/** A container of this stack. */
export interface Container extends Confinement {
  readonly id: string
  readonly service: string
  readonly labels: Readonly<Record<string, string>>
  readonly image: string
  readonly user: string
  /** Names of its environment variables. */
  readonly environment: readonly string[]
  readonly status: string
  readonly health: string
  readonly exit: number
  readonly error: string
  readonly started: string
  readonly finished: string
  readonly restarts: number
  readonly outOfMemory: boolean
  readonly readOnly: boolean
  readonly dropped: readonly string[]
  readonly logDriver: string
  readonly logSize: string
  /** Where others than this machine reach it. */
  readonly published: readonly Published[]
  readonly mounts: readonly Mount[]
}

const projectLabel = 'com.docker.compose.project'

export function parseContainer(line: string): Container {
  const one = parseFields(line, 'containers')
  const name = 'a container'
  const labels = Object.fromEntries(entriesOf(one['labels'], name).map(([key, value]) => [key, textOf(value, name)]))
  const service = labels['com.docker.compose.service']
  const status = textOf(one['status'], name)
  if (!service || !status) throw new Missing('a container without a service or a state')
  const log = fieldsOf(one['log'] ?? {}, name)
  const mounts = mountsOf(one)
  return {
    id: textOf(one['id'], name), service, labels, image: textOf(one['image'], name), user: textOf(one['user'], name),
    environment: textsOf(one['env'], name), status, health: textOf(one['health'], name), exit: numberOf(one['exit'], 'the exit code of a container'), error: textOf(one['error'], name),
    started: textOf(one['started'], name), finished: textOf(one['finished'], name), restarts: numberOf(one['restarts'], 'the restarts of a container'), outOfMemory: one['oom'] === true,
    readOnly: one['readonly'] === true, dropped: textsOf(one['capDrop'], name), logDriver: textOf(log['Type'], name),
    logSize: textOf(fieldsOf(log['Config'] ?? {}, name)['max-size'], name), published: publishedOf(one), mounts,
    privileged: one['privileged'] !== false,
    shares: ['network', 'pid', 'ipc'].map((kind) => `${kind} ${textOf(one[kind], name)}`).filter(isShared),
    capabilities: textsOf(one['capAdd'], name), security: textsOf(one['security'], name), sources: mounts.map(({ source }) => source),
  }
}

/** Whether a namespace like `network host` is that of the host or of another container. */
export function isShared(namespace: string): boolean {
  return /^\w+ (host|container:|service:)/.test(namespace)
}

export function projectOf({ labels }: Container): string {
  return labels[projectLabel] ?? ''
}

export function directoryOf({ labels }: Container): string {
  return labels[`${projectLabel}.working_dir`] ?? ''
}

export function parseNeighbour(line: string): Neighbour {
  const one = parseFields(line, 'neighbours')
  const text = (key: string) => textOf(one[key], 'a container of the engine')
  return {
    id: text('id'), name: text('name'), path: text('path'), running: one['running'] !== false, project: text('project'), service: text('service'),
    directory: text('directory'), mounts: mountsOf(one),
  }
}

function mountsOf(one: Fields): readonly Mount[] {
  return listOf(one['mounts'], 'the mounts of a container').map((value) => {
    const mount = fieldsOf(value, 'a mount of a container')
    const text = (key: string) => textOf(mount[key], 'a mount of a container')
    return { type: text('Type'), name: text('Name'), source: text('Source'), writable: mount['RW'] !== false }
  })
}

function publishedOf(one: Fields): readonly Published[] {
  const name = 'the ports of a container'
  return entriesOf(one['published'], name).flatMap(([inside, binds]) => listOf(binds, name).flatMap((value) => {
    const bind = fieldsOf(value, name)
    return isLoopback(textOf(bind['HostIp'], name)) ? [] : [{ port: `${textOf(bind['HostPort'], name)}/${inside.split('/')[1] ?? ''}`, inside }]
  }))
}

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}
