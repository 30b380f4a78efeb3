/** Changes one value of an answer file and leaves every other byte as it is. */

import { scan } from './lines.ts'

/**
 * `text` with the value of `key` replaced inside its own quotes, or with a line added at the end where the file does
 * not give it. Comments, order, blanks and line ends stay. Undefined where no single line holds the value: it is given
 * twice, or spans lines. Throws for a value that would need quoting.
 */
export function rewriteAnswer(text: string, key: string, value: string): string | undefined {
  if (!/^[\w.-]+$/.test(value)) throw new Error(`${key} cannot be rewritten to this value`)
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const parts = text.slice(mark.length).split(/(\r\n|\n|\r)/)
  const lines = parts.filter((_, index) => index % 2 === 0)
  const [found, ...others] = scan(lines).assignments.filter((assignment) => assignment.key === key)
  if (!found) return appended(text, mark, `${key}=${value}`, parts[1] ?? '\n')
  if (others.length > 0 || found.endLine !== found.line) return undefined
  const line = lines[found.line - 1]!
  const quoted = found.quote === 'none' ? 0 : 1
  const start = found.valueColumn - 1 + quoted
  // An empty unquoted value is counted as one column wide.
  const end = Math.max(start, Math.min(found.endColumn - quoted, line.length))
  const empty = found.quote === 'none' && /^\s*(#|$)/.test(line.slice(start))
  parts[(found.line - 1) * 2] = `${line.slice(0, start)}${value}${empty && line.slice(start).trim() ? ' ' : ''}${line.slice(empty ? start : end)}`
  return mark + parts.join('')
}

function appended(text: string, mark: string, line: string, lineEnd: string): string {
  const gap = text === mark || /[\r\n]$/.test(text) ? '' : lineEnd
  return `${text}${gap}${line}${lineEnd}`
}
