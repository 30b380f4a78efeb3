/** Whether the disk has room: for the archive, for what is in it, and for both. */

import { statfsSync } from 'node:fs'
import { OperatorError } from './errors.ts'
import type { Archive } from './find-archive.ts'
import { pieceLength } from './pieces.ts'
import { size } from './progress.ts'
import type { Settings } from './settings.ts'

/** Not everything that is free may be taken: a full disk stops the node and everything beside it. */
const reserve = 2 ** 30, reserveShare = 0.02

/** What a stream fetches ahead of what is unpacked: so many pieces of so many bytes. They are on the disk, and not in memory. */
export function streamWindow(size: number, connections: number): { readonly length: number; readonly pieces: number } {
  const length = pieceLength(size, 4 << 20)
  return { length, pieces: Math.max(2 * connections, Math.floor(Math.min(size / 32, 128 << 20) / length)) }
}

/** Whether the archive is kept or streamed. Throws the numbers where it does not fit. `here` is how much of it is here. */
export function chooseMode({ mode: wanted, at, ratio, say }: Settings, archive: Archive, here: number, window: number): 'file' | 'stream' {
  if (archive.size === undefined) {
    say('the server does not send the size of the archive, so it may not fit. It is unpacked as it arrives, and stops before the disk is full')
    return 'stream'
  }
  const told = contentSize(archive.head)
  // An archive of several frames tells the size of its first one alone.
  const exact = told !== undefined && told >= archive.size
  const unpacked = exact ? told : Math.floor(ratio * archive.size)
  const rest = archive.path ? 0 : archive.size - here
  const free = freeSpace(at.data)
  const text = `the archive has ${size(archive.size)}${here ? ` (${size(here)} of it are here)` : ''} and unpacks to `
    + `${exact ? size(unpacked) : `about ${size(unpacked)} (an estimate)`}; ${size(free)} are free`
  say(text)
  const [asFile, asStream] = [rest + unpacked, unpacked + (rest ? window : 0)]
  if (wanted !== 'stream' && asFile <= free) return 'file'
  if (wanted !== 'file' && asStream <= free + here) {
    if (wanted === 'auto') say('both together do not fit, so it is unpacked as it comes, and not kept: SNAPSHOT_MODE=stream')
    return 'stream'
  }
  const why = exact ? '' : ` (SNAPSHOT_UNPACKED_RATIO=${ratio} is what the estimate rests on)`
  throw new OperatorError(`not enough space: ${text}, and ${size(wanted === 'file' ? asFile : asStream)} are needed; make room${why}`)
}

/** Throws before the disk is full. */
export function checkSpace(data: string): void {
  if (freeSpace(data) <= 0) throw new OperatorError(`the disk is nearly full, so it stops here, with ${reserve >> 30} GiB or ${100 * reserveShare} % of it left: make room`)
  const { files, ffree } = statfsSync(data)
  // A file system without a limit of its own has 0 files.
  if (files > 0 && ffree <= reserveShare * files) {
    throw new OperatorError(`the file system has nearly no inodes left, so it stops here, with ${100 * reserveShare} % of them left: make room for more files`)
  }
}

/** What may be taken: what is free without the reserve. */
function freeSpace(data: string): number {
  const { bavail, blocks, bsize } = statfsSync(data)
  return Math.max(0, bavail * bsize - Math.min(reserve, reserveShare * blocks * bsize))
}

/** What the header of a zstd frame says of its content; undefined if it does not. */
export function contentSize(head: Buffer): number | undefined {
  if (head.length < 18 || head.readUInt32LE() !== 0xfd2fb528) return undefined
  const flags = head[4]!
  const single = (flags & 0x20) !== 0
  const length = [single ? 1 : 0, 2, 4, 8][flags >> 6]!
  if (length === 0) return undefined
  const start = 5 + (single ? 0 : 1) + [0, 1, 2, 4][flags & 3]!
  const value = Number(length === 8 ? head.readBigUInt64LE(start) : head.readUIntLE(start, length))
  return length === 2 ? value + 256 : value
}
