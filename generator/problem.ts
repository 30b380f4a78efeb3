/** What is wrong and where: the one shape in which every module reports a user's mistake. */

import { printable, printableLine } from './printable.ts'
import { paint, plainScreen, wrap, type Screen } from './screen.ts'

/** A place in a text that the user wrote; lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
  /** The source line, with the value of a secret already replaced. */
  readonly source?: string
  /** How many characters the caret underlines; 1 when absent. */
  readonly length?: number
}

export type Severity = 'error' | 'warning'

/** One problem. `code` is for programs and never changes its meaning; `message` is for people. */
export interface Problem {
  readonly code: string
  readonly severity: Severity
  readonly message: string
  readonly hint?: string
  readonly at?: Place
}

/** Either a value, or the problems that prevented it; warnings may accompany a value. */
export interface Result<T> {
  readonly value?: T
  readonly problems: readonly Problem[]
}

export function error(code: string, message: string, at?: Place, hint?: string): Problem {
  return { code, severity: 'error', message, ...(at && { at }), ...(hint && { hint }) }
}

export function warning(code: string, message: string, at?: Place, hint?: string): Problem {
  return { code, severity: 'warning', message, ...(at && { at }), ...(hint && { hint }) }
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error')
}

/** Sorted by file, line and column; problems without a place come last, in the order they were found. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort((a, b) => {
    if (!a.at || !b.at) return Number(!a.at) - Number(!b.at)
    if (a.at.file !== b.at.file) return a.at.file < b.at.file ? -1 : 1
    return a.at.line - b.at.line || a.at.column - b.at.column
  })
}

/** `FILE:LINE:COL: error: message`, the source line with a caret, the hint; lines are joined by LF. */
export function renderProblem(problem: Problem): string {
  return showProblem(problem, plainScreen)
}

/** The same for a screen: in colours where it has them, and wrapped at its width where it is a terminal. */
export function showProblem(problem: Problem, screen: Screen): string {
  const { at, severity, message, hint } = problem
  const place = at ? `${printableLine(at.file)}:${at.line}:${at.column}: ` : ''
  const [first = '', ...more] = wrap(`${place}${severity}: ${printableLine(message)}`, screen, 0, 2)
  // Only where the first words fit on the first line can they be told by colour.
  const opening = `${place}${severity}:`
  const head = first.startsWith(opening) ? `${place}${paint(screen, severity, `${severity}:`)}${first.slice(opening.length)}` : first
  const hints = hint ? printable(hint).split('\n').flatMap((line, index) => hintLines(line, index === 0, screen)) : []
  return [head, ...more.map((line) => `  ${line}`), ...sourceLines(at, severity, screen), ...hints].join('\n')
}

function hintLines(text: string, first: boolean, screen: Screen): readonly string[] {
  const lines = wrap(text, screen, 8)
  return lines.map((line, index) => (first && index === 0 ? `  ${paint(screen, 'hint', 'hint:')} ${line}` : `        ${line}`))
}

/** The source line and its caret; on a terminal the part of the line that fits, with the caret in it. */
function sourceLines(at: Place | undefined, severity: Severity, screen: Screen): readonly string[] {
  if (at?.source === undefined) return []
  const number = String(at.line)
  const gutter = (text: string) => paint(screen, 'faint', `  ${text.padStart(number.length)} |`)
  const { text, column } = part(printableLine(at.source), at.column, screen.columns && screen.columns - number.length - 5)
  const shown = `${gutter(number)} ${text}`
  if (column === undefined) return [shown]
  const lead = text.slice(0, column - 1).replace(/[^\t]/g, ' ')
  const room = screen.columns === undefined ? 60 : Math.max(1, text.length - lead.length)
  return [shown, `${gutter('')} ${lead}${paint(screen, severity, '^'.repeat(Math.max(1, Math.min(at.length ?? 1, room, 60))))}`]
}

const clipWidth = 160

/** What is shown of a source line, and where in that the place is; undefined where it is not in it. */
function part(source: string, column: number, width: number | undefined): { readonly text: string; readonly column?: number } {
  if (width === undefined) {
    if (source.length <= clipWidth) return { text: source, column }
    return { text: `${source.slice(0, clipWidth)}…`, ...(column <= clipWidth && { column }) }
  }
  const room = Math.max(8, width)
  if (source.length <= room) return { text: source, column }
  // A third of the width before the place says where one is.
  const start = Math.max(0, Math.min(column - 1 - Math.floor(room / 3), source.length - room))
  const [before, after] = [start > 0 ? '…' : '', start + room < source.length ? '…' : '']
  return { text: `${before}${source.slice(start + before.length, start + room - after.length)}${after}`, column: column - start }
}
