/** What may be in an archive of chain data. Checked for each entry before anything of it is on the disk. */

import type { ReadEntry } from 'tar/read-entry'
import { ArchiveDamaged, refused } from './errors.ts'

const folders = ['chainstate', 'burnchain']
const topFile = /^[A-Za-z0-9_]+\.(sqlite(-wal|-shm|-journal)?|toml|json|txt)$/
/**
 * A stacks-node names each block's file by a hash of 32 bytes, in two folders that are named by the first four of them
 * (index_block_hash_to_rel_path in blocks.rs). No compression makes less than 32 bytes of that hash, so an archive of chain data
 * has at least 10 bytes for each of these three entries. Without that, 109 KB would fill a disk with empty files.
 */
const entriesAllowed = 10_000, bytesPerEntry = 10
/** A block's file lies six levels deep. */
const mostLevels = 16
/** Of the long names and pax records before one entry. Linux takes names of 4096 bytes. */
export const mostHeaders = 64 << 10
/** Control characters, marks of writing direction, the line ends that only Unicode knows, and what is not UTF-8. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u

export class SafeTarFilter {
  readonly #network: string
  /** Whether the archive's top is the network's folder, or what is in that; undefined before the first entry. */
  #named: boolean | undefined
  #entries = 0
  #headers = 0

  constructor(network: string) {
    this.#network = network
  }

  /** Where the chain data is in the archive. */
  get root(): string {
    if (this.#named === undefined) throw refused('it is empty')
    return this.#named ? this.#network : '.'
  }

  /** The text of a long name or of pax records, which come before the entry that they are of. */
  checkHeader(text: string): void {
    this.#headers += text.length
    if (this.#headers > mostHeaders) throw refused(`the headers of one entry have more than ${mostHeaders >> 10} KiB`)
    if (/^\d+ GNU\.sparse\./m.test(text)) throw refused('it has sparse files')
    for (const line of text.endsWith('\n') ? text.slice(0, -1).split('\n') : []) {
      // What cannot be read is passed over by the library, and the entry would get another name than its own.
      if (parseInt(line, 10) !== Buffer.byteLength(line) + 1) throw new ArchiveDamaged('a header cannot be read')
      if (/^\d+ path=/.test(line) && unprintable.test(line)) throw refused(`${quoted(line)} is not a name that chain data has`)
    }
  }

  /** What the library passes over. */
  refuse({ meta, path, type }: Pick<ReadEntry, 'meta' | 'path' | 'type'>): never {
    if (meta) throw refused(`the headers of one entry have more than ${mostHeaders >> 10} KiB`)
    throw refused(`${quoted(path)} is neither a file nor a folder (${type})`)
  }

  /** Where the entry goes, as parts of a path; throws what is refused. `received` is how much of the archive has been needed so far. */
  check(entry: ReadEntry, received: number): readonly string[] {
    this.#headers = 0
    this.#entries += 1
    if (this.#entries > entriesAllowed + received / bytesPerEntry) throw refused(`it has ${this.#entries} entries in its first ${received} bytes, more than chain data can have`)
    const name = quoted(entry.path)
    const parts = entry.path.split('/').filter((part) => part !== '' && part !== '.')
    const isFolder = entry.type === 'Directory'
    if (unprintable.test(entry.path)) throw refused(`${name} is not a name that chain data has`)
    if (entry.path.startsWith('/') || parts.includes('..')) throw refused(`${name} would leave its directory`)
    if (parts.length > mostLevels) throw refused(`${name} lies more than ${mostLevels} folders deep`)
    if (entry.type === 'Link' || entry.type === 'SymbolicLink') throw refused(`${name} is a link`)
    if (entry.type !== 'File' && entry.type !== 'OldFile' && !isFolder) this.refuse(entry)
    if (!Number.isSafeInteger(entry.size) || entry.size < 0) throw refused(`${name} has a size that no file has`)
    if ((entry.mode ?? 0) & 0o6000) throw refused(`${name} is set-uid or set-gid`)
    if (parts.length > 0) this.#checkPlace(parts, isFolder)
    return parts
  }

  #checkPlace(parts: readonly string[], isFolder: boolean): void {
    const top = parts[0]!
    this.#named ??= top === this.#network
    const inFolder = (this.#named ? top === this.#network : folders.includes(top)) && (parts.length > 1 || isFolder)
    const atTop = !this.#named && parts.length === 1 && !isFolder && topFile.test(top)
    if (!inFolder && !atTop) throw refused(`${quoted(parts.slice(0, 2).join('/'))} is neither in ${this.#network}/ nor in chainstate/ or burnchain/`)
  }
}

/** A name for a message: not longer than a line. */
export function quoted(name: string): string {
  return `'${name.length <= 200 ? name : `${name.slice(0, 200)}…`}'`
}
