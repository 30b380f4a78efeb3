/** A snapshot's surroundings: a root with an empty data volume, and a server with an archive and its checksum. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { archiveServer, type ArchiveServer, type Faults } from './archive-server.ts'
import { sha256 } from './archives.ts'
import { makeRoot, start, toolFolder, until, type Root, type Running } from './tools.ts'

export const data = '/var/lib/stacks-node'
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
  return start(t, 'python3', [join(toolFolder, 'snapshot.py'), ...argv], env)
}

/** Waits for chain data and marker, and checks that nothing else is left. */
export async function arrived(t: Test, { root, env }: Setting, content: Buffer, seconds = 20): Promise<void> {
  await until(() => root.has(marker) && !root.has(`${data}/.snapshot`), seconds)
  t.strictSame(JSON.parse(root.read(marker)), { source: env['SNAPSHOT_URL'], sha256: sha256(content), size: content.length })
  t.equal(root.read(`${data}/mainnet/chainstate/vm/index.sqlite`), 'index')
  t.equal(root.read(`${data}/mainnet/burnchain/sortition/marf.sqlite`), 'sortitions')
  t.strictSame(readdirSync(root.at(data)).sort(), ['.snapshot.json', 'mainnet'], 'nothing else is left')
}
