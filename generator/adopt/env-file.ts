/** The `.env` beside a Compose file: what Compose fills in, and the settings of the official stacks-blockchain-docker. */

import { readAnswers } from '../answers/read.ts'
import { warning, type Problem } from '../problem.ts'
import type { Origin, SourceFile } from './model.ts'

export interface EnvEntry {
  readonly name: string
  readonly value: string
  readonly origin: Origin
}

export interface EnvFacts {
  readonly entries: readonly EnvEntry[]
  readonly values: ReadonlyMap<string, string>
  /** Lines that could not be read; none is shown, for any may hold a secret. */
  readonly problems: readonly Problem[]
}

export const noEnv: EnvFacts = { entries: [], values: new Map(), problems: [] }

/** Of a name given twice the last value counts, as it does for Compose. */
export function readEnv({ name: file, text }: SourceFile): EnvFacts {
  const read = readAnswers(file, text)
  const entries = read.entries.filter((entry) => !entry.broken)
    .map(({ key, value, line, keyPlace }) => ({ name: key, value, origin: { file, line, column: keyPlace.column } }))
  return {
    entries,
    values: new Map(entries.map(({ name, value }) => [name, value])),
    problems: read.problems.filter(({ code }) => code !== 'duplicate-answer').map(({ message, at }) =>
      warning('unread-line', `this line was not read: ${message}`, at && { file, line: at.line, column: at.column })),
  }
}
