/** Problems on paper and on terminals, wide and narrow, with hostile text in every part. */

import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { error, renderProblem, showProblem, warning } from '../generator/problem.ts'

const source = 'SNAPSHOT_URL=https://archive.example.net/mainnet/a/very/long/way/to/the/archive.tar.zst'
const problem = error('bad-value', 'SNAPSHOT_URL expects an address that begins with https://, http:// or file:///, found "ftp"',
  { file: 'fleet/answers.env', line: 12, column: 14, source, length: 74 }, 'leave it out for the usual one\nor ask whoever keeps the archive for its address')

t.test('on paper', async (t) => {
  t.equal(renderProblem(problem), `fleet/answers.env:12:14: error: SNAPSHOT_URL expects an address that begins with https://, http:// or file:///, found "ftp"
  12 | ${source}
     | ${' '.repeat(13)}${'^'.repeat(60)}
  hint: leave it out for the usual one
        or ask whoever keeps the archive for its address`)
})

t.test('at 40 columns nothing is wider, and the caret stands under its place', async (t) => {
  const shown = showProblem(problem, { color: false, columns: 40 })
  t.equal(shown, `fleet/answers.env:12:14: error:
  SNAPSHOT_URL expects an address that
  begins with https://, http:// or
  file:///, found "ftp"
  12 | …PSHOT_URL=https://archive.examp…
     |            ^^^^^^^^^^^^^^^^^^^^^^
  hint: leave it out for the usual one
        or ask whoever keeps the archive
        for its address`)
  for (let column = 1; column <= source.length; column += 1) {
    for (const columns of [20, 40, 61, 80, 200]) {
      const [line, caret] = showProblem(error('x', 'm', { file: 'f', line: 3, column, source }), { color: false, columns }).split('\n').slice(1) as [string, string]
      const at = caret.indexOf('^')
      if (line.length > columns || caret.length > columns || line[at] !== source[column - 1]) t.fail(`column ${column} of ${columns}: ${line} ${caret}`)
    }
  }
})

t.test('colours change no letter', async (t) => {
  for (const columns of [undefined, 40, 80]) {
    const size = columns === undefined ? {} : { columns }
    const painted = showProblem(problem, { color: true, ...size })
    t.not(painted, stripVTControlCharacters(painted))
    t.equal(stripVTControlCharacters(painted), showProblem(problem, { color: false, ...size }))
  }
  t.equal(showProblem(warning('x', 'mind'), { color: true }), '\u001b[33m\u001b[1mwarning:\u001b[22m\u001b[39m mind')
})

t.test('hostile text is spelt out and forges no line', async (t) => {
  const evil = '\u001b[2J\r\u009b1A\u202e\nanswers.env:1:1: error: forged'
  for (const columns of [undefined, 40]) {
    const shown = showProblem(error('x', evil, { file: evil, line: 1, column: 1, source: evil, length: 3 }, evil), { color: false, ...(columns && { columns }) })
    t.notMatch(shown, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    t.notMatch(shown, /^answers\.env/m)
  }
})
