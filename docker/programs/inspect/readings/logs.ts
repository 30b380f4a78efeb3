/** Whether the logs are kept for as long as they should be. The signer needs none of it. */

import type { Evidence } from '../evidence/evidence.ts'
import { listOf, numberOf } from '../evidence/fields.ts'

/** `trouble` is why they are not kept as they should be; undefined where Docker alone keeps them. */
export function keptLogs(seen: Evidence) {
  const days = seen.facts.logDays
  if (days === 0) return undefined
  const said = seen.answer('logs-kept')
  const bytes = numberOf(said['bytes'], 'bytes of logs-kept')
  const age = said['collectedSecondsAgo'] == null ? undefined : numberOf(said['collectedSecondsAgo'], 'collectedSecondsAgo of logs-kept')
  return { days, bytes, age, trouble: troubleOf(seen, age, listOf(said['trouble'], 'logs-kept').map(String)) }
}

function troubleOf(seen: Evidence, age: number | undefined, [trouble]: readonly string[]): string | undefined {
  // A stack just started has nothing to lose yet.
  if (age === undefined) return seen.now - Math.min(seen.now, ...[...seen.containers.keys()].map((name) => seen.started(name))) < 3600 ? undefined : 'never collected'
  if (age > 3600) return `last collected ${Math.floor(age / 3600)} h ago`
  return trouble === undefined ? undefined : `the last collection says: ${trouble}`
}
