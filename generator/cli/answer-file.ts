/** The answer file of a run: where it stands, what it says, and whether it is committed with the stack. */

import { existsSync, realpathSync } from 'node:fs'
import system, { type PlatformPath } from 'node:path'
import { checkAnswers, guessOf, type Answers } from '../answers/check.ts'
import { findSecrets } from '../answers/find-secrets.ts'
import type { KnownSecret } from '../answers/known-secrets.ts'
import { readAnswers, type Entry } from '../answers/read.ts'
import { findAnswer, isSecretAnswer } from '../answers/schema.ts'
import { readRegularText } from '../io/regular-file.ts'
import { readSecrets } from '../io/secret-store.ts'
import { error, hasErrors, type Problem, type Result } from '../problem.ts'
import type { Place } from './place.ts'
import { exposedFile } from './secret-lines.ts'

/** The answer file's text; a Problem where there is none, or none that is text. */
export function readAnswerText({ path, file: shown }: Place): Result<string> {
  try {
    const read = readRegularText(path, { links: 'follow' })
    return 'text' in read ? { value: read.text, problems: [] } : { problems: [error('unreadable-answers', `${shown} ${read.why}`)] }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT') {
      return { problems: [error('no-answers', `${shown}: there is no such answer file`, undefined,
        'make one: create-stacks-signer-stack --example > answers.env')] }
    }
    return { problems: [error('unreadable-answers', `${shown} cannot be read (${String(code)})`)] }
  }
}

/** A text, checked for the place where it stands. */
export interface Checked {
  /** Undefined when there are errors among `problems`. */
  readonly answers?: Answers
  /** With errors: the answers in which further problems can be looked for. Absent where the text cannot be read line by line. */
  readonly partial?: Answers
  readonly entries: readonly Entry[]
  readonly problems: readonly Problem[]
  readonly inside: boolean
  /** The secrets that the text gives and that are stored: no message and no committed file may hold one. */
  readonly known: readonly KnownSecret[]
}

export async function checkedAnswers(place: Place, text: string): Promise<Checked> {
  const inside = !place.typed && isInside(place.directory, place.path)
  const read = readAnswers(place.file, text)
  const known = [...read.entries.filter(({ key, value }) => isSecretAnswer(key) && value !== '').map(({ key, value }) => ({ what: key, value })), ...storedSecrets(place.directory)]
  const secrets = await findSecrets({ file: place.file, text, known, folder: `${place.shownDirectory === '.' ? '' : `${place.shownDirectory}/`}secrets/` })
  const hidden = secrets.map((problem): Problem => {
    const misspelt = read.entries.find(({ key, line }) => line === problem.at!.line && !findAnswer(key))
    const guess = misspelt && guessOf(misspelt.key)
    return guess !== undefined && isSecretAnswer(guess) ? { ...problem, hint: `did you mean ${guess}?\n${problem.hint}` } : problem
  })
  const lines = new Set(hidden.map(({ at }) => at!.line))
  const holds = ({ line, endLine }: Pick<Entry, 'line' | 'endLine'>) => [...lines].some((one) => one >= line && one <= endLine)
  // Of a line that holds a secret nothing else is said: what would be shown of it might be a part of that.
  const entries = read.entries.map((entry): Entry => (holds(entry) ? { ...entry, broken: true } : entry))
  const checked = checkAnswers(place.file, entries, { secretsAllowed: !inside, outputDirectory: place.shownDirectory })
  const exposed = inside || place.typed ? [] : exposedFile(place, read.entries)
  const problems = [...read.problems.filter(({ at }) => !at || !lines.has(at.line)), ...hidden, ...exposed, ...checked.problems]
  const partial = hasErrors(read.problems) ? undefined : checked.partial ?? checked.value
  return { ...(!hasErrors(problems) ? checked.value && { answers: checked.value } : partial && { partial }), entries: read.entries, problems, inside, known }
}

/** What can be read of them; what is wrong with a file is said by those who need it. */
export function storedSecrets(directory: string): readonly KnownSecret[] {
  return ['', 'signer-host/', 'node-host/'].flatMap((home) => Object.entries(readSecrets(directory, home).value ?? {}).map(([name, value]) => ({ what: `${home}secrets/${name}`, value })))
}

/**
 * Judged on real paths, by the system's own spelling: neither a link nor a letter's case must make a committed file look
 * like one outside.
 */
function isInside(directory: string, file: string): boolean {
  const root = existsSync(directory) ? realpathSync.native(directory) : directory
  return isBelow(root, realpathSync.native(file))
}

/** Whether the way from `root` to `file`, both absolute, never leaves `root`. On another drive there is no way. */
export function isBelow(root: string, file: string, paths: PlatformPath = system): boolean {
  const way = paths.relative(root, file)
  return way !== '..' && !way.startsWith(`..${paths.sep}`) && !paths.isAbsolute(way)
}
