/** What can go wrong, by what helps against it. An OperatorError is tried again too, but seldom: somebody has to put its cause right. */

import { errorCode } from '../../../generator/io/disk.ts'
import { OperatorError } from '../shared/program.ts'

export { OperatorError }

/** Goes away by itself. A server may ask for a rest of `after` seconds, and one that is `crowded` for fewer connections. */
export class RetryableError extends Error {
  readonly after: number
  readonly crowded: boolean

  constructor(message: string, after = 0, crowded = false) {
    super(message)
    this.after = after
    this.crowded = crowded
  }
}

/** There is nothing at the address. */
export class ArchiveGone extends OperatorError {}

/** The server now has another archive at the address than the one that was begun. */
export class ArchiveChanged extends RetryableError {}

/** The bytes are not a whole archive. Whether they came so, the checksum tells. */
export class ArchiveDamaged extends Error {}

/** The archive is no good, however often it is fetched. */
export class ArchiveRefused extends OperatorError {}

export function refused(why: string): ArchiveRefused {
  return new ArchiveRefused(`the archive is refused: ${why}; set another SNAPSHOT_URL`)
}

/** One line for the operator. A bug stays visible. */
export function messageOf(error: unknown): string {
  const code = errorCode(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk ran full: make room'
  if (!(error instanceof Error)) return `unexpected ${String(error)}`
  const known = error instanceof OperatorError || error instanceof RetryableError || 'syscall' in error
  return known ? error.message : `unexpected ${error.name}: ${error.message}`
}
