/**
 * Replaces chain data on purpose. The new archive is fetched, verified and unpacked beside the old while the node runs; the swap
 * is two renames, for which the node must be stopped. At every moment the old is whole, or the new is.
 */

import { existsSync, readdirSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readJsonObject, removeFile, syncFolder, writeJson } from '../shared/files.ts'
import { timestamp } from '../shared/time.ts'
import { errorCode } from '../../../generator/io/disk.ts'
import { OperatorError } from './errors.ts'
import { holdsSomething, openAlone, readUnpacked, whileLocked, writeMarker, type Places, type Unpacked } from './places.ts'
import { unpackedTree } from './acquire-archive.ts'
import type { Settings } from './settings.ts'

/** Leaves the new chain data in the staging folder, ready for a swap. A run that was stopped goes on where it was. */
export async function refresh(settings: Settings): Promise<void> {
  const { at, network, say } = settings
  await whileLocked(at, async () => {
    await recoverSwap(settings)
    if (!existsSync(at.marker) || !holdsSomething(join(at.data, network))) throw new OperatorError('there is no chain data to replace: the snapshot fetches it by itself')
    writeJson(at.refresh, { since: timestamp() })
    await unpackedTree(settings)
  })
  say('the new chain data is unpacked and verified; it takes the place of the old with the swap')
}

/**
 * Two renames. The marker goes first: without it the node's container waits, so it never starts on half of this, and a snapshot
 * container that starts meanwhile finishes the swap or takes it back.
 */
export async function swap(settings: Settings): Promise<void> {
  const { at, network } = settings
  await whileLocked(at, async () => {
    await recoverSwap(settings)
    const unpacked = readUnpacked(at)
    if (!existsSync(at.refresh) || !unpacked || !existsSync(unpacked.root)) throw new OperatorError('nothing is unpacked for a swap: refresh first')
    const live = join(at.data, network)
    const used = databaseInUse(live)
    if (used) throw new OperatorError(`${used} is in use: stop the node first`)
    const old = `${network}.old-${timestamp().replaceAll(/[-:]/g, '')}`
    writeJson(at.swap, { old, unpacked, marker: readJsonObject(at.marker) })
    removeFile(at.marker)
    syncFolder(at.data)
    renameSync(live, join(at.data, old))
    await recoverSwap(settings)
  })
}

/** Brings a swap that was stopped to an end: forward once the old is moved aside, else back. */
export async function recoverSwap({ at, network, say }: Settings): Promise<void> {
  const note = readJsonObject(at.swap) as { readonly old?: string; readonly unpacked?: Unpacked; readonly marker?: unknown }
  if (note.old === undefined || !note.unpacked) {
    removeFile(at.swap)
    return
  }
  const [live, old] = [join(at.data, network), join(at.data, note.old)]
  if (!existsSync(old)) {
    // Nothing was moved, and the node may be running on it again.
    takeBack(at, note.marker)
    return
  }
  if (existsSync(note.unpacked.root)) renameSync(note.unpacked.root, live)
  if (!holdsSomething(live)) {
    renameSync(old, live)
    takeBack(at, note.marker)
    throw new OperatorError('the new chain data is gone, so the old is back in its place')
  }
  writeMarker(at, note.unpacked)
  removeFile(at.swap)
  await rm(at.staging, { recursive: true, force: true })
  say(`the new chain data is in place; the old is kept as ${note.old} until it is told to go`)
}

function takeBack(at: Places, marker: unknown): void {
  writeJson(at.marker, marker)
  removeFile(at.swap)
}

/** Deletes what swaps have kept. */
export async function forgetOld({ at, network, say }: Settings): Promise<void> {
  if (existsSync(at.swap)) throw new OperatorError('a swap is not finished: start the snapshot container first')
  const kept = readdirSync(at.data).filter((name) => name.startsWith(`${network}.old-`)).sort()
  for (const name of kept) {
    say(`deleting ${name}`)
    await rm(join(at.data, name), { recursive: true })
  }
  if (kept.length === 0) say('no old chain data is kept')
}

/** The database that a program has open in `live`; undefined if there is none. */
function databaseInUse(live: string): string | undefined {
  return ['chainstate/vm/index.sqlite', 'burnchain/sortition/marf.sqlite', 'burnchain/burnchain.sqlite', 'headers.sqlite'].find((name) => {
    const path = join(live, name)
    if (!existsSync(path)) return false
    try {
      const alone = openAlone(path)
      alone?.close()
      return alone === undefined
    } catch (error) {
      // What is no database has no user.
      if (errorCode(error) === 'ERR_SQLITE_ERROR') return false
      throw error
    }
  })
}
