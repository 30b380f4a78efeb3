/**
 * The engine asked over its socket: a look costs a few milliseconds, and 0.2 seconds of a processor where a docker
 * command is started for it.
 */

import { once } from 'node:events'
import { request } from 'node:http'
import { waitFor } from '../../support/wait.ts'

export interface Container {
  readonly Id: string
  readonly Image: string
  readonly Created: string
  readonly RestartCount: number
  readonly State: { readonly Status: string; readonly Pid: number; readonly ExitCode: number; readonly OOMKilled: boolean; readonly StartedAt: string; readonly FinishedAt: string; readonly Health?: { readonly Status: string } }
  readonly Config: { readonly Image: string; readonly User: string; readonly Env: readonly string[] }
  readonly Mounts: readonly { readonly Destination: string; readonly RW: boolean }[]
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> }
  readonly HostConfig: {
    readonly NetworkMode: string
    readonly ReadonlyRootfs: boolean
    readonly Privileged: boolean
    readonly CapDrop: readonly string[] | null
    readonly SecurityOpt: readonly string[] | null
    readonly PidsLimit: number
    /** The limit in bytes; 0 for none. */
    readonly Memory: number
    readonly MemoryReservation: number
    readonly CpuShares: number
    readonly LogConfig: { readonly Config: Readonly<Record<string, string>> }
    readonly PortBindings: Readonly<Record<string, unknown>> | null
  }
}

export interface Answer { readonly status: number; readonly body: Buffer }

/** The engine that this process uses, as the docker command takes it: the machine's own, unless DOCKER_HOST names another. */
export const engineHost = (): string => process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock'

const socketPath = () => engineHost().replace('unix://', '')

/** One call, on a connection of its own: an engine that is stopped and started again is no matter. */
export function call(method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: socketPath(), method, path, agent: false, headers: body ? { 'Content-Type': 'application/json' } : {} }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part)).on('error', reject)
        .on('end', () => { resolve({ status: answer.statusCode!, body: Buffer.concat(parts) }) })
    })
    sent.on('error', reject).end(body && JSON.stringify(body))
  })
}

/** What a GET tells; undefined where there is no such thing. Throws with the engine's own words. */
export async function look<T>(path: string): Promise<T | undefined> {
  const { status, body } = await call('GET', path)
  if (status === 404) return undefined
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${body}`)
  return JSON.parse(body.toString()) as T
}

export const inspectContainer = (name: string): Promise<Container | undefined> => look<Container>(`/containers/${name}/json`)

/** Internal or not, and how many containers stand on it, as `true 2`; undefined where there is no such network. */
export async function networkOf(name: string): Promise<string | undefined> {
  const found = await look<{ readonly Internal: boolean; readonly Containers: object }>(`/networks/${name}`)
  return found && `${found.Internal} ${Object.keys(found.Containers).length}`
}

const filter = (filters: object) => encodeURIComponent(JSON.stringify(filters))

/** The names of the containers that `filters` finds, in order; of a project, those that run or have run. */
export async function containersBy(filters: object, all = true): Promise<readonly string[]> {
  const found = await look<readonly { readonly Names: readonly string[] }[]>(`/containers/json?all=${all}&filters=${filter(filters)}`)
  return found!.map(({ Names }) => Names[0]!.slice(1)).sort()
}

export const containersOf = (project: string, all = true): Promise<readonly string[]> => containersBy({ label: [`com.docker.compose.project=${project}`] }, all)

/** The volumes of a project: name and time of making. */
export async function volumesOf(project: string): Promise<readonly { readonly Name: string; readonly CreatedAt: string }[]> {
  const { Volumes } = (await look<{ readonly Volumes: { readonly Name: string; readonly CreatedAt: string }[] | null }>(`/volumes?filters=${filter({ label: [`com.docker.compose.project=${project}`] })}`))!
  return (Volumes ?? []).sort((one, other) => (one.Name < other.Name ? -1 : 1))
}

export const imageId = async (name: string): Promise<string | undefined> => (await look<{ readonly Id: string }>(`/images/${name}/json`))?.Id

/** All that a container said, in the order in which it was said, each line with its time; empty where there is none. */
export async function logsOf(name: string): Promise<string> {
  const { status, body } = await call('GET', `/containers/${name}/logs?stdout=1&stderr=1&timestamps=1`)
  return status === 200 ? streams(body).map(({ text }) => text.toString()).join('') : ''
}

/** The command lines of a container's processes; empty where none runs. */
export async function top(name: string): Promise<string> {
  // The engine finds a container's processes by their numbers: without them it refuses.
  const { status, body } = await call('GET', `/containers/${name}/top?ps_args=${encodeURIComponent('-eo pid,args')}`)
  if (status === 404 || status === 409) return ''
  if (status !== 200) throw new Error(`top ${name}: ${status} ${body}`)
  return (JSON.parse(body.toString()) as { Processes: string[][] }).Processes.map(([, ...words]) => words.join(' ')).join('\n')
}

export interface Executed { readonly status: number; readonly out: string; readonly err: string }

/** Runs a command in a container, without input; where it cannot be run, the status is 126 and the engine says why. */
export async function execIn(name: string, command: readonly string[], options: { readonly User?: string; readonly Privileged?: boolean } = {}): Promise<Executed> {
  const made = await call('POST', `/containers/${name}/exec`, { AttachStdout: true, AttachStderr: true, Cmd: command, ...options })
  if (made.status !== 201) return { status: 126, out: '', err: made.body.toString() }
  const { Id } = JSON.parse(made.body.toString()) as { Id: string }
  const ran = await call('POST', `/exec/${Id}/start`, { Detach: false, Tty: false })
  if (ran.status !== 200) return { status: 126, out: '', err: ran.body.toString() }
  const ended = await waitFor(`${command[0]} in ${name} has ended`, () => look<{ readonly Running: boolean; readonly ExitCode: number }>(`/exec/${Id}/json`), (seen) => seen?.Running === false)
  const said = streams(ran.body)
  const of = (which: number) => Buffer.concat(said.filter(({ stream }) => stream === which).map(({ text }) => text)).toString()
  return { status: ended!.ExitCode, out: of(1), err: of(2) }
}

/** Listens, when it resolves, for the death of a container: its promise then tells the time, in milliseconds. The engine remembers few of what is past. */
export function watchDeath(id: string): Promise<{ readonly time: Promise<number> }> {
  return new Promise((resolve, reject) => {
    const path = `/events?filters=${filter({ event: ['die'], container: [id] })}`
    const sent = request({ socketPath: socketPath(), path, agent: false }, (answer) => {
      const time = once(answer, 'data').then(([line]) => {
        answer.destroy()
        return (JSON.parse(String(line)) as { readonly timeNano: number }).timeNano / 1e6
      })
      resolve({ time })
    })
    sent.on('error', reject).end()
  })
}

/** Takes the engine's frames apart: a byte that names the stream, three empty ones, four of length, and the text. */
function streams(body: Buffer): readonly { readonly stream: number; readonly text: Buffer }[] {
  const found: { stream: number; text: Buffer }[] = []
  for (let at = 0; at + 8 <= body.length;) {
    const end = at + 8 + body.readUInt32BE(at + 4)
    found.push({ stream: body[at]!, text: body.subarray(at + 8, end) })
    at = end
  }
  return found
}
