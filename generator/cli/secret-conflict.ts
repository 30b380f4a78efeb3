/** What is said where an answer names another secret than the one that is stored. */

import type { Answers } from '../answers/check.ts'
import type { SecretKey } from '../answers/schema.ts'
import { error, type Problem } from '../problem.ts'

/** `files` are all that hold the stored one, the first of them the one to name. */
export function secretConflict(answers: Answers, key: SecretKey, files: readonly string[]): Problem {
  return error('secret-conflict', `${key} differs from the stored ${files[0]}, and an existing secret is never changed`, answers.place(key),
    `remove the line to keep the stored one, or move ${files.join(' and ')} away first`)
}
