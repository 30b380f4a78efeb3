/** Text from programs, logs and peers as it may be shown, and the times in it: seconds since 1970. */

import { printableLine } from '../../../../generator/printable.ts'
import { Missing } from './missing.ts'

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

export interface LogLine {
  readonly at: number
  readonly text: string
}

/** The seconds of a time like 2026-11-21T12:00:00.123456789Z. */
export function secondsOf(text: string): number {
  const [, whole, fraction = '', zone] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? []
  const milliseconds = Date.parse(`${whole}${zone}`)
  if (Number.isNaN(milliseconds)) throw new Missing(`not a time: ${plain(text, 40)}`)
  return milliseconds / 1000 + Number(`0${fraction}`)
}

/** The lines that begin with a time, without whatever may be a key. */
export function logLines(text: string): readonly LogLine[] {
  return text.split('\n').flatMap((line) => {
    const blank = line.indexOf(' ')
    try {
      return [{ at: secondsOf(blank < 0 ? line : line.slice(0, blank)), text: blank < 0 ? '' : withoutKeys(line.slice(blank + 1)) }]
    } catch {
      return []
    }
  })
}

/** How long ago, for people. */
export function duration(seconds: number): string {
  for (const [unit, length] of [['days', 86400], ['h', 3600], ['min', 60]] as const) {
    if (seconds >= 2 * length) return `${(seconds / length).toFixed()} ${unit}`
  }
  return `${Math.max(0, seconds).toFixed()} s`
}
