/** Reads the text of regular files and of nothing else: no pipe hangs it, no device fills the memory, and the size is bounded. */

import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync, type Stats } from 'node:fs'

export interface RegularText {
  readonly text: string
  readonly mode: number
}

/** Continues a sentence that begins with the file's name: "is a directory". */
export interface Unusable {
  readonly why: string
}

export interface Reading {
  readonly links: 'follow' | 'refuse'
  /** In bytes. */
  readonly most?: number
}

/** No file that is read here is larger: answers, configs, certificates, what is generated. */
const mostBytes = 16 * 1024 * 1024
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The whole text, or why there is none that may be read. Throws the system's error where the file cannot be read. */
export function readRegularText(path: string, reading: Reading): RegularText | Unusable {
  // Looked at before it is opened: to open some devices has effects already.
  return fault(reading.links === 'follow' ? statSync(path) : lstatSync(path), reading.most) ?? readOpened(path, reading)
}

/** The same of what was looked at already; another thing that has come in its place since is found out. */
export function readOpened(path: string, { links, most = mostBytes }: Reading): RegularText | Unusable {
  // Windows has neither of the two.
  const flags = [...(links === 'refuse' ? [constants.O_NOFOLLOW] : []), constants.O_NONBLOCK] as readonly (number | undefined)[]
  const file = openSync(path, flags.reduce<number>((all, flag) => all | (flag ?? 0), constants.O_RDONLY))
  try {
    const stat = fstatSync(file)
    const wrong = fault(stat, most)
    if (wrong) return wrong
    const bytes = bytesOf(file, stat.size, most)
    return bytes ? { text: strictUtf8.decode(bytes), mode: stat.mode } : tooLarge(most)
  } catch (cause) {
    if (cause instanceof TypeError && 'code' in cause && cause.code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { why: 'is not UTF-8 text' }
    throw cause
  } finally {
    closeSync(file)
  }
}

function fault(found: Stats, most = mostBytes): Unusable | undefined {
  if (found.isSymbolicLink()) return { why: 'is a symbolic link' }
  if (found.isDirectory()) return { why: 'is a directory' }
  if (!found.isFile()) return { why: 'is not a regular file' }
  return found.size > most ? tooLarge(most) : undefined
}

function tooLarge(most: number): Unusable {
  return { why: `is larger than ${most} bytes` }
}

/** Nearly every file has room here. To make that room for each would take longer than to read it. */
const room = Buffer.allocUnsafeSlow(1 << 16)

/** All that the file holds, until the next is read; `size` is where its end is to be. Undefined where there is more than `most`: it may have grown. */
function bytesOf(file: number, size: number, most: number): Uint8Array | undefined {
  let [bytes, filled] = [size < room.length ? room : Buffer.allocUnsafe(size + 1), 0]
  for (;;) {
    if (filled === bytes.length) bytes = Buffer.concat([bytes, Buffer.allocUnsafe(bytes.length)])
    const read = readSync(file, bytes, filled, bytes.length - filled, null)
    filled += read
    if (filled > most) return undefined
    if (read === 0 || filled === size) return bytes.subarray(0, filled)
  }
}
