/** How names and values of the originals are shown: on one line, shortened, and without anything that could be a secret. */

import { looksSecret, shown } from '../answers/mask.ts'

/** A name as it stands where that is plain, else quoted and escaped. */
export function label(name: string): string {
  return /^[\w.@[\]/ -]{1,120}$/.test(name) && shown(name) === `"${name}"` ? name : shown(name)
}

/** A value of a key that is known to hold no secret; what cannot be said in short is described. */
export function valueLabel(key: string, value: unknown): string {
  if (looksSecret(key)) return '[hidden]'
  if (typeof value === 'string') return shown(value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) {
    const strings = value.filter((one): one is string => typeof one === 'string')
    return strings.length === value.length && value.length <= 8 ? `[${strings.map(shown).join(', ')}]` : `a list of ${value.length}`
  }
  return value instanceof Date ? 'a date' : 'a table'
}
