import t from 'tap'
import { suggest } from '../generator/suggest.ts'

const names = ['NETWORK', 'STACK_NAME', 'STACKS_VERSION', 'SIGNER_KEY', 'SNAPSHOT']

const cases: readonly [string, readonly string[], string | undefined][] = [
  ['NETWRK', names, 'NETWORK'],
  ['NETWORKS', names, 'NETWORK'],
  ['NETWARK', names, 'NETWORK'],
  ['NEWTORK', names, 'NETWORK'],
  ['SNAPSHOT', names, 'SNAPSHOT'],
  ['STACKNAME', names, 'STACK_NAME'],
  ['FAVOURITE_COLOUR', names, undefined],
  ['', names, undefined],
  ['NETWORK', [], undefined],
  ['no', ['on', 'off'], undefined],
  ['onn', ['on', 'off'], 'on'],
  ['devnet', ['mainnet', 'testnet'], undefined],
  ['tesnet', ['mainnet', 'testnet'], 'testnet'],
  ['abcdefghijkl', ['abcdefghiXYZ'], 'abcdefghiXYZ'],
  ['abcdefghijklmno', ['abcdefghiXYZWmno'], undefined],
]

t.test('the nearest candidate, or none', async (t) => {
  for (const [word, candidates, want] of cases) t.equal(suggest(word, candidates), want, `${word} → ${want}`)
})

t.test('a swap counts one, not two', async (t) => {
  t.equal(suggest('ehco', ['echo']), 'echo', 'one third of four is one')
})

t.test('two that are equally near are no guess, whatever their order', async (t) => {
  t.equal(suggest('4.0.9', ['4.0.1', '4.0.2']), undefined)
  t.equal(suggest('4.0.9', ['4.0.2', '4.0.1']), undefined)
  t.equal(suggest('4.0.11', ['4.0.1', '4.0.111', '4.0.11']), '4.0.11')
  t.equal(suggest('onn', ['on', 'on']), 'on', 'the same candidate twice is one')
})

t.test('a huge word costs nothing', async (t) => {
  const huge = 'A'.repeat(64 * 1024)
  const start = process.cpuUsage()
  t.equal(suggest(huge, [...names, huge, 'A'.repeat(1000)]), undefined)
  t.ok(process.cpuUsage(start).user < 5e6, 'in seconds of a processor, which the load of the machine does not change')
})
