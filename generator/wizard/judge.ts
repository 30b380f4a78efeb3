/** What the answers given so far mean, and what is wrong with one more: the judgement of the answer file, asked early. */

import { checkAnswers, type Answers } from '../answers/check.ts'
import { readAnswers } from '../answers/read.ts'
import { findAnswer, type AnswerKey, type AnswerValues } from '../answers/schema.ts'
import { error, hasErrors, type Problem } from '../problem.ts'
import type { Stack } from '../stack/model.ts'
import { resolve } from '../stack/resolve.ts'
import { assignments } from './answer-file.ts'

export interface Judgement {
  readonly answers?: Answers
  readonly stack?: Stack
  readonly problems: readonly Problem[]
}

export function judge(values: ReadonlyMap<string, string>): Judgement {
  const text = assignments(values)
  if (text === undefined) return { problems: [error('bad-value', 'an answer file cannot have this value')] }
  const read = readAnswers('answers.env', text)
  const checked = checkAnswers('answers.env', read.entries, { secretsAllowed: false, outputDirectory: '.' })
  const early = [...read.problems, ...checked.problems]
  if (hasErrors(early) || !checked.value) return { problems: early }
  const stack = resolve(checked.value)
  return { answers: checked.value, problems: [...early, ...stack.problems], ...(stack.value && { stack: stack.value }) }
}

/** The values in force, defaults included; undefined while a required answer is missing. */
export function valuesOf(given: ReadonlyMap<string, string>): AnswerValues | undefined {
  return judge(given).answers?.values
}

/** What Enter means: the default that the answers so far give, or for a required answer its example. */
export function fallbackOf(key: string, given: ReadonlyMap<string, string>): string | undefined {
  const row = findAnswer(key)
  if (row?.required) return row.example
  const value = valuesOf(given)?.[key as keyof AnswerValues & AnswerKey]
  return value === undefined ? undefined : String(value)
}

/**
 * Why `value` cannot be the answer beside those given, in a sentence or two; undefined when it can. Nothing is wrong
 * with the empty value where the answer may be absent. Answers still to come are not missed.
 */
export function faultOf(key: string, value: string, given: ReadonlyMap<string, string>): string | undefined {
  const { problems } = judge(value === '' ? given : new Map([...given, [key, value]]))
  for (const { severity, code, message, hint } of problems) {
    if (severity !== 'error') continue
    if (code !== 'missing-answer') return hint && code === 'bad-value' ? `${message}; ${hint.split('\n')[0]}` : message
    if (new RegExp(`^add a line (like )?${key}=`).test(hint ?? '')) return message
  }
  return undefined
}
