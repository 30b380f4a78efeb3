/**
 * Files that are either the old one or the new one, whatever happens in between. A path is walked folder by folder, and no part
 * of it may be a link: much of this runs as root, or beside a program that reaches the internet, in folders that others write.
 */

import { createHash, randomBytes } from 'node:crypto'
import { closeSync, constants, fchmodSync, fchownSync, fstatSync, fsyncSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, renameSync, rmdirSync, unlinkSync, writeSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { errorCode } from '../../../generator/io/disk.ts'
import { O_PATH, openFolder } from '../../../generator/io/held-directory.ts'

export interface Owner { readonly uid: number; readonly gid: number }

export interface NewFile {
  /** 0640 if not given. */
  readonly mode?: number
  readonly owner?: Owner
  /** Survives a power cut too: true if not given. */
  readonly durable?: boolean
}

/** Calls `action` with a path to the folder that stays the same folder, even if it is renamed or replaced meanwhile. Throws ELOOP or ENOTDIR where a part of `path` is a link. */
export function inFolder<T>(path: string, action: (place: string) => T): T {
  const handle = openFolder(resolve(path))
  try {
    return action(`/proc/self/fd/${handle}`)
  } finally {
    closeSync(handle)
  }
}

/** The same for a folder that stands in `place`, which is open. */
export function inSubfolder<T>(place: string, name: string | Buffer, action: (place: string) => T): T {
  const handle = openSync(entryOf(place, name), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    return action(`/proc/self/fd/${handle}`)
  } finally {
    closeSync(handle)
  }
}

/** What stands in `place`, by the bytes of the names: not every name is UTF-8. */
export function entriesOf(place: string): readonly Buffer[] {
  return readdirSync(place, { encoding: 'buffer' }).sort(Buffer.compare)
}

export function entryOf(place: string, name: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${place}/`), typeof name === 'string' ? Buffer.from(name) : name])
}

/** Calls `action` with the descriptor of a regular file that is open for reading: of nothing that a link, a FIFO or a device could stand for. */
export function inFile<T>(path: string, action: (file: number) => T): T {
  return inFolder(dirname(path), (place) => {
    const file = openSync(`${place}/${basename(path)}`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      if (!fstatSync(file).isFile()) throw Object.assign(new Error(`${path} is not a regular file`), { code: 'EINVAL', path })
      return action(file)
    } finally {
      closeSync(file)
    }
  })
}

/** The content of a regular file in a folder that the operator alone writes: there, a link is the operator's. Throws where it has more than `most` bytes. */
export function readMounted(path: string, most = 1 << 20): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const found = fstatSync(file)
    if (!found.isFile()) throw Object.assign(new Error(`${path} is not a regular file`), { code: found.isDirectory() ? 'EISDIR' : 'EINVAL', path })
    if (found.size > most) throw Object.assign(new Error(`${path} is larger than ${most} bytes`), { code: 'EFBIG', path })
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/** The content of a regular file. Throws where it has more than `most` bytes. */
export function readContent(path: string, most = 1 << 20): Buffer {
  return inFile(path, (file) => {
    if (fstatSync(file).size > most) throw Object.assign(new Error(`${path} is larger than ${most} bytes`), { code: 'EFBIG', path })
    return readFileSync(file)
  })
}

/** The text of a small file; '' where there is none that can be read. */
export function readText(path: string): string {
  try {
    // A byte order mark stays: what is compared with the text is compared with all of it.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readContent(path, 1 << 16))
  } catch {
    return ''
  }
}

/** The JSON object in a file; empty where there is none. */
export function readJsonObject(path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readContent(path).toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {}
  } catch {
    return {}
  }
}

/** Replaces `path` by `content`. */
export function writeAtomically(path: string, content: string | Uint8Array, options: NewFile = {}): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  replaceFile(path, options, (file) => { writeAll(file, bytes) })
}

/** Replaces `path` by a value as JSON, on one line. */
export function writeJson(path: string, value: unknown, options?: NewFile): void {
  writeAtomically(path, `${JSON.stringify(value)}\n`, options)
}

/** Replaces `path` by the content of a file that is open. `last` is called with the new file before that has its name. */
export function copyFile<T = void>(source: number, path: string, options: NewFile = {}, last: (file: number) => T = () => undefined as T): T {
  return replaceFile(path, options, (file) => {
    forBlocks(source, (block) => { writeAll(file, block) })
    return last(file)
  })
}

/** The new file has no name before `fill` has filled it, and has its owner and mode by then. */
function replaceFile<T>(path: string, { mode = 0o640, owner, durable = true }: NewFile, fill: (file: number) => T): T {
  return inFolder(dirname(path), (place) => {
    const temporary = `${place}/.new-${randomBytes(8).toString('hex')}`
    const file = openSync(temporary, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
    let filled: T
    try {
      filled = fill(file)
      if (owner) fchownSync(file, owner.uid, owner.gid)
      fchmodSync(file, mode)
      if (durable) fsyncSync(file)
      renameSync(temporary, `${place}/${basename(path)}`)
    } catch (error) {
      removeEntry(temporary)
      throw error
    } finally {
      closeSync(file)
    }
    if (durable) syncFolder(place)
    return filled
  })
}

export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at)
}

/** A folder of that owner. What else stands there, a link too, is removed. */
export function makeFolder(path: string, owner: Owner, mode = 0o700): void {
  inFolder(dirname(path), (place) => {
    const entry = `${place}/${basename(path)}`
    const found = lstatSync(entry, { throwIfNoEntry: false })
    if (found && !found.isDirectory()) unlinkSync(entry)
    if (!found?.isDirectory()) mkdirSync(entry, { mode })
    const made = openSync(entry, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    try {
      fchownSync(made, owner.uid, owner.gid)
      fchmodSync(made, mode)
    } finally {
      closeSync(made)
    }
  })
}

/** Removes a file, if there is one. Its folder may be missing too. */
export function removeFile(path: string): void {
  try {
    inFolder(dirname(path), (place) => { unlinkSync(`${place}/${basename(path)}`) })
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}

/** Removes whatever stands in `place`, which is open, under that name: a folder with all that is in it, a link itself. */
export function removeTree(place: string, name: string | Buffer): void {
  const entry = entryOf(place, name)
  if (!lstatSync(entry).isDirectory()) { unlinkSync(entry); return }
  inSubfolder(place, name, (inner) => { for (const one of entriesOf(inner)) removeTree(inner, one) })
  rmdirSync(entry)
}

/** Makes the names in a folder survive a power cut. */
export function syncFolder(place: string): void {
  const handle = openSync(place, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** The SHA-256 of a file, as hexadecimal digits. */
export function hashOf(path: string): string {
  return inFile(path, hashOfOpen)
}

/** The same of a file that is open, from its beginning. */
export function hashOfOpen(file: number): string {
  const hash = createHash('sha256')
  forBlocks(file, (block) => { hash.update(block) })
  return hash.digest('hex')
}

/** Takes a file from its beginning. The file's position does not matter, and is not moved. */
export function forBlocks(file: number, take: (block: Buffer) => void): void {
  const block = Buffer.allocUnsafe(1 << 20)
  for (let [at, read] = [0, readSync(file, block, 0, block.length, 0)]; read > 0; read = readSync(file, block, 0, block.length, at)) {
    take(block.subarray(0, read))
    at += read
  }
}

function removeEntry(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}
