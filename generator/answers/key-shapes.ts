/** Finds what looks like a private key in a text, in every notation in which people and programs write one. */

import { isPublicKey } from '../public-key.ts'

/** A part of a text, from `start` up to but not including `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** What is refused: fewer digits are a commit or a UUID more often than a key. What is only hidden may be a part of one, or a damaged one. */
const least = { whole: 48, part: 24 } as const
export type Extent = keyof typeof least

const hexRun = { whole: /(?:0x)?[0-9a-f]{48,}/gi, part: /(?:0x)?[0-9a-f]{24,}/gi } as const
/** Groups of digits with the same separators between them; where a line ends, the comment sign of the next may come too. */
const hexGroups = /(?<![0-9a-z])(?:0x)?[0-9a-f]{2,32}(?:(?:[ \t:_.,'"|/-]{1,4}|[ \t,]*\n[ \t#]*)(?:0x)?[0-9a-f]{2,34}){1,}(?![0-9a-z])/gi
/** Words as in a mnemonic. In its list none of the words that are left out occurs, and few sentences are without all of them. */
const word = '(?!(?:and|are|but|for|from|has|its|not|only|than|the|then|they|was|when|with|which)(?![a-z]))[a-z]{3,8}(?![a-z])'
/** Eleven in a row, or six without the underscores that names have between their words. */
const wordRows = [['[^a-z]', 11], ['[^a-z_]', 6]].map(([gap, count]) => new RegExp(`(?<![a-z])${word}(?:${gap}{1,12}${word}){${Number(count) - 1},}`, 'gi'))
const base64Run = /(?<![\w+/-])(?!(?:SIGNER|NODE|SBTC)__)(?:[A-Za-z0-9+/]{43,}|[\w-]{43,})={0,2}(?![\w+/=-])/g
const fixed = [
  /\b[5KLc9][1-9A-HJ-NP-Za-km-z]{50,51}\b/g,
  /\b[a-z]prv[1-9A-HJ-NP-Za-km-z]{50,}/g,
  /AGE-SECRET-KEY-[0-9A-Z]*/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
] as const

/** What is public behind a label: only values as long as the label's are, so that a private key behind it is still seen. */
const publicValues = ([
  ['sha-?(?:1|256|512)|digest|hash|checksum', /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/i],
  ['block[ _-]?hash|txid', /^(?:0x)?[0-9a-f]{64}$/i],
  ['fingerprint', /^[0-9a-f]{2}(?::?[0-9a-f]{2}){15,31}$/i],
  ['public[ _-]?keys?', /^(?:0x)?0(?:[23][0-9a-f]{64}|4[0-9a-f]{128})$/i],
] as const).map(([label, value]) => ({ label: new RegExp(`(?:${label})["'\`)]*[\\s:=]*["'\`]?$`, 'i'), value }))

/** Everything of that kind, in order and without overlaps. Rows of words that may be a mnemonic are hidden, not refused: mnemonic.ts finds those. */
export function keyShapes(text: string, extent: Extent = 'whole'): readonly Span[] {
  const found = [
    ...fixed.flatMap((pattern) => matches(text, pattern)),
    ...matches(text, hexRun[extent]),
    ...matches(text, hexGroups).flatMap((span) => equalGroups(text, span, extent)),
    ...(extent === 'part' ? wordRows.flatMap((row) => matches(text, row)) : []),
    ...matches(text, base64Run).filter(({ start, end }) => holdsKey(text.slice(start, end))),
  ].filter((span) => !isPublic(text, span)).sort((a, b) => a.start - b.start)
  const apart: Span[] = []
  for (const span of found) {
    const last = apart.at(-1)
    if (last && span.start < last.end) apart[apart.length - 1] = { start: last.start, end: Math.max(last.end, span.end) }
    else apart.push(span)
  }
  return apart
}

function matches(text: string, pattern: RegExp): Span[] {
  return [...text.matchAll(pattern)].map(({ index, 0: { length } }) => ({ start: index, end: index + length }))
}

/** Whether a value is public, by what stands before it or by what it is. */
function isPublic(text: string, { start, end }: Span): boolean {
  const value = text.slice(start, end)
  const before = text.slice(Math.max(0, start - 30), start)
  return publicValues.some((one) => one.label.test(before) && one.value.test(value)) || before.endsWith('SHA256:') || isPublicHex(value, text[end])
}

/** A public key of the curve. What might be a private key with its mark of a compressed one is none, unless it names a peer. */
function isPublicHex(found: string, next?: string): boolean {
  const digits = found.replace(/^0x/i, '').toLowerCase()
  if (digits.length === 130) return digits.startsWith('04')
  return digits.length === 66 && /^0[23]/.test(digits) && (next === '@' || !digits.endsWith('01')) && isPublicKey(digits)
}

/** The part of a row of groups that may be one key: groups of one size, only the last of them shorter. */
function equalGroups(text: string, { start, end }: Span, extent: Extent): readonly Span[] {
  const groups = [...text.slice(start, end).matchAll(/(?:0x)?([0-9a-f]+)([^0-9a-f]*)/gi)].map(({ index, 0: all, 1: digits = '', 2: gap = '' }) => (
    { at: start + index, to: start + index + all.length - gap.length, digits, gap: gap.includes('\n') ? '\n' : gap }))
  const all = groups.map((group) => group.digits).join('')
  // A part of a damaged key has groups of any size, longer ones than addresses have.
  if (extent === 'part' && all.length >= least.part && all.length > 4 * groups.length && /[a-f]/i.test(all)) return [{ start, end }]
  const spans: Span[] = []
  for (let first = 0; first < groups.length;) {
    const { digits: { length: size }, gap } = groups[first]!
    let last = first
    // The gap before a group is that of the group before it; a line end may stand for any.
    const goesOn = (more: (next: number) => boolean) => groups[last + 1] !== undefined && [gap, '\n'].includes(groups[last]!.gap) && more(groups[last + 1]!.digits.length)
    while (goesOn((next) => next === size)) last += 1
    if (goesOn((next) => next < size)) last += 1
    const digits = groups.slice(first, last + 1).map((group) => group.digits).join('')
    // A whole IPv6 address is no part of a key.
    const found = digits.length >= least[extent] && /[a-f]/i.test(digits) && !(size === 4 && gap === ':' && digits.length <= 32)
    if (found) spans.push({ start: groups[first]!.at, end: groups[last]!.to })
    // The last group may be the first of others.
    first = found ? last + 1 : Math.max(first + 1, last)
  }
  return spans
}

/** Whether base64 holds the 32 bytes of a key, or its digits as text. */
function holdsKey(found: string): boolean {
  const bytes = Buffer.from(found.replaceAll('-', '+').replaceAll('_', '/'), 'base64')
  if (/^\s*(?:0x)?[0-9a-f]{64}(?:01)?\s*$/i.test(bytes.toString('latin1'))) return true
  return [/[a-z]/, /[A-Z]/, /[0-9]/].every((kind) => kind.test(found)) && (bytes.length === 32 || (bytes.length === 33 && bytes[32] === 1))
}
