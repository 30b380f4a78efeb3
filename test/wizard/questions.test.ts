/** The list of questions against the table of answers. */

import t from 'tap'
import { findAnswer } from '../../generator/answers/schema.ts'
import { askable, directoryQuestion, keyWays, pinned, questions } from '../../generator/wizard/questions.ts'
import { valuesOf } from '../../generator/wizard/judge.ts'

t.test('a question whose answer is not in the table is dropped, and no other', async (t) => {
  t.strictSame(askable([{ key: 'NO_SUCH_ANSWER' }, { key: 'NETWORK' }, { key: directoryQuestion }]).map(({ key }) => key), ['NETWORK', directoryQuestion])
  t.equal(questions.some(({ key }) => key === 'MONITORING'), findAnswer('MONITORING') !== undefined)
  for (const { key } of questions) t.ok(key === directoryQuestion || findAnswer(key), key)
  t.ok(findAnswer(pinned))
})

t.test('no secret is asked as an answer, and no answer twice', async (t) => {
  const names = questions.map(({ key }) => key)
  t.strictSame([...new Set(names)], names)
  for (const name of names) t.not(findAnswer(name)?.type.kind, 'secret', name)
  t.strictSame(keyWays.map(({ value }) => value), ['paste', 'file', 'generate'])
})

const base = ['STACK_NAME', 'directory', 'NETWORK', 'TOPOLOGY', 'BITCOIN_MODE', 'SIGNER_KEY', 'SNAPSHOT']
const shown: readonly (readonly [Record<string, string>, readonly string[]])[] = [
  [{}, ['SNAPSHOT_URL']],
  [{ SNAPSHOT: 'off' }, []],
  [{ SNAPSHOT_URL: 'https://a/b.tar.zst' }, ['SNAPSHOT_URL', 'SNAPSHOT_SHA256']],
  [{ NETWORK: 'testnet' }, ['BITCOIN_HOST', 'SNAPSHOT_URL']],
  [{ BITCOIN_MODE: 'external', BITCOIN_HOST: 'b' }, ['BITCOIN_HOST', 'SNAPSHOT_URL']],
  [{ TOPOLOGY: 'split', NODE_HOST: 'n', SIGNER_HOST: 's', SNAPSHOT: 'off' }, ['NODE_HOST', 'SIGNER_HOST']],
]

for (const [given, more] of shown) {
  t.test(`with ${JSON.stringify(given)}`, async (t) => {
    const values = valuesOf(new Map(Object.entries({ STACK_NAME: 's', NETWORK: 'mainnet', ...given })))!
    const asked = questions.filter(({ when }) => !when || when(values)).map(({ key }) => key).filter((key) => key !== 'MONITORING')
    t.strictSame(asked.filter((key) => !base.includes(key)), more)
    t.strictSame(asked.filter((key) => base.includes(key)), base)
  })
}
