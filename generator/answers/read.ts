/**
 * The text of an answer file becomes entries that know their place. dotenv decides each value; where a value begins
 * and ends is found here, and whatever dotenv would drop or change in silence is a problem.
 */

import { parse } from 'dotenv'
import { error, hasErrors, sortProblems, type Place, type Problem } from '../problem.ts'
import { scan, type Assignment, type Scanned } from './lines.ts'
import { hidesValue, maskLine, shown } from './mask.ts'
import { answers } from './schema.ts'

/** One assignment of the answer file. */
export interface Entry {
  readonly key: string
  readonly value: string
  /** First and last line of the assignment; they differ when quoted text spans lines. */
  readonly line: number
  readonly endLine: number
  /** Single-quoted and backquoted text is taken literally; in double quotes \n and \r are line ends. */
  readonly quote: Assignment['quote']
  readonly keyPlace: Place
  readonly valuePlace: Place
  /** The line is reported as a problem and its value is not known; only the name counts. */
  readonly broken?: true
}

export interface Read {
  readonly entries: readonly Entry[]
  readonly problems: readonly Problem[]
}

const sizeLimit = 1024 * 1024

/** Every assignment of `text` in order, with every line that is none reported. `file` is the name shown. */
export function readAnswers(file: string, text: string): Read {
  if (text.length > sizeLimit) {
    return unreadable(error('too-large', `the answer file has more than ${sizeLimit} characters`, { file, line: 1, column: 1 }))
  }
  const clean = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const nul = clean.indexOf('\0')
  if (nul >= 0) {
    const before = clean.slice(0, nul).split('\n')
    const at = { file, line: before.length, column: before.at(-1)!.length + 1 }
    return unreadable(error('not-text', 'there is a NUL character: this is not a text file', at))
  }
  const lines = clean.split('\n')
  const scanned = scan(lines)
  const entries: Entry[] = []
  const problems = scanned.faults.map((fault) => faultProblem(file, lines, fault))
  const lineOf = new Map<string, number>()
  for (const assignment of scanned.assignments) {
    const entry = readEntry(file, lines, assignment)
    const first = lineOf.get(entry.key)
    if (first === undefined) lineOf.set(entry.key, entry.line)
    else problems.push(duplicate(entry, first))
    entries.push(entry)
  }
  entries.push(...scanned.faults.flatMap((fault) => (fault.key === undefined ? [] : [brokenEntry(file, fault.key, fault)])))
  if (!hasErrors(problems)) problems.push(...disagreements(file, lines, entries, parse(clean)))
  return { entries, problems: sortProblems(problems) }
}

/** The required answers count as broken, so that none is called missing in a file that was not read. */
function unreadable(problem: Problem): Read {
  const at = { line: 1, column: 1 }
  return { entries: answers.filter((answer) => 'required' in answer).map(({ key }) => brokenEntry(problem.at!.file, key, at)), problems: [problem] }
}

function readEntry(file: string, lines: readonly string[], assignment: Assignment): Entry {
  const { key, line, endLine, keyColumn, valueColumn } = assignment
  const source = lines[line - 1]!
  const parsed = parse(lines.slice(line - 1, endLine).join('\n'))
  const value = Object.hasOwn(parsed, key) ? parsed[key]! : ''
  const hide = hidesValue(key, value)
  const masked = maskLine(source, hide ? valueColumn - 1 : source.length)
  const valueEnd = hide || endLine > line ? masked.length : Math.min(assignment.endColumn, masked.length)
  return {
    key,
    value,
    line,
    endLine,
    quote: assignment.quote,
    keyPlace: { file, line, column: keyColumn, source: masked, length: key.length },
    valuePlace: { file, line, column: valueColumn, source: masked, length: Math.max(1, valueEnd - valueColumn + 1) },
  }
}

function brokenEntry(file: string, key: string, { line, column }: { readonly line: number; readonly column: number }): Entry {
  const place = { file, line, column }
  return { key, value: '', line, endLine: line, quote: 'none', keyPlace: place, valuePlace: place, broken: true }
}

function duplicate(entry: Entry, first: number): Problem {
  return error('duplicate-answer', `${shown(entry.key).slice(1, -1)} is given twice, here and in line ${first}`, entry.keyPlace, 'keep one of the two lines')
}

function faultProblem(file: string, lines: readonly string[], fault: Scanned['faults'][number]): Problem {
  const source = lines[fault.line - 1]!
  const place = { file, line: fault.line, column: fault.column, source: maskLine(source, fault.hideFrom), length: fault.length ?? 1 }
  return error(fault.code, fault.message, place, fault.hint)
}

/** The whole file must say what the slices say: no value may depend on how the file was cut. */
function disagreements(
  file: string, lines: readonly string[], entries: readonly Entry[], whole: Readonly<Record<string, string>>,
): readonly Problem[] {
  const ours = new Map(entries.map((entry) => [entry.key, entry]))
  const differing = entries.filter(({ key, value }) => !Object.hasOwn(whole, key) || whole[key] !== value)
  const unseen = Object.keys(whole).filter((key) => !ours.has(key))
  if (unseen.length > 0 && differing.length === 0) {
    // dotenv takes two rare separators of Unicode for line ends, which no editor shows as such.
    const found = lines.findIndex((line) => /[\u2028\u2029]/.test(line))
    const line = Math.max(found, 0)
    const at = { file, line: line + 1, column: 1, source: maskLine(lines[line]!) }
    return [error('ambiguous', `the file can be read in two ways: here it could also assign ${shown(unseen[0]!).slice(1, -1)}`, at,
      'write one assignment a line, and end the lines with nothing else than a line end')]
  }
  return differing.map((entry) => error('ambiguous', 'the value can be read in two ways', entry.valuePlace,
    'put single quotes around it, and let no other quotes or backslashes stand beside them'))
}
