/** What is refused unless the operator insists. */

import type { Answers } from '../answers/check.ts'
import type { AnswerKey } from '../answers/schema.ts'
import type { Verdict } from '../catalogue/compatibility.ts'
import { error, warning, type Problem } from '../problem.ts'

/** A combination known to fail: an error, or with ALLOW_UNSUPPORTED=yes a warning. */
export function refusal(answers: Answers, verdict: Verdict, key: AnswerKey): Problem {
  return answers.values.ALLOW_UNSUPPORTED === 'yes'
    ? warning(verdict.code, verdict.message, answers.place(key), verdict.instead)
    : error(verdict.code, verdict.message, answers.place(key), `${verdict.instead}\nALLOW_UNSUPPORTED=yes turns this refusal into a warning`)
}
