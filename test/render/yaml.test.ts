/** YAML is what the library alone makes of the same data, however much was written before. */

import t from 'tap'
import { Document, parse } from 'yaml'
import { memory } from '../../generator/render/memory.ts'
import { parseYaml } from '../../generator/render/read-yaml.ts'
import { renderYaml, type YamlValue } from '../../generator/render/yaml.ts'

const tables: readonly YamlValue[] = [
  { a: '1', b: { a: 1, c: { a: '1' } }, c: { a: '1' }, d: [{ a: 1 }, { a: '1' }, ['x', { a: true }]] },
  { a: 'true', b: { a: true }, c: { a: 'yes' }, d: { a: 'null' }, e: { a: '' }, f: { a: '0o17' }, g: { a: '1_000' } },
  { text: 'two\nlines', more: { text: 'two\nlines\n' }, most: { text: 'kept\n\n', after: 'x' }, end: { text: 'kept\n\n' }, last: 'y' },
  { text: 'a\\nb', deeper: { text: 'a\\nb' }, quoted: { text: '"#\': $x {{' }, long: { text: 'word '.repeat(60) }, odd: { text: '\u2028é\t' } },
  { empty: {}, none: [], deep: { empty: {}, none: [] }, list: [[], {}, [['x']]] },
  { '': 'x', '#': { '': 'x' }, 'a: b': { '- ': 'x' }, yes: { '1': 'x' } },
  ['a', { a: 'x' }], 'alone', 7,
]

const theirs = (data: YamlValue) => new Document(data, { aliasDuplicateObjects: false, compat: 'yaml-1.1' }).toString({ lineWidth: 0, flowCollectionPadding: false })

t.test('it is what the library writes, and reads back', async (t) => {
  for (const round of [1, 2]) {
    for (const data of tables) {
      const text = renderYaml(data, [])
      t.equal(text.trimStart(), theirs(data).trimStart(), `round ${round}`)
      t.strictSame(parse(text), data)
    }
  }
})

t.test('comments stand above their keys, also where the same pair stood before without one', async (t) => {
  const data = { a: { b: { c: 'x' }, d: 'y' }, b: { c: 'x' } }
  renderYaml(data, [])
  const notes = [{ path: ['a', 'b', 'c'], comment: 'deep' }, { path: ['b'], comment: 'high', space: true }]
  t.equal(renderYaml(data, ['head', ''], notes), '# head\n\n\na:\n  b:\n    # deep\n    c: x\n  d: "y"\n\n# high\nb:\n  c: x\n')
  t.equal(renderYaml(data, []).trimStart(), theirs(data))
  for (const path of [['x'], ['a', 'x'], ['a', 'd', 'x'], ['a', 'b', 'c', 'x']]) {
    t.throws(() => renderYaml(data, [], [{ path, comment: 'lost' }]), { message: `no key ${path.join('.')} to comment on` })
  }
})

t.test('what many have in common is written once and merged', async (t) => {
  const data = { 'x-all': { a: 1, b: { c: 'x' } }, d: { e: { '<<': 'all', a: 2 }, f: { '<<': 'all' } } }
  for (const round of [1, 2]) {
    const text = renderYaml(data, [], [{ path: ['x-all'], comment: 'once' }])
    t.equal(text.trimStart(), '# once\nx-all: &all\n  a: 1\n  b:\n    c: x\nd:\n  e:\n    <<: *all\n    a: 2\n  f:\n    <<: *all\n', `round ${round}`)
    t.strictSame((parseYaml(text) as typeof data).d, { e: { a: 2, b: { c: 'x' } }, f: { a: 1, b: { c: 'x' } } })
  }
  t.throws(() => renderYaml({ d: { '<<': 'none' } }, []), /none/, 'an anchor that is not there')
})

t.test('an empty line after a text that ends in one is not written twice, the second time neither', async (t) => {
  const write = () => renderYaml({ a: 'kept\n\n', b: 'x' }, [], [{ path: ['b'], space: true }]).trimStart()
  t.strictSame([write(), write()], Array.from({ length: 2 }, () => 'a: |+\n  kept\n\nb: x\n'))
})

t.test('a memory forgets what was not asked for lately, and never gives one thing for another', async (t) => {
  const made: string[] = []
  const remember = memory<string>(2)
  const ask = (id: string) => remember(id, () => {
    made.push(id)
    return id.toUpperCase()
  })
  t.strictSame(['a', 'b', 'a', 'c', 'a', 'd', 'a', 'b', 'c'].map(ask), ['A', 'B', 'A', 'C', 'A', 'D', 'A', 'B', 'C'])
  t.strictSame(made, ['a', 'b', 'c', 'd', 'b', 'c'])
})
