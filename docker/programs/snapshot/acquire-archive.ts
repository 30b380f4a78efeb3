/** Acquires an archive: which one, from where and in which way; then its bytes are fetched, verified and unpacked. */

import { setMaxListeners } from 'node:events'
import { createReadStream, existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import { join } from 'node:path'
import { readJsonObject, removeFile, writeJson } from '../shared/files.ts'
import { ArchiveClient } from './archive-client.ts'
import { chooseArchive } from './choose-archive.ts'
import { ConnectionLimiter } from './connection-limiter.ts'
import { ArchiveChanged, ArchiveRefused, OperatorError } from './errors.ts'
import { fetchPieces, fetchWhole, readPieces, type Fetching } from './fetch-archive.ts'
import type { Archive } from './find-archive.ts'
import { findLocal } from './local-archive.ts'
import { PartFile, dropPart, readStates } from './part-file.ts'
import { Pieces, pieceLength } from './pieces.ts'
import { readUnpacked, type Unpacked } from './places.ts'
import { progressLines } from './progress.ts'
import { reject } from './rejected-archive.ts'
import { shown, type Settings } from './settings.ts'
import { checkSpace, chooseMode, streamWindow } from './space.ts'
import { makeDurable, methodOf, verifyAndUnpack } from './verify-and-unpack.ts'

interface Source {
  readonly bytes: AsyncIterable<Buffer>
  /** How many bytes are here; undefined where they are unpacked as they come. */
  readonly here?: () => number
  /** Returns when nothing is written any more. */
  readonly close?: () => Promise<void>
}

/** Chain data in the staging folder: what an earlier start has unpacked, or else the archive, which is acquired now. */
export async function unpackedTree(settings: Settings): Promise<Unpacked> {
  const before = readUnpacked(settings.at)
  if (before && existsSync(before.root)) return before
  removeFile(settings.at.unpacked)
  return acquireArchive(settings)
}

async function acquireArchive(settings: Settings): Promise<Unpacked> {
  const { at, url, pinned, say, stop: stopped } = settings
  checkLine(url, pinned)
  // What a version before has set aside.
  for (const name of readdirSync(at.staging)) if (/^rejected-.*\.part$/.test(name)) removeFile(join(at.staging, name))
  say(`source ${shown(url)}`)
  const attempt = new AbortController()
  const stop = AbortSignal.any([attempt.signal, stopped])
  setMaxListeners(0, stop)
  const fail = (error: unknown) => { attempt.abort(error) }
  const client = new ArchiveClient(settings.connections, settings.stall, stop)
  let [archive, source, watch]: [Archive?, Source?, NodeJS.Timeout?] = []
  try {
    const chosen = archive = url.startsWith('file:') ? findLocal(url, pinned) : await chooseArchive(settings, client)
    if (archive.size === 0) throw new OperatorError('the archive is empty: set another SNAPSHOT_URL')
    methodOf(archive.head)
    source = await openSource(settings, { archive, client, stop, say, fail, limiter: new ConnectionLimiter(archive.ranges ? settings.connections : 1, settings.patience, say) })
    let used = 0
    watch = watchDisk(settings, archive.size, source, () => used, fail)
    const unpacked = await verifyAndUnpack(settings, archive, source.bytes, stop, (bytes) => { used = bytes }, (found) => { checkSum(settings, chosen, found) })
    say('writing everything to the disk')
    await makeDurable(settings)
    writeJson(at.unpacked, unpacked)
    return unpacked
  } catch (thrown) {
    const error: unknown = stop.aborted ? stop.reason : thrown
    if (archive && error instanceof ArchiveRefused) reject(at, archive, error.message)
    if (error instanceof ArchiveRefused || error instanceof ArchiveChanged) dropPart(at)
    await rm(at.tree, { recursive: true, force: true })
    throw error
  } finally {
    clearInterval(watch)
    // Nothing may write any more when the part is looked at again.
    fail(new Error('the attempt is over'))
    await source?.close?.()
    client.close()
  }
}

/** Throws for an archive and a checksum that come over a line on which anybody may have replaced both. */
function checkLine(url: string, pinned: string | undefined): void {
  if (!URL.canParse(url)) throw new OperatorError('SNAPSHOT_URL is not an address (it cannot be read)')
  const { protocol, hostname } = new URL(url)
  const loopback = hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
  if (protocol === 'http:' && !pinned && !loopback) {
    throw new OperatorError('SNAPSHOT_URL with http:// needs SNAPSHOT_SHA256, because somebody can replace the archive and its checksum together. '
      + 'Set SNAPSHOT_SHA256 from a source you trust, or an address that begins with https://')
  }
}

async function openSource(settings: Settings, fetching: Fetching): Promise<Source> {
  const { at, connections, say } = settings
  const { archive: { size = 0, path, ranges }, stop } = fetching
  const held = path ? undefined : readStates(at)
  const length = held?.length ?? pieceLength(size)
  const pieces = new Pieces(size, length, held?.states ?? new Uint8Array(Math.ceil(size / length)))
  const window = streamWindow(size, connections)
  const mode = chooseMode(settings, fetching.archive, pieces.bytes, window.pieces * window.length)
  if (path) return { bytes: createReadStream(path, { highWaterMark: 1 << 17, signal: stop }) }
  const before = readJsonObject(at.note)
  writeJson(at.note, { ...before, mode })
  if (mode === 'file' && ranges) {
    if (pieces.bytes > 0) say(`resuming with ${Math.floor((100 * pieces.bytes) / size)} % here`)
    return startPieces(fetching, await PartFile.keep(at, size, pieces.known), pieces)
  }
  if (pieces.bytes > 0 || before['mode'] === 'stream') say('starting from zero: a stream keeps nothing that a later start could use')
  removeFile(at.part)
  removeFile(at.map)
  if (!ranges) return { bytes: fetchWhole(fetching) }
  const part = await PartFile.window(at, window.pieces * window.length)
  return startPieces(fetching, part, new Pieces(size, window.length, new Uint8Array(Math.ceil(size / window.length)), window.pieces))
}

function startPieces(fetching: Fetching, part: PartFile, pieces: Pieces): Source {
  const fetched = fetchPieces(fetching, part, pieces)
  return { bytes: readPieces(part, pieces, fetching.stop), here: () => pieces.bytes, close: async () => { await fetched; await part.close() } }
}

/** A look, four times a second, at how far it is and how much room is left. */
function watchDisk({ at, say }: Settings, size: number | undefined, { here }: Source, used: () => number, fail: (error: unknown) => void): NodeJS.Timeout {
  const tell = progressLines(say)
  return setInterval(() => {
    try {
      checkSpace(at.data)
      const fetched = here?.()
      if (fetched === undefined || fetched === size) tell(here ? 'verifying and unpacking' : 'downloading', used(), size)
      else tell('downloading', fetched, size)
    } catch (error) {
      fail(error)
    }
  }, 250)
}

/** Throws if the archive is not the one that was published. What is here of it is kept: its checksum may be put right. */
function checkSum({ at, pinned, say }: Settings, archive: Archive, found: string): void {
  if (found !== archive.sha256) {
    const why = `the archive is not what ${pinned ? 'SNAPSHOT_SHA256' : 'its publisher'} says: sha256 ${found}, expected ${archive.sha256}`
    reject(at, archive, why, found)
    throw new OperatorError(why)
  }
  say(`verified: sha256 ${found}`)
}
