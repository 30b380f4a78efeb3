/** A snapshot's surroundings: a root with an empty data volume, and a server with an archive and its checksum. */

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { pieceLength } from '../../docker/programs/snapshot/pieces.ts'
import { snapshotService } from '../../generator/stack/services.ts'
import { archiveServer, type ArchiveServer, type Faults } from './archive-server.ts'
import { sha256 } from './archives.ts'
import { makeRoot, programPath, start, until, type Root, type Running } from './tools.ts'

/** To the second, as the marker has it. */
const began = Math.floor(Date.now() / 1000) * 1000

export const data = '/var/lib/stacks-node'
export const staging = `${data}/.snapshot`
export const marker = `${data}/.snapshot.json`

export interface Setting {
  readonly root: Root
  readonly server: ArchiveServer
  readonly env: Readonly<Record<string, string>>
}

/** `NETWORK_DIR` is mainnet; waits between tries are short. `more` adds to the environment. */
export async function setting(t: Test, content: Buffer, faults: Faults = {}, more: Readonly<Record<string, string>> = {}): Promise<Setting> {
  const root = makeRoot(t, [data])
  const server = await archiveServer(t, { '/a/chain.tar.zst': content, '/a/chain.sha256': `${sha256(content)}  chain.tar.zst\n` }, faults)
  const env = {
    STACK_ROOT: root.path, SNAPSHOT_URL: `${server.origin}/a/chain.tar.zst`, NETWORK_DIR: 'mainnet', SNAPSHOT_RETRY_SECONDS: '0.2', ...more,
  }
  return { root, server, env }
}

export function snapshot(t: Test, env: Readonly<Record<string, string>>, ...argv: readonly string[]): Running {
  return start(t, process.execPath, [programPath('snapshot'), ...argv], env)
}

const { NODE_OPTIONS = '' } = snapshotService({ repository: 'node', tag: '24' }, { url: '', networkDirectory: 'mainnet', mode: 'auto', connections: 8 }).environment

/** The program as a stack has it, for what is said of its memory: `npm run build` first. */
export function bundledSnapshot(t: Test, env: Readonly<Record<string, string>>): Running {
  return start(t, process.execPath, [fileURLToPath(new URL('../../dist/programs/snapshot.mjs', import.meta.url))], { NODE_OPTIONS, ...env })
}

/**
 * Leaves `part` of an archive in the staging folder, as an earlier start would have. `states` has one of 0
 * (missing), 1 (written) and 2 (durable) for each piece; all are durable, unless said otherwise.
 */
export function leavePart({ root, env }: Setting, part: Buffer, note: Readonly<Record<string, unknown>>, states?: readonly number[]): void {
  const segment = pieceLength(part.length)
  root.write(`${staging}/archive.part`, part)
  root.write(`${staging}/archive.map`, Buffer.from(states ?? Array.from({ length: Math.ceil(part.length / segment) }, () => 2)))
  root.write(`${staging}/archive.json`, JSON.stringify({
    asked: env['SNAPSHOT_URL'], url: env['SNAPSHOT_URL'], pinned: null, sha256: sha256(part), size: part.length, version: 'any', segment, boot: 'any', ...note,
  }))
}

/** Pieces of the part that a later start finds. */
export function written(root: Root): number {
  return root.has(`${staging}/archive.map`) ? readFileSync(root.at(`${staging}/archive.map`)).filter((state) => state > 0).length : 0
}

export function readMarker(root: Root): Readonly<Record<string, unknown>> {
  const { date, ...rest } = JSON.parse(root.read(marker)) as Record<string, unknown>
  if (typeof date !== 'string' || Date.parse(date) < began || Date.parse(date) > Date.now() || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(date)) {
    throw new Error(`the marker's date is ${String(date)}`)
  }
  return rest
}

/** What a wait shows of a download that does not come. */
export const progress = ({ root, server }: Pick<Setting, 'root' | 'server'>) => () =>
  `pieces written: ${written(root)}; requests: ${server.requests.slice(-5).join(' ')}; codes: ${server.counted.codes.slice(-20).join()}`

/** Waits for chain data and marker, and checks that nothing else is left. */
export async function arrived(t: Test, set: Setting, content: Buffer, source = set.env['SNAPSHOT_URL']): Promise<void> {
  const { root } = set
  await until(() => root.has(marker) && !root.has(staging), progress(set))
  t.strictSame(readMarker(root), { source, sha256: sha256(content), size: content.length })
  t.equal(root.read(`${data}/mainnet/chainstate/vm/index.sqlite`), 'index')
  t.equal(root.read(`${data}/mainnet/burnchain/sortition/marf.sqlite`), 'sortitions')
  t.strictSame(readdirSync(root.at(data)).sort(), ['.snapshot.json', 'mainnet'], 'nothing else is left')
}
