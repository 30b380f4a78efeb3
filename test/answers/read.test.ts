import { parse } from 'dotenv'
import t from 'tap'
import { readAnswers } from '../../generator/answers/read.ts'

const values = (text: string) => Object.fromEntries(readAnswers('f', text).entries.map(({ key, value }) => [key, value]))
const codes = (text: string) => readAnswers('f', text).problems.map(({ code, at }) => `${code}:${at?.line}:${at?.column}`)

t.test('what is written right is read as dotenv reads it, without a problem', async (t) => {
  for (const [text, want] of [
    ['A=1 # note', { A: '1' }],
    ['A="p#x"', { A: 'p#x' }],
    ["A='p#x'", { A: 'p#x' }],
    ['A=`p#x`', { A: 'p#x' }],
    ['A="a\\nb"', { A: 'a\nb' }],
    ["A='a\\nb'", { A: 'a\\nb' }],
    ['A="a\nb"\nB=1', { A: 'a\nb', B: '1' }],
    ['export A=1\n B = 2 ', { A: '1', B: '2' }],
    ['A=$B', { A: '$B' }],
    ['\uFEFFA=1', { A: '1' }],
    ['A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['A=1\rB=2\r', { A: '1', B: '2' }],
    ['A=', { A: '' }],
    ['A={{x}}', { A: '{{x}}' }],
    ['', {}],
  ] as const) {
    t.strictSame(values(text), want, JSON.stringify(text))
    t.strictSame({ ...parse(text) }, want)
    t.strictSame(codes(text), [])
  }
})

t.test('what dotenv would drop or change in silence is a problem', async (t) => {
  for (const [text, want] of [
    ['A=p#x', ['cut-value:1:4']],
    ['A=1\nB=2\nA=3', ['duplicate-answer:3:1']],
    ['A', ['not-an-assignment:1:1']],
    ['A="x', ['open-quote:1:3']],
    ['\n\nA: 1', ['not-an-assignment:3:1']],
    ['A=1\r\n\r\nB', ['not-an-assignment:3:1']],
    ['A=\0', ['not-text:1:3']],
    ['__proto__=1', ['invalid-name:1:1']],
    ['A=1\n# c\u2028B=2', ['ambiguous:2:1']],
    ['x'.repeat(1024 * 1024 + 1), ['too-large:1:1']],
  ] as const) t.strictSame(codes(text), want, JSON.stringify(text.slice(0, 40)).replace('\u2028', ' '))
})

t.test('an entry knows its lines, and its source line shows no secret', async (t) => {
  const [first, second] = readAnswers('f', 'NETWORK = mainnet # x\nAUTH_TOKEN="hush\nhush"\n').entries
  t.strictSame(first?.valuePlace, { file: 'f', line: 1, column: 11, source: 'NETWORK = mainnet # x', length: 7 })
  t.strictSame([second?.line, second?.endLine, second?.quote, second?.value], [2, 3, 'double', 'hush\nhush'])
  t.equal(second?.keyPlace.source, 'AUTH_TOKEN=[5 characters hidden]')
})

t.test('over random files, what has no problem is what dotenv reads', async (t) => {
  const bits = ['A', 'B', 'export ', '=', ' = ', ': ', '#', ' # ', "'", '"', '`', '\\', '\n', '\r\n', '\r', ' ', '\t', 'x y', '\\n', '$B', '\u2028', '\uFEFF', '\v', 'A=1\n', "B='x'\n", 'C="y\nz"\n']
  let seed = 20
  const below = (limit: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return (seed >> 8) % limit
  }
  let clean = 0
  for (let round = 0; round < 20000; round += 1) {
    const text = Array.from({ length: 1 + below(14) }, () => bits[below(bits.length)]).join('')
    if (codes(text).length > 0) continue
    clean += 1
    const want = parse(text)
    if (JSON.stringify(values(text)) !== JSON.stringify(want)) t.strictSame(values(text), { ...want }, JSON.stringify(text))
  }
  t.ok(clean > 500, `${clean} clean files`)
})
