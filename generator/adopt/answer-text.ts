/** The answer file that adopting writes: every answer with where it comes from, and at the end what was left out. */

import { quoteAnswer } from '../answers/quote.ts'
import { answerKeys } from '../answers/schema.ts'
import { label } from './label.ts'
import type { DraftAnswer, Finding, Origin } from './model.ts'

/** The answers in the order of the reference, passed-through keys after them. Of one that is given twice the first counts. */
export function inOrder(drafts: readonly DraftAnswer[]): readonly DraftAnswer[] {
  const rank = ({ key }: DraftAnswer) => {
    const index = (answerKeys as readonly string[]).indexOf(key)
    return index < 0 ? answerKeys.length : index
  }
  const first = new Map<string, DraftAnswer>()
  for (const draft of drafts) if (!first.has(draft.key)) first.set(draft.key, draft)
  return [...first.values()].sort((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1))
}

export function renderAnswers(directoryName: string, answers: readonly DraftAnswer[], findings: readonly Finding[]): string {
  const left = findings.filter(({ fate }) => fate === 'left-out')
  const parts = [
    comment(`Adopted from ${label(directoryName)}: each answer stands below the place where it was found.`),
    ...answers.map(({ key, value, from, remark }) => {
      const where = [...new Set(from.map(placeText))].join(', ')
      const form = quoteAnswer(value)
      if (form === undefined) throw new Error(`${key} cannot be written as an answer`)
      return [...(where ? [comment(where)] : []), ...(remark ? [comment(remark)] : []), `${key}=${form}`].join('\n')
    }),
    ...(left.length > 0 ? [[comment('Left out:'), ...left.map(({ origin, key, note }) => comment(`  ${placeText(origin)} ${key}: ${note}`))].join('\n')] : []),
  ]
  return `${parts.join('\n\n')}\n`
}

/** `FILE:LINE:COL`. */
export function placeText({ file, line, column }: Origin): string {
  return `${file}:${line}:${column}`
}

/** One line, whatever the text: quotes in a comment would open a value for some readers. */
function comment(text: string): string {
  return `# ${text.replace(/[^\P{C}]|[\u2028\u2029]/gu, '?')}`
}
