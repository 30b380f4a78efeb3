/**
 * The answers of a file in which some are wrong or missing, so that one run tells what is wrong with the others too. Reading one of
 * those throws: a check that needs it says nothing.
 */

import type { Problem, Result } from '../problem.ts'
import type { PassThrough } from './pass-through.ts'
import { findAnswer, type AnswerKey } from './schema.ts'

class WrongAnswer extends Error {}

interface Guarded { readonly values: object; readonly secrets: object; readonly given: ReadonlySet<AnswerKey>; readonly passThrough: PassThrough }

/** `wrong` has the names of answers, and `passThrough` when a key that is passed through is wrong. */
export function partialAnswers<T extends Guarded>(answers: T, wrong: ReadonlySet<string>): T & { readonly partial: true } {
  const guarded = <T extends object>(target: T): T => new Proxy(target, {
    get: (values, key) => {
      if (wrong.has(String(key))) throw new WrongAnswer(String(key))
      return Reflect.get(values, key) as unknown
    },
  })
  return {
    ...answers, values: guarded(answers.values), secrets: guarded(answers.secrets), partial: true,
    // A wrong answer is there, so none is called missing or unused for it.
    given: new Set([...answers.given, ...[...wrong].filter((key) => findAnswer(key)).map((key) => key as AnswerKey)]),
    get passThrough(): PassThrough {
      if (wrong.has('passThrough')) throw new WrongAnswer('passThrough')
      return answers.passThrough
    },
  }
}

/** The result of a check; nothing where it needs a wrong answer. */
export function unlessWrong<T>(check: () => Result<T>): Result<T> {
  try {
    return check()
  } catch (cause) {
    return nothingIfWrong(cause)
  }
}

export async function unlessWrongLater<T>(check: () => Promise<Result<T>>): Promise<Result<T>> {
  return check().catch(nothingIfWrong)
}

function nothingIfWrong(cause: unknown): { readonly problems: readonly [] } {
  if (cause instanceof WrongAnswer) return { problems: [] }
  throw cause
}

/** The problems of each check that needs no wrong answer. */
export function problemsOf(...checks: readonly (() => readonly Problem[])[]): readonly Problem[] {
  return checks.flatMap((check) => unlessWrong(() => ({ problems: check() })).problems)
}
