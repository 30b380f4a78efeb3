/** The wizard's answers as a file: what is in force, and the layout of the complete example. */

import t from 'tap'
import { readAnswers } from '../../generator/answers/read.ts'
import { completeExample } from '../../generator/answers/reference.ts'
import { answerKeys } from '../../generator/answers/schema.ts'
import { answerFile, assignments } from '../../generator/wizard/answer-file.ts'

const given = new Map([['STACK_NAME', 'mine'], ['NETWORK', 'testnet'], ['SNAPSHOT_URL', `https://a/b?c='d'&e=$f`]])

t.test('in force is what was given, and nothing else', async (t) => {
  const { entries, problems } = readAnswers('answers.env', answerFile(given))
  t.strictSame(problems, [])
  t.strictSame(new Map(entries.map(({ key, value }) => [key, value])), given)
  t.strictSame(readAnswers('answers.env', answerFile(new Map())).entries, [])
})

t.test('every other line is that of the complete example', async (t) => {
  const unset = (text: string) => text.split('\n').map((line) => (answerKeys.find((key) => new RegExp(`^#?${key}=`).test(line)) ?? line))
  t.strictSame(unset(answerFile(given)), unset(completeExample()))
})

t.test('a value that no quotes keep is no line', async (t) => {
  const bad = new Map([['STACK_NAME', `'"\``]])
  t.equal(assignments(bad), undefined)
  t.throws(() => answerFile(bad), { message: 'STACK_NAME cannot be written' })
  t.equal(assignments(new Map([['A', 'b c'], ['D', '']])), "A='b c'\nD=''\n")
})
