/** Every bad answer file gives exactly the messages of the table, and none of them shows a secret. */

import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { renderProblem, sortProblems } from '../../generator/problem.ts'
import { badInputs, messageLines } from './bad-inputs.ts'

function rendered(text: string, outside: boolean): string {
  const read = readAnswers('answers.env', text)
  const checked = checkAnswers('answers.env', read.entries, { secretsAllowed: outside, outputDirectory: outside ? 'out' : '.' })
  return sortProblems([...read.problems, ...checked.problems]).map(renderProblem).join('\n')
}

t.ok(badInputs.length >= 60)
t.equal(new Set(badInputs.map((one) => one.name)).size, badInputs.length, 'each case has its own name')

for (const { name, text, outside = false, want } of badInputs) {
  t.test(name, async (t) => {
    const said = rendered(text, outside)
    t.strictSame(messageLines(said), want)
    t.notMatch(said, /a1b2c3d4a1b2|abandon|hush|hüsh|:me@/, 'no secret is shown')
    t.ok(said.split('\n').every((line) => line.length < 300), 'no line is too long to read')
    t.notMatch(said, /[^\P{Cc}\n]/u, 'no control character reaches the terminal')
  })
}
