/**
 * Copies a folder with all that is in it, as root. What is the same already stays, and what the source has no more goes: a second
 * run, with the program stopped, copies only what has changed since the first. Links are copied, never followed.
 */

import {
  chmodSync, closeSync, constants, fchmodSync, fchownSync, fstatSync, fsyncSync, futimesSync, lchownSync, lstatSync, mkdirSync, openSync, readlinkSync, renameSync, symlinkSync, unlinkSync,
  type BigIntStats,
} from 'node:fs'
import { createHash, randomBytes } from 'node:crypto'
import { errorCode } from '../../../generator/io/disk.ts'
import { entriesOf, entryOf, forBlocks, hashOfOpen, inFolder, inSubfolder, removeTree, syncFolder, writeAll } from '../shared/files.ts'
import { OperatorError } from '../shared/program.ts'

export interface CopyOptions {
  /** A file at the top of both folders that does not belong to the data, and is not copied. */
  readonly except: string
  /** The program still writes: what is away by now is no error, and what has just changed is copied again later. */
  readonly isRunning: boolean
  /** Told after each file, with its size. */
  readonly copied: (bytes: number) => void
  readonly say: (line: string) => void
}

export function copyTree(from: string, to: string, options: CopyOptions): void {
  inFolder(from, (source) => { inFolder(to, (target) => { copyFolder(source, target, '', options) }) })
}

/** What the files of a folder and of those in it hold, in bytes. */
export function sizeOfTree(path: string): number {
  const sizeOf = (place: string): number => entriesOf(place).reduce((sum, entry) => {
    const found = lstatSync(entryOf(place, entry), { throwIfNoEntry: false })
    if (found?.isDirectory()) return sum + gone(() => inSubfolder(place, entry, sizeOf), 0)
    return sum + (found?.isFile() ? found.size : 0)
  }, 0)
  return inFolder(path, sizeOf)
}

function copyFolder(source: string, target: string, name: string, options: CopyOptions): void {
  const isData = (entry: Buffer) => name !== '' || `${entry}` !== options.except
  const there = entriesOf(source).filter(isData)
  const kept = new Set(there.map((entry) => entry.toString('latin1')))
  for (const entry of entriesOf(target).filter(isData)) if (!kept.has(entry.toString('latin1'))) removeTree(target, entry)
  for (const entry of there) {
    const copy = () => { copyEntry(source, target, entry, `${name}${entry}`, options) }
    if (options.isRunning) gone(copy, undefined)
    else copy()
  }
  syncFolder(target)
}

function copyEntry(source: string, target: string, entry: Buffer, name: string, options: CopyOptions): void {
  const found = lstatSync(entryOf(source, entry), { bigint: true })
  const place = entryOf(target, entry)
  const before = lstatSync(place, { bigint: true, throwIfNoEntry: false })
  if (before && (before.mode & BigInt(constants.S_IFMT)) !== (found.mode & BigInt(constants.S_IFMT))) removeTree(target, entry)
  if (found.isDirectory()) {
    if (!before?.isDirectory()) mkdirSync(place, 0o700)
    inSubfolder(source, entry, (inner) => { inSubfolder(target, entry, (copy) => { copyFolder(inner, copy, `${name}/`, options) }) })
    inSubfolder(target, entry, (copy) => { chmodSync(copy, Number(found.mode & 0o7777n)) })
    lchownSync(place, Number(found.uid), Number(found.gid))
  } else if (found.isSymbolicLink()) {
    const leads = readlinkSync(entryOf(source, entry), { encoding: 'buffer' })
    if (before?.isSymbolicLink()) unlinkSync(place)
    symlinkSync(leads, place)
    lchownSync(place, Number(found.uid), Number(found.gid))
  } else if (!found.isFile()) {
    options.say(`note: ${name} is no file, folder or link, and is not copied`)
  } else {
    if (!isSame(found, before)) copyFile(source, target, entry, name, options)
    options.copied(Number(found.size))
  }
}

/** A copy has the time of its file, to the microsecond that can be set. */
function isSame(found: BigIntStats, copy: BigIntStats | undefined): boolean {
  if (!copy?.isFile() || found.size !== copy.size || found.uid !== copy.uid || found.gid !== copy.gid || found.mode !== copy.mode) return false
  const apart = found.mtimeNs - copy.mtimeNs
  return apart > -1000n && apart < 1000n
}

/** For so long, in nanoseconds, a file may change again without another time. */
const recently = 2_000_000_000n

/** Read back and compared before it gets its name. */
function copyFile(source: string, target: string, entry: Buffer, name: string, { isRunning }: CopyOptions): void {
  const file = openSync(entryOf(source, entry), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const temporary = `${target}/.moving-${randomBytes(8).toString('hex')}`
  const copy = openSync(temporary, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  try {
    const found = fstatSync(file, { bigint: true })
    if (!found.isFile()) throw new OperatorError(`${name} was replaced while it was read`)
    const written = createHash('sha256')
    forBlocks(file, (block) => { written.update(block); writeAll(copy, block) })
    fsyncSync(copy)
    if (hashOfOpen(copy) !== written.digest('hex')) throw new OperatorError(`the copy of ${name} is not what was written: the disk is at fault`)
    fchownSync(copy, Number(found.uid), Number(found.gid))
    fchmodSync(copy, Number(found.mode & 0o7777n))
    const isSettled = !isRunning || BigInt(Date.now()) * 1_000_000n - found.mtimeNs > recently
    futimesSync(copy, Number(found.atimeNs) / 1e9, isSettled ? Number(found.mtimeNs) / 1e9 : 0)
    renameSync(temporary, entryOf(target, entry))
  } catch (error) {
    unlinkSync(temporary)
    throw error
  } finally {
    closeSync(copy)
    closeSync(file)
  }
}

/** What `action` returns, or `otherwise` where a running program has taken the file away meanwhile. */
function gone<T>(action: () => T, otherwise: T): T {
  try {
    return action()
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '')) throw error
    return otherwise
  }
}
