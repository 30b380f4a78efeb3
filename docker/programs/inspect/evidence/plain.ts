/** Text from programs, logs and peers, as it may be shown. */

import { printableLine } from '../../../../generator/printable.ts'

/** Long enough to be a key. */
const longHexadecimal = /(?:0x)?[0-9a-f]{40,}/gi

/** The text with nothing in it that is long enough to be a key. */
export function withoutKeys(text: string): string {
  return text.replace(longHexadecimal, (digits) => `${digits.slice(0, 10)}…`)
}

/** One line for a terminal: without keys and control characters, and no longer than `most`. */
export function plain(text: string, most = 2000): string {
  const hidden = withoutKeys(text).replaceAll('\t', ' ')
  return printableLine(hidden.length > most ? `${hidden.slice(0, most)}…` : hidden)
}
