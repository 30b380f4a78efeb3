/**
 * The folder of dumps. Each is one encrypted file, beside it a manifest that was written before the dump got its name, and, once it
 * was verified, a verdict. Their order is that of their numbers, which only grow: a clock may jump.
 */

import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { dumpEnds, dumpNumber } from '../shared/dumps.ts'
import { hashOf, readJsonObject, removeFile, syncFolder, writeJson as write } from '../shared/files.ts'
import { isJsonObject } from '../shared/json.ts'
import { lockFile } from '../shared/lock.ts'
import { timestamp } from '../shared/time.ts'
import type { Job } from './config.ts'
import { at, Damaged } from './programs.ts'

export interface Dump {
  /** 0 where the name of the file tells none. */
  readonly number: number
  readonly name: string
  readonly path: string
  /** Empty if the file cannot be read; so is the verdict. */
  readonly manifest: Readonly<Record<string, unknown>>
  readonly verdict: Readonly<Record<string, unknown>>
}

const partStart = '.part-'

export const judgedOf = ({ verdict }: Dump): string => String(verdict['verdict'] ?? '')

/** The verified keys that it holds by its manifest, the newest first. */
export function verifiedOf({ manifest: { facts } }: Dump): readonly unknown[] {
  return isJsonObject(facts) && Array.isArray(facts['verified']) ? facts['verified'] : []
}

/** The path of another file of a dump. */
export const beside = (path: string, end: keyof typeof dumpEnds): string => `${path.endsWith(dumpEnds.dump) ? path.slice(0, -dumpEnds.dump.length) : path}${dumpEnds[end]}`

/** The oldest first. */
export function listDumps(folder: string): readonly Dump[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(dumpEnds.dump))
  return files.map((file) => readDump(join(folder, file))).filter(({ number }) => number > 0).sort((a, b) => a.number - b.number)
}

/** The dump of a file anywhere, with what stands beside it. */
export function readDump(path: string): Dump {
  const name = basename(path, dumpEnds.dump)
  return { number: dumpNumber(name) ?? 0, name, path, manifest: readJsonObject(beside(path, 'manifest')), verdict: readJsonObject(beside(path, 'verdict')) }
}

/** A number above all that were ever given here or in the copies, and the name with it. Call it under the lock. */
export function nextName({ store, copies }: Job): { readonly number: number; readonly name: string } {
  const told = readState(store)['number']
  // Every file counts: a manifest whose dump never came has used its number too. A copy that is not mounted counts when it is.
  const files = [store, ...copies].filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder))
  const number = files.reduce((most, file) => Math.max(most, dumpNumber(file.split('.')[0]!) ?? 0), typeof told === 'number' ? told : 0) + 1
  return { number, name: `sbtc-signer-${String(number).padStart(6, '0')}-${timestamp().replace(/[-:]/g, '')}` }
}

/** Works in the store, where only one does at a time. What one that was killed has left is removed first. */
export async function locked<T>(job: Job, action: () => Promise<T>): Promise<T> {
  const { store } = job
  const lock = await at(store, () => {
    mkdirSync(store, { recursive: true, mode: 0o700 })
    return openSync(join(store, '.lock'), 'a')
  })
  try {
    await lockFile(lock, job)
    await at(store, () => { removeLeftovers(store) })
    return await action()
  } finally {
    closeSync(lock)
  }
}

function removeLeftovers(folder: string): void {
  const files = readdirSync(folder)
  for (const file of files) {
    const [name, ...ends] = file.split('.')
    const orphan = dumpNumber(name!) !== undefined && [dumpEnds.manifest, dumpEnds.verdict].includes(`.${ends.join('.')}` as never) && !files.includes(`${name}${dumpEnds.dump}`)
    if (orphan || file.startsWith(partStart) || file.startsWith('.new-')) removeFile(join(folder, file))
  }
}

/** Removes what copies that were broken off have left in a folder. */
export function removeParts(folder: string): void {
  for (const file of readdirSync(folder).filter((name) => name.startsWith(partStart))) removeFile(join(folder, file))
}

/** Gives a file its name once `fill`, which gets its path until then, has written all of it: on the disk first, then under its name. */
export async function fillFile(path: string, fill: (part: string) => Promise<void>): Promise<void> {
  const part = join(dirname(path), `${partStart}${randomBytes(6).toString('hex')}`)
  try {
    await fill(part)
    chmodSync(part, 0o640)
    const file = openSync(part, 'r')
    try {
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(part, path)
    syncFolder(dirname(path))
  } finally {
    rmSync(part, { force: true })
  }
}

/** Throws Damaged where the file is not the one that its manifest was written for. */
export function checkFile({ path, manifest }: Dump): void {
  const { size } = statSync(path)
  if (Object.keys(manifest).length === 0) return
  if (!isJsonObject(manifest['facts'])) throw new Damaged('its manifest says nothing of what it holds')
  if (size !== manifest['bytes']) throw new Damaged(`the file has ${size} bytes, and its manifest says ${String(manifest['bytes'])}`)
  if (hashOf(path) !== manifest['sha256']) throw new Damaged('the file is not the one that its manifest was written for: its sha256 differs')
}

/** Removes the dump first. If this is interrupted, the next run removes the other two files. */
export function dropDump(path: string): void {
  for (const end of ['dump', 'manifest', 'verdict'] as const) removeFile(beside(path, end))
}

export const writeJson = (path: string, value: object): Promise<void> => at(path, () => { write(path, value) })

const stateFile = 'state.json'

export const readState = (store: string): Readonly<Record<string, unknown>> => readJsonObject(join(store, stateFile))

/** Adds to the state, which `make status` and the scheduler read. */
export async function note(store: string, values: Readonly<Record<string, unknown>>): Promise<void> {
  await writeJson(join(store, stateFile), { ...readState(store), ...values })
}
