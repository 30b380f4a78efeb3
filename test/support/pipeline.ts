/** Plans the files of a stack from the text of its answers, without the disk. */

import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { readAssets } from '../../generator/io/assets.ts'
import { plan } from '../../generator/plan.ts'
import type { PlannedFile } from '../../generator/plan-types.ts'
import { hasErrors, renderProblem, type Problem } from '../../generator/problem.ts'
import { resolve } from '../../generator/stack/resolve.ts'
import { repository } from './repository.ts'

const assets = readAssets(repository)
const identity = { address: 'SP000000000000000000002Q6VF78', publicKey: '02'.padEnd(66, 'ab') }

/** The files by path, and the warnings. Throws if there is an error. */
export function planText(text: string): { readonly files: ReadonlyMap<string, PlannedFile>; readonly warnings: readonly Problem[] } {
  const read = readAnswers('answers.env', text)
  const checked = checkAnswers('answers.env', read.entries, { secretsAllowed: true, outputDirectory: '.' })
  const early = [...read.problems, ...checked.problems]
  const stack = hasErrors(early) || !checked.value ? undefined : resolve(checked.value, { identity })
  const warnings = [...early, ...(stack?.problems ?? [])]
  if (!stack?.value) throw new Error(warnings.map(renderProblem).join('\n'))
  return { files: new Map(plan(stack.value, assets).map((file) => [file.path, file])), warnings }
}
