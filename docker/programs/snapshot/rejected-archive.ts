/** The archive that failed a check last: it is not fetched for ever. */

import { readJsonObject, writeJson } from '../shared/files.ts'
import { OperatorError } from './errors.ts'
import type { Archive } from './find-archive.ts'
import { type Places } from './places.ts'

/** A wrong checksum may be the line's fault once; the second time it is the archive's. */
const tries = 2

function identity({ url, sha256, size, version }: Archive) {
  return [url, sha256, size ?? null, version ?? null]
}

/** How often this very archive, with this very checksum, has failed. */
export function failures(at: Places, archive: Archive): number {
  const { archive: known, times } = readJsonObject(at.rejected)
  return JSON.stringify(known) === JSON.stringify(identity(archive)) ? Number(times) : 0
}

/** Throws if it has failed for good. */
export function refuseRejected(at: Places, archive: Archive): void {
  if (failures(at, archive) < tries) return
  throw new OperatorError(`${String(readJsonObject(at.rejected)['why'])}; it is not fetched again until there is another one, or another checksum, at the address`)
}

/** Notes a failure; without the checksum that was `found`, one for good. */
export function reject(at: Places, archive: Archive, why: string, found?: string): void {
  const times = found === undefined ? tries : failures(at, archive) + 1
  writeJson(at.rejected, { archive: identity(archive), found, size: archive.size, why, times })
}

/** Whether the bytes that failed are this archive after all, because its checksum has been put right since. */
export function isCleared(at: Places, archive: Archive): boolean {
  const { found, size } = readJsonObject(at.rejected)
  return found === archive.sha256 && size === archive.size
}
