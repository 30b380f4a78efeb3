/** `backup copy`: a copy of the signer's database once a day, for `backup store`. */

import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { paths } from '../../../generator/catalogue/container.ts'
import { syncFolder, writeJson } from '../shared/files.ts'
import { OperatorError, type Io } from '../shared/program.ts'
import type { Root } from '../shared/root.ts'
import { timestamp } from '../shared/time.ts'
import { copyDatabase, describe } from './database.ts'
import { copyNote, database, files, needRoom, note, readCopyNote, withLock, type CopyNote } from './places.ts'
import { attempt, serve } from './service.ts'

export async function copy(root: Root, io: Io, word: string | undefined): Promise<number> {
  const once = () => attempt(io, 'no copy', () => makeCopy(root, io), (fault) => { note(root(files.copyState), { error: `no copy of the database: ${fault}` }) })
  if (word === '--now') return await once() ? 0 : 1
  const at = io.environment['BACKUP_AT'] ?? '00:00'
  io.say(`backup: a copy every day at ${at} UTC`)
  return serve({ waits: () => isDue(at, readCopyNote(root(files.current))?.made), attempt: once }, io)
}

/** Returns what is to be said of it. */
async function makeCopy(root: Root, io: Io): Promise<string> {
  try {
    const { database } = await withLock(root, io, 'copy', () => make(root, io))
    note(root(files.copyState), { error: null })
    return database ? `copied ${database.bytes} bytes${blockText(database.height)}` : 'there is no database yet: the signer makes it when it is registered'
  } catch (error) {
    // A full disk is freed at once, and cannot take the note either.
    rmSync(newFolder(root), { recursive: true, force: true })
    throw error
  }
}

const newFolder = (root: Root) => root(`${paths.backupData}/new`)
const oldFolder = (root: Root) => root(`${paths.backupData}/old`)
export const blockText = (height: number | null): string => (height === null ? '' : `, newest block ${height}`)

async function make(root: Root, io: Io): Promise<CopyNote> {
  const [folder, current] = [newFolder(root), root(files.current)]
  await withLock(root, io, 'store', () => { recover(root) })
  const before = readCopyNote(current)?.database
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: 0o700 })
  const source = root(`${paths.signerData}/${database}`)
  const isThere = existsSync(source)
  if (!isThere && before) throw new OperatorError('the signer\'s database is gone; the copy and the backups before are kept')
  const made = timestamp()
  if (isThere) {
    needRoom(root(paths.backupData), ['', '-wal'].reduce((sum, part) => sum + (statSync(source + part, { throwIfNoEntry: false })?.size ?? 0), 0))
    await copyDatabase(source, `${folder}/${database}`)
  }
  const copy = { made, database: isThere ? describe(`${folder}/${database}`) : null }
  writeJson(`${folder}/${copyNote}`, copy)
  syncFolder(folder)
  await withLock(root, io, 'store', () => { swap(root) })
  return copy
}

/** The old copy is there until the new one has its name. */
function swap(root: Root): void {
  const current = root(files.current)
  if (existsSync(current)) renameSync(current, oldFolder(root))
  renameSync(newFolder(root), current)
  syncFolder(root(paths.backupData))
  rmSync(oldFolder(root), { recursive: true, force: true })
}

/** What a kill in the middle of a swap leaves. */
function recover(root: Root): void {
  if (!existsSync(oldFolder(root))) return
  if (existsSync(root(files.current))) rmSync(oldFolder(root), { recursive: true })
  else renameSync(oldFolder(root), root(files.current))
}

/**
 * Whether the daily time `at` (HH:MM, UTC) has come since `made`. A copy from the future counts for nothing: the clock was wrong then,
 * or is now.
 */
export function isDue(at: string, made: string | undefined, now: number = Date.now()): boolean {
  const then = made === undefined ? NaN : Date.parse(made)
  if (Number.isNaN(then) || then > now + 3_600_000) return true
  const today = Date.parse(`${new Date(now).toISOString().slice(0, 10)}T${at}:00Z`)
  return then < (today <= now ? today : today - 86_400_000)
}
