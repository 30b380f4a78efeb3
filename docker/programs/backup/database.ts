/**
 * A consistent copy of the signer's database, made without any right to write to it.
 *
 * The signer's volume is mounted read-only. SQLite can read a database in WAL mode so while its files of shared memory and log
 * are there: as one more reader, which makes no writer wait. A database that nobody has open has neither; then its files are
 * copied, and the copy counts only if they did not change meanwhile.
 */

import { chmodSync, closeSync, copyFileSync, fsyncSync, openSync, rmSync, statSync } from 'node:fs'
import { backup, DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { hashOf } from '../shared/files.ts'
import { OperatorError } from '../shared/program.ts'
import type { Described } from './places.ts'

/** The files of a database that must be copied or moved with it. */
export const parts = ['', '-wal', '-shm', '-journal'] as const
/** SQLite's result codes, without what extends them. */
export const sqlite = { busy: 5, readOnly: 8, corrupt: 11, cannotOpen: 14, notDatabase: 26 } as const
export const sqliteCode = (error: unknown): number | undefined => (error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined)

/** Outside of WAL mode a writer waits for a reader, so it is read in short steps; else in a single one. */
const [step, all] = [200, 2 ** 31 - 1]
/** In milliseconds. */
const patience = 900_000

const damaged = (error: unknown) => new OperatorError(`the signer's database is damaged (${(error as Error).message}): the backups before are kept`)

/** Copies the database `source` to the new file `target`. Where it throws, what is at `target` is of no use. */
export async function copyDatabase(source: string, target: string): Promise<void> {
  try {
    await readBesideWriter(source, target)
  } catch (error) {
    const code = sqliteCode(error)
    if (code === undefined) throw error
    if (code === sqlite.corrupt || code === sqlite.notDatabase) throw damaged(error)
    if (code !== sqlite.cannotOpen && code !== sqlite.readOnly) throw new OperatorError(`the signer's database cannot be read (${(error as Error).message})`)
    await copyAtRest(source, target)
  }
  settle(target)
}

async function readBesideWriter(source: string, target: string): Promise<void> {
  const reader = new DatabaseSync(source, { readOnly: true, timeout: 30_000 })
  try {
    const wal = reader.prepare('PRAGMA journal_mode').get()?.['journal_mode'] === 'wal'
    // The first read says whether it can be read at all.
    reader.prepare('SELECT count(*) FROM sqlite_master').get()
    const end = performance.now() + patience
    await backup(reader, target, { rate: wal ? all : step, progress: () => {
      if (performance.now() > end) throw new OperatorError('the signer\'s database changes faster than it can be copied; the next try may do better')
    } })
  } finally {
    reader.close()
  }
}

/** The files as they lie, log and journal too, from which SQLite makes what was last committed. */
async function copyAtRest(source: string, target: string): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    for (const part of parts) rmSync(target + part, { force: true })
    const before = stateOf(source)
    for (const part of Object.keys(before)) {
      copyFileSync(source + part, target + part)
      // The mode is copied too, and may be read-only.
      chmodSync(target + part, 0o600)
    }
    if (JSON.stringify(before) === JSON.stringify(stateOf(source))) return
    await sleep(1000)
  }
  throw new OperatorError('the signer\'s database changed while it was copied; the next try may do better')
}

/** What there is of it, but for the shared memory: that is made from the log. */
function stateOf(source: string): Readonly<Record<string, string>> {
  return Object.fromEntries(parts.filter((part) => part !== '-shm').flatMap((part) => {
    const found = statSync(source + part, { throwIfNoEntry: false, bigint: true })
    return found ? [[part, [found.ino, found.size, found.mtimeNs].join(' ')]] : []
  }))
}

/** One file without a log beside it, on the disk for good. */
function settle(target: string): void {
  try {
    const copy = new DatabaseSync(target)
    try {
      copy.prepare('PRAGMA journal_mode = DELETE').get()
    } finally {
      copy.close()
    }
  } catch (error) {
    throw damaged(error)
  }
  chmodSync(target, 0o600)
  const file = openSync(target, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Size, hash and the newest block of a whole database. Throws OperatorError for one that is not whole. */
export function describe(path: string): Described {
  const height = readHeight(path)
  return { bytes: statSync(path).size, sha256: hashOf(path), height }
}

function readHeight(path: string): number | null {
  const fault = (said: string) => new OperatorError(`the database is damaged: ${said.slice(0, 300)}`)
  try {
    // Nothing is written beside it, whatever its header says.
    const opened = new DatabaseSync(`${pathToFileURL(path).href}?mode=ro&immutable=1`, { readOnly: true })
    try {
      const said = opened.prepare('PRAGMA integrity_check(5)').all().map(({ integrity_check: line }) => String(line))
      if (said.join() !== 'ok') throw fault(said.join('; '))
      if (!opened.prepare('PRAGMA table_info(blocks)').all().some(({ name }) => name === 'stacks_height')) return null
      return opened.prepare('SELECT max(stacks_height) AS height FROM blocks').get()?.['height'] as number | null
    } finally {
      opened.close()
    }
  } catch (error) {
    throw error instanceof OperatorError ? error : fault((error as Error).message)
  }
}
