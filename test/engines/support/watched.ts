/** A stack that is watched: Debian's monitoring programs in it, disks of its own under it, a webhook and a list of releases beside it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { ownPort } from '../../support/own.ts'
import { waitFor } from '../../support/wait.ts'
import { program } from './docker.ts'
import { testImages } from './images.ts'
import type { After } from './setting.ts'

interface Notice { readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[] }

export interface Outside {
  readonly port: number
  /** The ports of this machine at which the stack's Prometheus and Alertmanager are asked. */
  readonly prometheus: number
  readonly alertmanager: number
  /** `NAME severity` of what was told as firing since `forget`, each once, in order. */
  readonly told: () => readonly string[]
  readonly resolved: () => readonly string[]
  readonly forget: () => void
  /** What the list of releases names as the newest from now on. */
  readonly newest: (tag: string) => void
}

/** What is reached from the stack by the name `outside`: alerts are told at /hook, and the newest release is at /releases. */
export async function outside(after: After, first: string): Promise<Outside> {
  let notices: Notice[] = []
  let tag = first
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part: Buffer) => { text += part.toString() })
    request.on('end', () => {
      if (request.url === '/hook') notices.push(JSON.parse(text) as Notice)
      response.end(JSON.stringify({ tag_name: tag }))
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '0.0.0.0', resolve) })
  after(() => { server.close() })
  const named = (status: string) => [...new Set(notices.flatMap(({ alerts }) => alerts).filter((one) => one.status === status)
    .map(({ labels }) => `${labels['alertname']} ${labels['severity']}`))].sort()
  return {
    port: (server.address() as AddressInfo).port,
    prometheus: await ownPort(),
    alertmanager: await ownPort(),
    told: () => named('firing'),
    resolved: () => named('resolved'),
    forget: () => { notices = [] },
    newest: (next) => { tag = next },
  }
}

const reaches = { extra_hosts: ['outside:host-gateway'] }

/** The services of an override that make `services` of the full monitoring run here; Grafana is not to be had. */
export function watchers(port: number, blackbox = true): Readonly<Record<string, object>> {
  const image = testImages.watcher
  return {
    prometheus: { image }, alertmanager: { image, ...reaches }, ...(blackbox && { blackbox: { image } }), 'node-exporter': { image },
    releases: { ...reaches, environment: { RELEASES_URL: `http://outside:${port}/releases` } },
    grafana: { profiles: ['not-to-be-had'] },
  }
}

/** A file system of its own, mounted at the returned place; gone after the test, when its stack is. Throws where none can be made. */
export function disk(after: After, megabytes: number): string {
  const place = mkdtempSync(join(tmpdir(), 'stack-disk-'))
  const image = `${place}.img`
  after(() => {
    program('umount', [place])
    for (const path of [place, image]) rmSync(path, { recursive: true, force: true })
  })
  const made = program('sh', ['-ec', `truncate -s ${megabytes}M "$0"; mkfs.ext4 -q -m 0 "$0"; mount -o loop "$0" "$1"; rmdir "$1/lost+found"`, image, place])
  if (made.status !== 0) throw new Error(`no disk can be made: ${made.err}`)
  return place
}

/** The volume of an override that lies on `place`. */
export function volumeOn(place: string): object {
  return { driver: 'local', driver_opts: { type: 'none', o: 'bind', device: place } }
}

/** Tells the double whose data lies at `place` what its world is like. */
export function tellWorld(place: string, world: object): void {
  writeFileSync(join(place, 'world.json'), JSON.stringify(world), { mode: 0o644 })
}

/** The value of an instant query; undefined where there is none. Throws where Prometheus refuses it. */
export async function ask(port: number, query: string): Promise<number | undefined> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`)
  const { status, data } = await answer.json() as { status: string; data: { result: readonly { value: readonly [number, string] }[] } }
  if (status !== 'success') throw new Error(`${query}: ${status}`)
  const [first] = data.result
  return first && Number(first.value[1])
}

/** `NAME severity` of the alerts that fire now, as Prometheus itself says; with `pending` also of those that may soon. */
export async function firing(port: number, pending = false): Promise<readonly string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/alerts`)
  const { data } = await answer.json() as { data: { alerts: readonly { state: string; labels: Readonly<Record<string, string>> }[] } }
  return [...new Set(data.alerts.filter(({ state }) => pending || state === 'firing').map(({ labels }) => `${labels['alertname']} ${labels['severity']}`))].sort()
}

/** Waits until each of `wanted` was told; says in the failure what was told instead, and what Alertmanager knows. */
export async function tells(t: Test, what: string, { told, alertmanager }: Outside, wanted: readonly string[]): Promise<void> {
  const missing = () => wanted.filter((one) => !told().includes(one))
  await waitFor(what, told, () => missing().length === 0).catch(async (cause: Error) => {
    t.comment(cause.message, await (await fetch(`http://127.0.0.1:${alertmanager}/api/v2/alerts`)).text())
  })
  t.strictSame(missing(), [], `${what}: told were ${told().join(', ') || 'none'}`)
}
