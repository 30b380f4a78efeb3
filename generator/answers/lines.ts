/** Finds the assignments in the lines of an answer file, and every line that is none. */

import { looksSecret } from './mask.ts'
import { findAnswer } from './schema.ts'

export interface Assignment {
  readonly key: string
  readonly line: number
  readonly endLine: number
  readonly keyColumn: number
  /** Where the value begins, its quote included, and the last column of it. */
  readonly valueColumn: number
  readonly endColumn: number
  readonly quote: 'none' | 'single' | 'double' | 'back'
}

export interface Fault {
  readonly code: string
  /** The name, where the line has one. */
  readonly key?: string
  readonly line: number
  readonly column: number
  readonly length?: number
  readonly message: string
  readonly hint: string
  /** From this offset on the line may hold a secret; absent where the line is to be searched for one. */
  readonly hideFrom?: number
}

export interface Scanned {
  readonly assignments: readonly Assignment[]
  readonly faults: readonly Fault[]
}

const quotes = { "'": 'single', '"': 'double', '`': 'back' } as const
const blank = /^[^\S\n]*(?:#.*)?$/s
const head = /^([^\S\n]*)(export[^\S\n]+)?([^\s=]+)[^\S\n]*=[^\S\n]*/
const name = /^[A-Za-z][\w.-]*$/
const example = 'an answer is NAME=value, one a line; # begins a comment'

/** Lines and columns count from 1. Every line that is not blank ends up in an assignment or in a fault. */
export function scan(lines: readonly string[]): Scanned {
  const assignments: Assignment[] = []
  const faults: Fault[] = []
  // What follows a secret may be the rest of it: after an open quote whatever it looks like, else where it is no assignment.
  let hiding: 'all' | 'malformed' | 'nothing' = 'nothing'
  for (let index = 0; index < lines.length; index += 1) {
    if (blank.test(lines[index]!)) continue
    const found = assignmentAt(lines, index)
    const ours = 'key' in found && found.key !== undefined && isOurs(found.key)
    if (!ours && (hiding === 'all' || (hiding === 'malformed' && 'code' in found))) {
      faults.push({ ...malformed(lines[index]!, index + 1), hideFrom: 0 })
    } else if ('code' in found) {
      faults.push(found)
      hiding = found.hideFrom === undefined ? 'nothing' : found.code === 'open-quote' ? 'all' : 'malformed'
    } else {
      assignments.push(found)
      index = found.endLine - 1
      hiding = looksSecret(found.key) ? 'malformed' : 'nothing'
    }
  }
  return { assignments, faults }
}

function isOurs(key: string): boolean {
  return findAnswer(key) !== undefined || /^(SIGNER|NODE)__/.test(key)
}

function assignmentAt(lines: readonly string[], index: number): Assignment | Fault {
  const text = lines[index]!
  const line = index + 1
  const match = head.exec(text)
  if (!match) return malformed(text, line)
  const [all, indent, prefix = '', key] = match as unknown as [string, string, string | undefined, string]
  const keyColumn = indent.length + prefix.length + 1
  if (!name.test(key)) {
    return { code: 'invalid-name', line, column: keyColumn, length: key.length, message: 'this is not a name: letters, digits and underscores, beginning with a letter', hint: example,
      ...(looksSecret(key) && { hideFrom: all.length }) }
  }
  const start = { key, line, keyColumn, valueColumn: all.length + 1 }
  const opened = text[all.length]
  if (opened !== undefined && opened in quotes) return quoted(lines, index, start, opened as keyof typeof quotes)
  return unquoted(text, start)
}

type Start = Pick<Assignment, 'key' | 'line' | 'keyColumn' | 'valueColumn'>

function unquoted(text: string, start: Start): Assignment | Fault {
  const value = text.slice(start.valueColumn - 1)
  const cut = value.indexOf('#')
  const glued = cut > 0 ? !/\s/.test(value[cut - 1]!) : cut === 0 && text[start.valueColumn - 2] === '='
  if (cut >= 0 && glued) {
    return { ...fault('cut-value', start, 'an unquoted # begins a comment and cuts the value here', "put the value in single quotes: NAME='value'"),
      column: start.valueColumn + cut }
  }
  const kept = (cut >= 0 ? value.slice(0, cut) : value).trimEnd()
  return { ...start, endLine: start.line, endColumn: start.valueColumn + Math.max(kept.length, 1) - 1, quote: 'none' }
}

function quoted(lines: readonly string[], index: number, start: Start, quote: keyof typeof quotes): Assignment | Fault {
  const from = start.valueColumn
  for (let at = index; at < lines.length; at += 1) {
    const close = closingQuote(lines[at]!, at === index ? from : 0, quote)
    if (close < 0) continue
    const rest = lines[at]!.slice(close + 1)
    if (blank.test(rest)) return { ...start, endLine: at + 1, endColumn: close + 1, quote: quotes[quote] }
    if (at > index) break
    return { ...fault('after-quote', start, 'there is text after the closing quote', `put the whole value into one pair of quotes, of a kind that it does not hold`),
      column: close + 2 + rest.search(/\S/) }
  }
  return fault('open-quote', start, `the quote ${quote} is not closed`, `end the value with ${quote}${quote === "'" ? '' : ", or put it in single quotes"}`)
}

function closingQuote(text: string, from: number, quote: string): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 1)) {
    if (text[at - 1] !== '\\') return at
  }
  return -1
}

function malformed(text: string, line: number): Fault {
  const [, indent, name = '', colon] = /^(\s*(?:export\s+)?)([A-Za-z][\w.-]*)?(:\s)?/.exec(text)!
  const base = { code: 'not-an-assignment', line, column: text.search(/\S/) + 1, ...(isOurs(name) && { key: name }) }
  if (name && colon) return { ...base, message: 'NAME: value is not an answer', hint: 'write = in place of the colon' }
  const bare = name !== '' && text.slice(indent!.length).trim() === name
  return { ...base, message: bare ? 'this name has no = and no value' : 'this line is not an assignment', hint: example }
}

function fault(code: string, start: Start, message: string, hint: string): Fault {
  return { code, key: start.key, line: start.line, column: start.valueColumn, message, hint, ...(looksSecret(start.key) && { hideFrom: start.valueColumn - 1 }) }
}
