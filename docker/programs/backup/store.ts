/**
 * `backup store`: stores each new copy of the signer's database and each new dump of the sBTC signer's, with the sealed secrets; reads it
 * back, checks the repository, and only then removes what the answers say need not be kept.
 */

import { existsSync } from 'node:fs'
import { paths } from '../../../generator/catalogue/container.ts'
import { hashOf, readJsonObject, writeAtomically } from '../shared/files.ts'
import { Page } from '../shared/page.ts'
import { OperatorError, type Io } from '../shared/program.ts'
import type { Root } from '../shared/root.ts'
import { timestamp } from '../shared/time.ts'
import { dumpFolder, dumpHashes, dumpsOf, dumpWaits, newestDump } from './dumps.ts'
import { copyNote, database, faultOf, files, note, readCopyNote, sealed, settings, withLock, type CopyNote } from './places.ts'
import { isVerified, Repository } from './restic.ts'
import { attempt, serve } from './service.ts'

/** A small repository is read whole each time, a larger one in parts, so that in a week all of it is. */
const [atOnce, parts] = [1e9, 7]

export async function store(root: Root, io: Io, word: string | undefined): Promise<number> {
  const state = root(files.state)
  const once = () => attempt(io, 'not stored', () => withLock(root, io, 'store', () => work(root, io)), (fault) => { note(state, { error: fault, failed: timestamp() }) })
  if (word === '--now') return await once() ? 0 : 1
  io.say('backup: waiting for something to store')
  // What keeps the copier from copying is a fault of the backup too.
  return serve({ waits: () => waits(root), attempt: once, then: () => { note(state, { copy_error: readJsonObject(root(files.copyState))['error'] ?? null }) } }, io)
}

/** Whether there is a copy or a dump that is not stored yet. */
function waits(root: Root): boolean {
  const [made, state] = [readCopyNote(root(files.current))?.made, readJsonObject(root(files.state))]
  return (made !== undefined && made !== state['stored']) || dumpWaits(root, state['dump'])
}

/** Returns what is to be said of it. */
async function work(root: Root, io: Io): Promise<string> {
  const began = performance.now()
  const [copy, dump] = [readCopyNote(root(files.current)), newestDump(dumpsOf(root))]
  if (!copy && dump === undefined) throw new OperatorError(`there is nothing to store yet: make logs S=${existsSync(dumpsOf(root)) ? 'sbtc-backup' : 'backup-copy'}`)
  const state = readJsonObject(root(files.state))
  if (copy?.made === (state['stored'] ?? undefined) && dump === (state['dump'] ?? undefined) && !state['error']) return `${copy ? `the copy of ${copy.made}` : dump} is stored and verified already`
  const repository = new Repository(root, io)
  note(root(files.state), { repository: await repository.open(state['repository']) })
  await repository.run(['unlock'])
  const data = root(paths.backupData)
  const secrets = Object.values(sealed).filter((name) => existsSync(`${data}/${name}`))
  const wanted = expected(root, copy, dump, secrets)
  const stored = await repository.store(data, [...(copy ? ['current'] : []), ...(dump === undefined ? [] : [dumpFolder]), ...secrets])
  for (const [path, hash] of Object.entries(wanted)) {
    if (await repository.hashOf(stored, path) !== hash) throw new OperatorError(`${path.slice(1)} reads back other than it was stored`)
  }
  const shares = Math.min(parts, 1 + Math.floor(await repository.size() / atOnce))
  await repository.runAlone(['check', `--read-data-subset=${Math.floor(Date.now() / 86_400_000) % shares + 1}/${shares}`])
  const snapshot = await repository.approve(stored)
  const finished = timestamp()
  note(root(files.state), {
    error: null, failed: null, stored: copy?.made ?? null, dump: dump ?? null, last_success: finished, last_verified: finished, snapshot: snapshot.slice(0, 8),
    database: copy?.database ?? null, secrets: secrets.includes(sealed.file) ? readJsonObject(`${data}/${sealed.note}`)['made'] ?? null : null,
  })
  const kept = await removeOld(root, repository, snapshot)
  await measure(root, copy, kept, (performance.now() - began) / 1000)
  return `stored and verified as ${snapshot.slice(0, 8)}, ${kept} kept in ${repository.where}`
}

/** The hashes by which a stored file is known: of the databases those that were noted when they were found whole. */
function expected(root: Root, copy: CopyNote | undefined, dump: string | undefined, secrets: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    ...(copy && { [`/current/${copyNote}`]: hashOf(`${root(files.current)}/${copyNote}`) }),
    ...(copy?.database && { [`/current/${database}`]: copy.database.sha256 }),
    ...Object.fromEntries(secrets.map((name) => [`/${name}`, hashOf(root(`${paths.backupData}/${name}`))])),
    ...(dump !== undefined && dumpHashes(root, dump)),
  }
}

/**
 * Only now, with a verified newest one, older ones are removed. Those that were never verified do not count, and go when they are older
 * than this one. Returns how many verified ones are left.
 */
async function removeOld(root: Root, repository: Repository, snapshot: string): Promise<number> {
  const setting = settings(root)
  const keep = ['daily', 'weekly', 'monthly'].flatMap((name) => (setting(`keep_${name}`) === '0' ? [] : [`--keep-${name}`, setting(`keep_${name}`)]))
  const found = await repository.snapshots()
  const { time } = found.find(({ id }) => id === snapshot)!
  try {
    await repository.forget(found.filter((one) => !isVerified(one) && one.time < time).map(({ id }) => id), keep)
    note(root(files.state), { note: null })
  } catch (error) {
    // The backup itself is made: this is put off to the next.
    note(root(files.state), { note: `old backups were not removed: ${faultOf(error)}` })
  }
  return (await repository.snapshots()).filter(isVerified).length
}

/** Written after a good backup alone: the age of the file is the age of the backup. */
async function measure(root: Root, copy: CopyNote | undefined, kept: number, seconds: number): Promise<void> {
  const folder = root(paths.backupMetrics)
  if (!existsSync(folder)) return
  const page = new Page()
  page.gauge('stack_backup_last_success_timestamp_seconds', 'When the last backup was stored and verified.', Math.round(Date.now() / 1000))
  page.gauge('stack_backup_duration_seconds', 'How long storing and verifying it took.', Math.round(seconds * 10) / 10)
  page.gauge('stack_backup_database_bytes', 'Size of the signer\'s database in it.', copy?.database?.bytes ?? 0)
  page.gauge('stack_backup_snapshots', 'Verified backups that are kept.', kept)
  writeAtomically(`${folder}/backup.prom`, await page.text(), { mode: 0o644 })
}
