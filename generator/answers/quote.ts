/** Writes a value into an answer file so that reading the file gives the same value again. */

import { readAnswers } from './read.ts'

/** What needs no quotes in any dialect of these files. */
const plain = /^[A-Za-z0-9_.:/@%+,-]+$/

/** Lines that would be drawn into a value that is not closed for every reader. */
const neighbours = { before: "BEFORE='it is'\n", after: `AFTER="it's"\nLAST='a \`b\` "c"'\n` } as const

/**
 * The value as it stands after `NAME=`, in the quotes that keep it: none, single, double, or backquotes. Undefined for
 * a value that none of them keeps, as one with all three kinds of quotes, or with a line end.
 */
export function quoteAnswer(value: string): string | undefined {
  if (plain.test(value)) return value
  if (/[\n\r\0\u2028\u2029]/.test(value)) return undefined
  return [`'${value}'`, `"${value}"`, `\`${value}\``].find((form) => readsBack(form, value))
}

function readsBack(form: string, value: string): boolean {
  const { entries, problems } = readAnswers('answers.env', `${neighbours.before}VALUE=${form}\n${neighbours.after}`)
  const [before, read, after, last] = entries
  return problems.length === 0 && entries.length === 4 && read?.value === value
    && before?.value === 'it is' && after?.value === "it's" && last?.value === 'a `b` "c"'
}
