/** The wizard's answers as the file that would have given them. */

import { quoteAnswer } from '../answers/quote.ts'
import { completeExample } from '../answers/reference.ts'

/**
 * The complete commented answer file with `values` in force and everything else commented out. Throws for a value that
 * no quotes keep: the check of the answers refuses it first.
 */
export function answerFile(values: ReadonlyMap<string, string>): string {
  return completeExample(new Map([...values].map(([key, value]) => [key, quoted(key, value)])))
}

/** One `NAME=value` a line, for judging; undefined for a value that no quotes keep. */
export function assignments(values: ReadonlyMap<string, string>): string | undefined {
  const lines = [...values].map(([key, value]) => ({ key, text: quoteAnswer(value) }))
  return lines.some(({ text }) => text === undefined) ? undefined : lines.map(({ key, text }) => `${key}=${text}\n`).join('')
}

function quoted(key: string, value: string): string {
  const text = quoteAnswer(value)
  if (text === undefined) throw new Error(`${key} cannot be written`)
  return text
}
