/** `backup list`, `fetch` and `drill`: what is stored, and a snapshot brought back into a folder and checked. */

import { existsSync, mkdirSync } from 'node:fs'
import { paths } from '../../../generator/catalogue/container.ts'
import { entriesOf, hashOf, inFolder, readJsonObject, removeTree, writeJson } from '../shared/files.ts'
import { OperatorError, type Io } from '../shared/program.ts'
import type { Root } from '../shared/root.ts'
import { blockText } from './copy.ts'
import { describe } from './database.ts'
import { checkDump, dumpFolder } from './dumps.ts'
import { copyNote, database, files, needRoom, readCopyNote, sealed, type CopyNote } from './places.ts'
import { isVerified, Repository, type Snapshot } from './restic.ts'

/** Hours after which a drill says that the newest backup is too old; the alert that pages says so too. */
const oldest = 50

export async function list(root: Root, io: Io): Promise<number> {
  const found = await new Repository(root, io).snapshots()
  for (const one of found) {
    const size = one.summary?.total_bytes_processed
    io.say(`${one.short_id}  ${one.time.slice(0, 19)}Z  ${isVerified(one) ? 'verified    ' : 'not verified'}  ${size ? `${(size / 1e6).toFixed(1)} MB` : ''}`.trimEnd())
  }
  io.say(`newest that was verified: ${newest(found)?.short_id ?? 'none'}`)
  return 0
}

/** `wanted` is the beginning of a snapshot's id; without it, the newest. */
export async function fetch(root: Root, io: Io, wanted: string | undefined): Promise<number> {
  await bringBack(root, io, root(files.fetched), wanted ?? '')
  return 0
}

export async function drill(root: Root, io: Io): Promise<number> {
  const hours = await bringBack(root, io, root(paths.backupDrill), '')
  if (hours > oldest) throw new OperatorError(`what came back is right, but the newest backup is ${Math.round(hours)} hours old`)
  return 0
}

/** The newest verified one. One from the future was made with a wrong clock, and counts only where there is no other. */
function newest(snapshots: readonly Snapshot[]): Snapshot | undefined {
  const good = snapshots.filter(isVerified)
  return good.findLast((one) => Date.parse(one.time) <= Date.now() + 3_600_000) ?? good.at(-1)
}

/** Returns the age of the backup in hours. */
async function bringBack(root: Root, io: Io, folder: string, wanted: string): Promise<number> {
  const repository = new Repository(root, io)
  await repository.open(readJsonObject(root(files.state))['repository'], false)
  const found = await repository.snapshots()
  const chosen = wanted === '' ? newest(found) : found.find(({ id }) => id.startsWith(wanted))
  if (!chosen) throw new OperatorError(wanted === '' ? 'there is no verified backup yet: make backup-list' : `there is no snapshot ${wanted}: make backup-list`)
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 })
  inFolder(folder, (place) => { for (const name of entriesOf(place)) removeTree(place, name) })
  needRoom(folder, chosen.summary?.total_bytes_processed ?? 0)
  await repository.run(['restore', chosen.id, '--target', folder])
  const [copy, dump] = [readCopyNote(`${folder}/current`), checkDump(`${folder}/${dumpFolder}`)]
  if (!copy && dump === undefined) throw new OperatorError(`${chosen.short_id} holds neither ${copyNote} nor a dump`)
  const told = [checkDatabase(folder, copy), checkSecrets(folder), ...(dump === undefined ? [] : [`${dump} of the sBTC signer`])].join('; ')
  writeJson(`${folder}/fetched.json`, { snapshot: chosen.short_id, made: copy?.made ?? null, database: copy?.database ?? null })
  const hours = Math.max(0, Date.now() - Date.parse(chosen.time)) / 3_600_000
  io.say(`backup: ${chosen.short_id}, of ${copy?.made ?? chosen.time.slice(0, 19)} (${Math.round(hours)} hours ago): ${told}`)
  return hours
}

/** Compares what was brought back with what was noted when it was copied. */
function checkDatabase(folder: string, copy: CopyNote | undefined): string {
  const noted = copy?.database
  if (!noted) return 'no database in it'
  const path = `${folder}/current/${database}`
  if (!existsSync(path) || hashOf(path) !== noted.sha256) throw new OperatorError('the database comes back other than it was copied')
  const found = describe(path)
  if (found.bytes !== noted.bytes || found.height !== noted.height) throw new OperatorError(`the database comes back with block ${found.height} as its newest, not ${noted.height}`)
  return `database whole, ${noted.bytes} bytes${blockText(noted.height)}`
}

function checkSecrets(folder: string): string {
  const { made, sha256 } = readJsonObject(`${folder}/${sealed.note}`)
  if (sha256 === undefined) return 'no secrets in it'
  const path = `${folder}/${sealed.file}`
  if (!existsSync(path) || hashOf(path) !== sha256) throw new OperatorError('the sealed secrets come back other than they were stored')
  return `sealed secrets of ${String(made)}`
}
