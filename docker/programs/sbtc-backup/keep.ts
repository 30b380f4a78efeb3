/** Which dumps may go. Only those that were proven count as kept, so that no failure, however long, ever costs a good one. */

import { isProven } from '../shared/dumps.ts'
import type { Policy } from './config.ts'
import { judgedOf, verifiedOf, type Dump } from './store.ts'

const day = 86_400_000

/** Each period by what names it: 1 January 1970 was a Thursday, and a week begins on Monday. */
const periods = {
  daily: (made: number) => Math.floor(made / day),
  weekly: (made: number) => Math.floor((made / day + 3) / 7),
  monthly: (made: number) => new Date(made).toISOString().slice(0, 7),
} as const

/**
 * Of the dumps, the oldest first: kept are the `last` newest proven ones, and all that came after the oldest of these; of the
 * older proven ones the newest of each day, week and month, as many as the policy has; and the newest of each aggregate
 * key. The rest goes. Order is that of the numbers; a clock that jumps can only make more be kept.
 */
export function dumpsToDrop(dumps: readonly Dump[], policy: Policy): readonly Dump[] {
  const proven = dumps.filter((dump) => isProven(judgedOf(dump))).reverse()
  if (proven.length <= policy.last) return []
  const oldest = proven[policy.last - 1]!.number
  const kept = new Set(newestOfEach(proven, (dump) => String(verifiedOf(dump)[0] ?? ''), Infinity))
  for (const [period, name] of Object.entries(periods) as [keyof typeof periods, (made: number) => unknown][]) {
    for (const dump of newestOfEach(proven, ({ manifest: { made } }) => (typeof made === 'string' && !Number.isNaN(Date.parse(made)) ? name(Date.parse(made)) : ''), policy[period])) kept.add(dump)
  }
  return dumps.filter((dump) => dump.number < oldest && !kept.has(dump))
}

/** The first dump of each name, and of the names the first `most`; those without a name all. */
function newestOfEach(dumps: readonly Dump[], nameOf: (dump: Dump) => unknown, most: number): readonly Dump[] {
  const seen = new Set<unknown>()
  return dumps.filter((dump) => {
    const name = nameOf(dump)
    if (name === '') return true
    if (seen.has(name) || seen.size >= most) return false
    seen.add(name)
    return true
  })
}
