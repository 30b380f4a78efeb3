/** What is wrong and where: the one shape in which every module reports a user's mistake. */

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
  const { at, severity, message, hint } = problem
  const lines = [`${at ? `${at.file}:${at.line}:${at.column}: ` : ''}${severity}: ${message}`]
  if (at?.source !== undefined) {
    const number = String(at.line)
    const lead = at.source.slice(0, at.column - 1).replace(/[^\t]/g, ' ')
    const underline = '^'.repeat(Math.max(1, Math.min(at.length ?? 1, 60)))
    lines.push(`  ${number} | ${clip(at.source)}`)
    if (at.column <= clipWidth) lines.push(`  ${' '.repeat(number.length)} | ${lead}${underline}`)
  }
  if (hint) lines.push(...hint.split('\n').map((line, index) => (index === 0 ? `  hint: ${line}` : `        ${line}`)))
  return lines.join('\n')
}

const clipWidth = 160

function clip(source: string): string {
  return source.length > clipWidth ? `${source.slice(0, clipWidth)}…` : source
}
