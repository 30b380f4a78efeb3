/** A chainstate archive as the archive servers publish it, only smaller. */

import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { program } from './docker.ts'

/** Writes `folder`/chain.tar.zst with its checksum beside it; `megabytes` of noise make it slow to fetch. Returns its SHA-256. */
export function makeArchive(folder: string, chainDirectory: string, megabytes: number): string {
  const tree = join(folder, '..', 'chain')
  const files = {
    'burnchain/sortition/marf.sqlite': 'sortition of the snapshot',
    'chainstate/vm/index.sqlite': 'index of the snapshot',
    'chainstate/blocks/noise': randomBytes(megabytes << 20),
  }
  for (const [path, content] of Object.entries(files)) {
    const file = join(tree, chainDirectory, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  mkdirSync(folder, { recursive: true })
  const archive = join(folder, 'chain.tar.zst')
  const made = program('tar', ['--zstd', '-C', tree, '-cf', archive, chainDirectory])
  if (made.status !== 0) throw new Error(made.err)
  const sha256 = createHash('sha256').update(readFileSync(archive)).digest('hex')
  writeFileSync(join(folder, 'chain.sha256'), `${sha256}  chain.tar.zst\n`)
  return sha256
}
