/** The snapshot's places: all in the node's data volume, so that the last step is a rename. And what stands in the marker. */

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { paths } from '../../../generator/catalogue/container.ts'
import { readJsonObject, syncFolder, writeJson } from '../shared/files.ts'
import type { Io } from '../shared/program.ts'
import { rootOf } from '../shared/root.ts'
import { timestamp } from '../shared/time.ts'
import { RetryableError } from './errors.ts'

export type Places = ReturnType<typeof placesOf>

export function placesOf(io: Io) {
  const data = rootOf(io)(paths.nodeData)
  const staging = join(data, '.snapshot')
  return {
    data, staging,
    /** Chain data is in place. The gate of stacks-node waits for it. */
    marker: join(data, '.snapshot.json'),
    lock: join(staging, 'lock'),
    /** The archive as far as it is here, a byte for each of its segments, and which archive it is. */
    part: join(staging, 'archive.part'), map: join(staging, 'archive.map'), note: join(staging, 'archive.json'),
    /** What a stream has fetched ahead. It has no name once it is open. */
    window: join(staging, 'archive.window'),
    tree: join(staging, 'tree'), unpacked: join(staging, 'unpacked.json'), rejected: join(staging, 'rejected.json'),
    /** A refresh that was asked for, and a swap that is under way. */
    refresh: join(staging, 'refresh.json'), swap: join(data, '.snapshot-swap.json'),
  }
}

/** Chain data in the staging folder that is whole, verified and durable. */
export interface Unpacked { readonly root: string; readonly source: string; readonly sha256: string; readonly size: number }

export function readUnpacked(at: Places): Unpacked | undefined {
  const note = readJsonObject(at.unpacked)
  return typeof note['root'] === 'string' ? note as unknown as Unpacked : undefined
}

/** Writes the marker. `unpacked` says where the chain data came from; without it, it was there before. */
export function writeMarker(at: Places, unpacked?: Unpacked): void {
  syncFolder(at.data)
  const { source, sha256, size } = unpacked ?? { source: 'existing', sha256: undefined, size: undefined }
  writeJson(at.marker, { source, sha256, size, date: timestamp() })
}

/** True for anything but a folder without entries. */
export function holdsSomething(path: string): boolean {
  try {
    return readdirSync(path).length > 0
  } catch {
    return existsSync(path)
  }
}

/** Never two at once in one volume. The kernel frees the lock with the process. */
export async function whileLocked<T>(at: Places, action: () => T | Promise<T>): Promise<T> {
  mkdirSync(at.staging, { recursive: true, mode: 0o750 })
  const lock = openAlone(at.lock)
  if (!lock) throw new RetryableError('another snapshot process is at work in this volume')
  try {
    return await action()
  } finally {
    lock.close()
  }
}

/** A database that nobody else has open; undefined if somebody has. SQLite's locks are seen across containers. */
export function openAlone(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    // SQLITE_BUSY
    if (error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5) return undefined
    throw error
  }
}
