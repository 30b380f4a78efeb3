/** Brings chain data: what was unpacked beside its place is renamed into it. Every step survives being killed. */

import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { readJsonObject } from '../shared/files.ts'
import { unpackedTree } from './acquire-archive.ts'
import { holdsSomething, readUnpacked, whileLocked, writeMarker } from './places.ts'
import { recoverSwap } from './refresh.ts'
import { shown, type Settings } from './settings.ts'

/** Returns when chain data and marker are in place. */
export async function bringChain(settings: Settings): Promise<void> {
  const { at, network, say } = settings
  if (existsSync(at.swap)) await whileLocked(at, () => recoverSwap(settings))
  if (!existsSync(at.marker)) await whileLocked(at, async () => { if (!existsSync(at.marker)) await placeChain(settings) })
  if (!existsSync(at.refresh)) await rm(at.staging, { recursive: true, force: true })
  if (!existsSync(join(at.data, network))) say(`note: ${network}/ is not there; to fetch it again, remove ${basename(at.marker)} and start again`)
  const { source, sha256, date } = readJsonObject(at.marker)
  const place = source === 'existing' ? 'in place: chain data that was already there' : `in place: ${shown(String(source))} (sha256 ${String(sha256)}, ${String(date)})`
  say(`${place}; nothing more to do`)
}

async function placeChain(settings: Settings): Promise<void> {
  const { at, network } = settings
  const target = join(at.data, network)
  if (holdsSomething(target)) {
    // Renamed, and stopped before the marker was written?
    const unpacked = readUnpacked(at)
    writeMarker(at, unpacked && !existsSync(unpacked.root) ? unpacked : undefined)
    return
  }
  const unpacked = await unpackedTree(settings)
  // Takes the place of nothing or of an empty folder; fails if somebody has put chain data there meanwhile.
  await rename(unpacked.root, target)
  writeMarker(at, unpacked)
}
