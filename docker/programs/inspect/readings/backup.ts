/** How the backups fare, and the dumps of the sBTC signer's database. */

import { provenVerdicts } from '../../../../generator/catalogue/container.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { textOf } from '../evidence/fields.ts'
import { Missing } from '../evidence/missing.ts'
import { plain, secondsOf } from '../evidence/text.ts'

/** A backup is made each day; seconds. */
export const latest = 26 * 3600

/** Seconds since a time that the backups have noted. */
function ageOf(seen: Evidence, time: string): number | undefined {
  if (time === '') return undefined
  try {
    return Math.max(0, seen.now - secondsOf(time))
  } catch {
    throw new Missing('the state of the backups has an unexpected form')
  }
}

/** Whether the service answers, and has not noted anything yet. */
function isUnwritten(seen: Evidence, name: string): boolean {
  const section = seen.section(name)
  return section !== undefined && section.code !== 0 && section.err.includes('No such file')
}

/** `age` is that of the last good one in seconds, `secrets` when those in it were sealed, `trouble` what failed last. */
export function backupState(seen: Evidence) {
  if (isUnwritten(seen, 'backup.state')) return { age: undefined, last: null, secrets: '', trouble: '' }
  const state = seen.answer('backup.state')
  const text = (key: string) => textOf(state[key], 'backup.state')
  return {
    age: ageOf(seen, text('last_success')), last: text('last_success') || null, secrets: text('secrets'),
    trouble: plain(text('error') || text('copy_error') || text('note')),
  }
}

/** `verdict` is what was found of the newest dump, `proven` whether that makes it one to rely on, `stored` whether a backup holds it. */
export function dumpState(seen: Evidence) {
  if (isUnwritten(seen, 'sbtc-backup.state')) return { age: undefined, dump: null, verdict: '', why: '', proven: false, stored: false, trouble: '' }
  const state = seen.answer('sbtc-backup.state')
  const text = (key: string) => textOf(state[key], 'sbtc-backup.state')
  const dump = typeof state['verified_dump'] === 'string' ? state['verified_dump'] : null
  // A verdict on the one before says nothing of the newest.
  const isNewest = dump !== null && Number.isInteger(state['number']) && dump.includes(`-${String(state['number']).padStart(6, '0')}-`)
  const verdict = isNewest ? plain(text('verdict')) : ''
  return {
    age: ageOf(seen, text('last_success')), dump, verdict, why: plain(text('verdict_text'), 300), proven: provenVerdicts.includes(verdict),
    stored: isNewest && seen.has('backup.state') && seen.answer('backup.state')['dump'] === dump,
    trouble: plain(text('error')),
  }
}
