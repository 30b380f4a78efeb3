/** Whatever is written with quoteAnswer reads back as it was, wherever in the file it stands. */

import t from 'tap'
import { quoteAnswer } from '../../generator/answers/quote.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { hostileTexts, randomNumbers } from '../support/random-answers.ts'

for (const [value, want] of [
  ['', "''"],
  ['mainnet', 'mainnet'],
  ['02ab@seed.example.net:20444,03cd@other.example.net:20444', '02ab@seed.example.net:20444,03cd@other.example.net:20444'],
  ['two words', "'two words'"],
  ['$HOME {{x}} #', "'$HOME {{x}} #'"],
  ["it's", `"it's"`],
  [`it's "so"`, '`it\'s "so"`'],
  ["it's \\n not a line end", "`it's \\n not a line end`"],
  ['all of \' " `', undefined],
  ['two\nlines', undefined],
  ['two\rlines', undefined],
  ['two\u2028lines', undefined],
  ['ends in \\', undefined],
  [' padded ', "' padded '"],
  ['ünïcödé', "'ünïcödé'"],
] as const) t.equal(quoteAnswer(value), want, encodeURIComponent(value))

t.test('every value that can be written reads back, alone and among others', async (t) => {
  const parts = [...hostileTexts, "'", '"', '`', '\\', '#', '$', '=', ' ', '\t', '\\n', '{{', 'a', 'B=', '\u2028', '\n', 'é', '"', "'"]
  const next = randomNumbers(7)
  const values = Array.from({ length: 3000 }, () =>
    Array.from({ length: 1 + Math.floor(next() * 5) }, () => parts[Math.floor(next() * parts.length)]!).join(''))
  const written = values.flatMap((value) => {
    const form = quoteAnswer(value)
    return form === undefined ? [] : [{ value, form }]
  })
  t.ok(written.length > 1000, `${written.length} of ${values.length} can be written`)
  for (const { value, form } of written) {
    const { entries, problems } = readAnswers('a.env', `X=${form}\n`)
    if (problems.length > 0 || entries[0]?.value !== value) t.strictSame([problems, entries[0]?.value], [[], value], form)
  }
  const chosen = written.slice(0, 400)
  const together = readAnswers('a.env', chosen.map(({ form }, index) => `KEY${index}=${form}\n`).join(''))
  t.strictSame(together.problems, [])
  t.strictSame(together.entries.map(({ value }) => value), chosen.map(({ value }) => value))
})
