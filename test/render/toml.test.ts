/** TOML that reads back to its data, or none. */

import t from 'tap'
import { parseToml, renderToml, type TomlTable } from '../../generator/render/toml.ts'

const tables: readonly TomlTable[] = [
  { a: 1, b: '1', c: true, d: [1, 2], e: { f: 'x', g: [{ h: 1 }, { h: 2 }] } },
  { a: 1_000_000, b: 1.5, c: 'two\nlines', d: '"quoted" \\ $ # {{', 'odd key': 'é' },
]

t.test('the text says what the data says, however often it is written', async (t) => {
  for (const table of [...tables, ...tables]) {
    const text = renderToml(table, ['head'])
    t.match(text, /^# head\n\n/)
    t.strictSame(JSON.parse(JSON.stringify(parseToml(text))), table)
  }
})

t.test('a number is written in digits alone, so that a search finds it', async (t) => {
  const table = { peer_port: 8335, fee: 12345.5, least: 1e-7, below: -8335, amounts: [1000000, 2000000], list: [{ amount: 10n ** 16n }] }
  t.equal(renderToml(table, []).trim(), 'peer_port = 8335\nfee = 12345.5\nleast = 1e-7\nbelow = -8335\namounts = [ 1000000, 2000000 ]\n\n[[list]]\namount = 10000000000000000')
})

t.test('what would be dropped or misprinted is refused, also after a table that is nearly the same', async (t) => {
  renderToml({ a: { b: 'x' } }, [])
  for (const wrong of [undefined, null, NaN, Infinity, 2 ** 53, [undefined]]) {
    t.throws(() => renderToml({ a: { b: 'x', c: wrong } } as unknown as TomlTable, []), { message: /^a\.c.* cannot be written as TOML$/ })
  }
  t.equal(renderToml({ a: 2n ** 53n }, []), '\n\na = 9007199254740992\n')
})

t.test('a text is compared with the data of now, not with those that it was made of before', async (t) => {
  // Between the library and the check the data changes, as a fault of the library would have it.
  let asked = 0
  const table = { get a() {
    asked += 1
    return asked > 1 ? 'other' : 'one'
  } }
  renderToml({ a: 'one' }, [])
  t.throws(() => renderToml(table, []), { message: 'the TOML does not read back to the data it was made of' })
})
