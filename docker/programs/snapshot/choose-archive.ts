/** Goes on with the archive that an earlier start has begun, if it is still to be had; else with the one that is found now. */

import { readJsonObject, writeJson } from '../shared/files.ts'
import type { ArchiveClient } from './archive-client.ts'
import { ArchiveGone } from './errors.ts'
import { findArchive, probe, type Archive } from './find-archive.ts'
import { readHead } from './local-archive.ts'
import { bytesHere, dropPart } from './part-file.ts'
import { pieceLength } from './pieces.ts'
import { failures, isCleared, refuseRejected } from './rejected-archive.ts'
import { shown, type Settings } from './settings.ts'

export async function chooseArchive(settings: Settings, client: ArchiveClient): Promise<Archive> {
  const { at, url, pinned, say } = settings
  const held = heldArchive(settings)
  const rejected = held !== undefined && failures(at, held) > 0
  if (held && !rejected) {
    if (bytesHere(at) === held.size) return { ...held, path: at.part, head: readHead(at.part) }
    const now = await stillThere(client, held, say)
    if (now) return now
  }
  const archive = await findArchive(client, url, pinned, say)
  if (isCleared(at, archive) && bytesHere(at) === archive.size) {
    say('the archive that is here has the checksum that is now expected')
    hold(archive, settings)
    return { ...archive, path: at.part }
  }
  refuseRejected(at, archive)
  if (rejected) dropPart(at)
  hold(archive, settings)
  return archive
}

/** What an earlier start has begun; what is left of another address is dropped. */
function heldArchive({ at, url, pinned, say }: Settings): Archive | undefined {
  const note = readJsonObject(at.note)
  if (note['asked'] !== url) {
    if (note['asked'] !== undefined) say(`dropping what was fetched from ${shown(String(note['asked']))}`)
    dropPart(at)
    return undefined
  }
  const { url: object, sha256, size, version } = note as unknown as Archive
  if (typeof object !== 'string' || typeof size !== 'number' || (note['pinned'] && !pinned)) return undefined
  return { url: object, sha256: pinned ?? sha256, size, version: version ?? undefined, head: Buffer.alloc(0) }
}

/** The archive as the server has it now; undefined if that is another one. */
async function stillThere(client: ArchiveClient, held: Archive, say: (line: string) => void): Promise<Archive | undefined> {
  try {
    const now = await probe(client, held.url, held.sha256)
    if (now.size === held.size && (!now.version || !held.version || now.version === held.version)) return now
    say('starting from zero: the archive has changed')
  } catch (error) {
    if (!(error instanceof ArchiveGone)) throw error
    say(`${shown(held.url)} is not there any more (${error.message}): looking for another`)
  }
  return undefined
}

/** Notes the archive, so that the starts to come go on with this very object. What is here of another one is dropped. */
function hold({ url, sha256, size, version }: Archive, { at, url: asked, pinned }: Settings): void {
  const old = readJsonObject(at.note)
  const same = version !== undefined && old['url'] === url && old['size'] === size && old['version'] === version
  if (!same) dropPart(at)
  const segment = same ? old['segment'] : pieceLength(size ?? 0)
  writeJson(at.note, { ...(same && old), asked, url, pinned, sha256, size, version, segment })
}
