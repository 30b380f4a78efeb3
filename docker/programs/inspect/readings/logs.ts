/** Whether the journal keeps the logs for as long as it should. The signer needs none of it. */

import type { Evidence } from '../evidence/evidence.ts'
import { plain } from '../evidence/text.ts'

/** The first setting of config/journald.conf that journald does not have; undefined where it has all, or Docker keeps the logs. */
export function journalFault(seen: Evidence): string | undefined {
  const [first] = seen.facts.logDays === 0 ? [] : seen.lines('journal')
  return first === undefined || first === '' ? undefined : plain(first)
}
