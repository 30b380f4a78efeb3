/** What the words of a run name: one answer file and perhaps a directory, or the answer files of a fleet. */

import { basename, dirname, join, resolve } from 'node:path'
import { kindOf } from '../../io/kind.ts'
import { printableLine } from '../../printable.ts'
import { error, type Problem, type Result } from '../../problem.ts'

export type Target =
  | { readonly kind: 'one'; readonly answers: string | undefined; readonly directory: string | undefined }
  | { readonly kind: 'fleet'; readonly stacks: readonly FleetWords[] }

/** One answer file of a fleet, and the directory that it generates, both as they are named. */
export interface FleetWords {
  readonly file: string
  readonly directory: string
}

/**
 * Two words or more are a fleet where each is an answer file: its name ends in .env, or a regular file stands there. A
 * directory never is one, whatever its name. `answers directory` stays what it is; any other mixture is an error.
 */
export function targetOf(words: readonly string[], cwd: string): Result<Target> {
  const isAnswers = (word: string) => {
    const kind = kindOf(resolve(cwd, word))
    return kind === 'file' || (kind !== 'directory' && word.endsWith('.env'))
  }
  const files = words.map(isAnswers)
  if (words.length < 2) return one(words)
  if (files.every(Boolean)) return fleet(words)
  if (words.length === 2 && !(files[1] && !files[0])) return one(words)
  const others = words.filter((_, index) => !files[index]).map((word) => JSON.stringify(printableLine(word))).join(', ')
  if (!files.some(Boolean)) return usage(`expected an answer file and a directory, or answer files alone, found ${words.length} words`)
  return usage(`expected an answer file and a directory, or answer files alone: ${others} ${words.length - files.filter(Boolean).length === 1 ? 'is none' : 'are none'}`)
}

function one([answers, directory]: readonly string[]): Result<Target> {
  return { value: { kind: 'one', answers, directory }, problems: [] }
}

function usage(message: string): Result<Target> {
  return { problems: [error('usage', message, undefined,
    'one stack: answers.env DIRECTORY; a fleet: fleet/*.env, each into the directory of its name beside it')] }
}

function fleet(words: readonly string[]): Result<Target> {
  const problems: Problem[] = []
  const stacks = words.flatMap((file) => {
    const directory = directoryOf(file)
    if (directory === undefined) problems.push(error('fleet-name', `${file}: in a fleet the name of an answer file is NAME.env, and its directory is NAME`))
    return directory === undefined ? [] : [{ file, directory }]
  })
  return problems.length > 0 ? { problems } : { value: { kind: 'fleet', stacks }, problems }
}

/** Beside the file, under its name; an answers.env is a stack's own copy and generates where it stands, as it does alone. */
function directoryOf(file: string): string | undefined {
  const name = basename(file)
  if (name === 'answers.env') return dirname(file)
  const own = /^(.+)\.env$/.exec(name)?.[1]
  return own === undefined || own === '.' || own === '..' ? undefined : join(dirname(file), own)
}
