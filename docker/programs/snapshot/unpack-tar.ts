/** Writes a tar's files into a folder while its bytes come in. */

import { closeSync, constants, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Parser } from 'tar/parse'
import type { ReadEntry } from 'tar/read-entry'
import { errorCode } from '../../../generator/io/disk.ts'
import { ArchiveDamaged, refused } from './errors.ts'
import { mostHeaders, quoted, type SafeTarFilter } from './safe-tar-filter.ts'

/** What is wrong with an entry, and not with the disk: no second try helps. */
const ofTheName = ['ENAMETOOLONG', 'ENOTDIR', 'EISDIR', 'ELOOP', 'EEXIST', 'EFBIG', 'EINVAL', 'EILSEQ']

/** `received` is how much of the archive has been needed so far. Everything is written when the returned promise is fulfilled. */
export async function unpackTar(chunks: AsyncIterable<Buffer>, tree: string, filter: SafeTarFilter, received: () => number): Promise<void> {
  const parser = new Parser({ strict: true, maxMetaEntrySize: mostHeaders, zstd: false })
  let [ended, first] = [false, true]
  parser.on('meta', (text: string) => { filter.checkHeader(text) })
  parser.on('ignoredEntry', (entry: ReadEntry) => { filter.refuse(entry) })
  parser.on('entry', (entry: ReadEntry) => { place(entry, join(tree, ...filter.check(entry, received()))) })
  parser.on('eof', () => { ended = true })
  parser.on('error', (error: Error) => { throw new ArchiveDamaged(error.message) })
  for await (const chunk of chunks) {
    // The parser would unpack what is packed twice.
    if (first && chunk[0] === 0x1f && chunk[1] === 0x8b) throw new ArchiveDamaged('what is unpacked is not a tar')
    first = false
    // It hands over entries and their content while it is written to. Behind the end, it would keep everything in memory.
    if (!ended) parser.write(chunk)
    else if (chunk.some((byte) => byte !== 0)) throw new ArchiveDamaged('there is something behind its end')
  }
  if (!ended) throw new ArchiveDamaged('unexpected end of data')
}

function place(entry: ReadEntry, path: string): void {
  const isFolder = entry.type === 'Directory'
  try {
    mkdirSync(isFolder ? path : dirname(path), { recursive: true, mode: 0o750 })
    if (isFolder) {
      entry.resume()
      return
    }
    const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW, 0o640)
    entry.on('end', () => { closeSync(file) })
    entry.on('data', (piece: Buffer) => { for (let at = 0; at < piece.length;) at += writeSync(file, piece, at) })
  } catch (error) {
    const code = errorCode(error) ?? ''
    throw ofTheName.includes(code) ? refused(`${quoted(entry.path)} cannot be made (${code})`) : error
  }
}
