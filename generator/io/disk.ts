/** The disk's own errors as problems, and the steps that make a write whole: synced, and seen only when complete. */

import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, fchmodSync, fsync, fsyncSync, lstatSync, mkdirSync, openSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { kill, pid } from 'node:process'
import { error, type Problem } from '../problem.ts'

const advice: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  ENOENT: ['it is not there', 'see that the path is right'],
  EACCES: ['permission denied', 'check who owns it, or run as its owner'],
  EPERM: ['the system does not permit it', 'check the owner and the attributes (lsattr) of the file and its directory'],
  EROFS: ['the file system is read-only', 'choose a directory on another one, or mount it writable'],
  ENOSPC: ['the disk is full', 'make room and run again'],
  EDQUOT: ['the quota is used up', 'make room and run again'],
  ENOTDIR: ['a part of the path is a file, not a directory', 'move that file away, or choose another directory'],
  EISDIR: ['it is a directory', 'move it away'],
  ELOOP: ['it is a symbolic link', 'put a real file or directory in its place'],
  ENAMETOOLONG: ['the path is too long', 'choose a directory nearer to the root'],
  EIO: ['the disk reports an error', 'look into the system\'s log before anything else'],
  EFBIG: ['it is too large', 'see what has been written into it'],
  EMFILE: ['too many files are open', 'raise the limit (ulimit -n) and run again'],
}

/** The `code` of a system error, or undefined. */
export function errorCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
}

/** A system error as a problem that names the file and says what to do. What is no system error is a bug and thrown on. */
export function diskProblem(cause: unknown, path: string, doing: 'read' | 'written' | 'removed'): Problem {
  const code = errorCode(cause)
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw cause
  const [, hint] = advice[code] ?? []
  return error('disk', `${path} cannot be ${doing}: ${systemReason(code)}`, undefined, hint)
}

/** What the code of a system error means, with the code. */
export function systemReason(code: string): string {
  return `${advice[code]?.[0] ?? 'the system refuses'} (${code})`
}

/** Makes a directory and those above it, and their names lasting unless that comes `later`; returns those that were not there, outermost first. */
export function makeDirectory(path: string, mode: number, later = false): readonly string[] {
  if (lstatSync(path, { throwIfNoEntry: false })) return []
  const made = dirname(path) === path ? [] : makeDirectory(dirname(path), 0o755, later)
  mkdirSync(path, { mode })
  // A strict umask would leave containers unable to read what is copied into their images. Added, not set: a group
  // directory keeps its own bits.
  const now = lstatSync(path).mode & 0o7777
  if ((now & mode) !== mode) chmodSync(path, now | mode)
  if (!later) syncDirectory(dirname(path))
  return [...made, path]
}

/** A complete file that is still open, and not synced yet. */
export interface Part {
  readonly name: string
  readonly file: number
}

/** Writes a complete file beside `path` under a name that the next run recognises. */
export function writePart(path: string, content: string | Uint8Array, mode: number): Part {
  const name = join(dirname(path), `.${basename(path)}.tmp-${pid}-${randomBytes(6).toString('hex')}`)
  const file = openSync(name, 'wx', 0o600)
  try {
    writeFileSync(file, content)
    fchmodSync(file, mode)
    return { name, file }
  } catch (cause) {
    unlinkSync(name)
    closeSync(file)
    throw cause
  }
}

/** Syncs and closes it. Several at a time take the disk's journal together, and half as long. */
export async function syncPart({ file }: Part): Promise<void> {
  try {
    await synced(file)
  } finally {
    closeSync(file)
  }
}

function synced(file: number): Promise<void> {
  return new Promise((resolve, reject) => { fsync(file, (cause) => { if (cause) reject(cause); else resolve() }) })
}

/** The same at once for one file; returns where it is. */
export function writeBeside(path: string, content: string | Uint8Array, mode: number): string {
  const { name, file } = writePart(path, content, mode)
  try {
    fsyncSync(file)
  } catch (cause) {
    unlinkSync(name)
    throw cause
  } finally {
    closeSync(file)
  }
  return name
}

/** Makes the names in a directory as lasting as the files. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } catch (cause) {
    if (!cannotSync(cause)) throw cause
  } finally {
    closeSync(directory)
  }
}

/** The same for many, at once. */
export async function syncDirectories(paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map(async (path) => {
    const directory = openSync(path, 'r')
    try {
      await synced(directory)
    } catch (cause) {
      if (!cannotSync(cause)) throw cause
    } finally {
      closeSync(directory)
    }
  }))
}

/** Some network file systems cannot sync directories, nor can Windows; there is nothing to be done about it. */
function cannotSync(cause: unknown): boolean {
  return ['EINVAL', 'EPERM'].includes(errorCode(cause) ?? '')
}

/** Removes what runs that were killed have left in a directory; files of a run still going stay. */
export function sweepLeftovers(directory: string): void {
  if (!lstatSync(directory, { throwIfNoEntry: false })?.isDirectory()) return
  for (const name of readdirSync(directory)) {
    const owner = /^\..+\.tmp-(\d{1,10})-[0-9a-f]{12}$/.exec(name)?.[1]
    if (owner !== undefined && !isRunning(Number(owner))) unlinkSync(join(directory, name))
  }
}

/** Our own number belonged to another process then: sweeping comes before writing. */
function isRunning(owner: number): boolean {
  if (owner === pid) return false
  try {
    kill(owner, 0)
    return true
  } catch (cause) {
    return errorCode(cause) === 'EPERM'
  }
}
