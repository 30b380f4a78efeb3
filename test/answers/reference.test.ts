import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { answersHelp, completeExample, referenceMarkdown } from '../../generator/answers/reference.ts'
import { answerKeys, answers, secretKeys } from '../../generator/answers/schema.ts'

t.test('the complete example is a valid answer file that changes no default', async (t) => {
  const text = completeExample()
  const read = readAnswers('complete.env', text)
  t.strictSame(read.problems, [])
  t.strictSame(read.entries.map(({ key }) => key), answers.filter((answer) => 'required' in answer).map(({ key }) => key))
  const options = { secretsAllowed: false, outputDirectory: '.' }
  t.strictSame(checkAnswers('complete.env', read.entries, options).problems, [])
  for (const { key, type } of answers) {
    if (type.kind !== 'secret') t.match(text, new RegExp(`^#?${key}=`, 'm'), key)
    else t.match(text, `# ${key} is a secret. Put it into secrets/${type.file}`, key)
  }
  for (const key of secretKeys) t.notMatch(text, new RegExp(`${key} *=`), 'no line that a key could be written behind')
  t.ok(text.split('\n').every((line) => line.length <= 120 && line === line.trimEnd()))
  t.match(text, /[^\n]\n$/)
})

t.test('every line of the complete example is right without its #, too', async (t) => {
  const text = completeExample().replaceAll(/^#(?=[A-Z])/gm, '')
  const read = readAnswers('complete.env', text)
  t.strictSame(read.problems, [])
  t.equal(read.entries.length, answerKeys.length - secretKeys.length + 2)
  t.strictSame(checkAnswers('complete.env', read.entries, { secretsAllowed: false, outputDirectory: '.' }).problems, [])
})

t.test('the reference and the help name every answer once', async (t) => {
  const reference = referenceMarkdown()
  const help = answersHelp()
  for (const key of answerKeys) {
    t.equal(reference.split(`| \`${key}\` |`).length, 2, key)
    t.equal(help.split('\n').filter((line) => line.startsWith(`  ${key} `)).length, 1, key)
  }
  t.notMatch(reference, /undefined|\[object/)
})
