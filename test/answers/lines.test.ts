import t from 'tap'
import { scan } from '../../generator/answers/lines.ts'

t.test('assignments know where their values begin and end', async (t) => {
  const at = (text: string) => scan(text.split('\n')).assignments.map((one) => [one.key, one.line, one.endLine, one.keyColumn, one.valueColumn, one.endColumn, one.quote])
  for (const [text, want] of [
    ['A=1', [['A', 1, 1, 1, 3, 3, 'none']]],
    ['  export A = 12  # note', [['A', 1, 1, 10, 14, 15, 'none']]],
    ['A=', [['A', 1, 1, 1, 3, 3, 'none']]],
    ["A='x y' # note", [['A', 1, 1, 1, 3, 7, 'single']]],
    ['A="x\n\ny"\nB=`z`', [['A', 1, 3, 1, 3, 2, 'double'], ['B', 4, 4, 1, 3, 5, 'back']]],
    ['A="x\\"y"', [['A', 1, 1, 1, 3, 8, 'double']]],
    ['# A=1\n\n   # x\n', []],
    ['A=x"y"', [['A', 1, 1, 1, 3, 6, 'none']]],
  ] as const) t.strictSame(at(text), want, JSON.stringify(text))
})

t.test('a line that is no assignment is a fault, at its column', async (t) => {
  const faults = (text: string) => scan(text.split('\n')).faults.map((one) => [one.code, one.line, one.column])
  for (const [text, want] of [
    ['A', [['not-an-assignment', 1, 1]]],
    ['  A B=1', [['not-an-assignment', 1, 3]]],
    ['NETWORK: x', [['not-an-assignment', 1, 1]]],
    ['=1', [['not-an-assignment', 1, 1]]],
    ['_A=1', [['invalid-name', 1, 1]]],
    ['A=x#y', [['cut-value', 1, 4]]],
    ['A=#y', [['cut-value', 1, 3]]],
    ['A="x', [['open-quote', 1, 3]]],
    ["A='x' y", [['after-quote', 1, 7]]],
    ['A="x\nB="y"', [['open-quote', 1, 3]]],
  ] as const) t.strictSame(faults(text), want, JSON.stringify(text))
})

t.test('what follows a secret that could not be read is hidden', async (t) => {
  const hidden = (text: string) => scan(text.split('\n')).faults.map((one) => one.hideFrom)
  t.strictSame(hidden('AUTH_TOKEN="a\nb\nABC==\nNETWORK=mainnet\nfoo'), [11, 0, 0, undefined])
  t.strictSame(hidden('SIGNER_PRIVATE_KEY=able\nabout'), [0])
  t.strictSame(hidden('SNAPSHOT="a\nb'), [undefined, undefined])
})
