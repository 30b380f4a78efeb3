/** One answer more, judged as the answer file would judge it. */

import t from 'tap'
import { answers } from '../../generator/answers/schema.ts'
import { fallbackOf, faultOf, judge } from '../../generator/wizard/judge.ts'

const begun = { STACK_NAME: 's', NETWORK: 'mainnet' }
const map = (values: Record<string, string>) => new Map(Object.entries(values))

const faults: readonly (readonly [Record<string, string>, string, string, string | undefined])[] = [
  [{}, 'STACK_NAME', 'fine', undefined],
  [{}, 'STACK_NAME', 'Not Fine', 'STACK_NAME expects small letters, digits, _ and -, beginning with a letter or digit, found "Not Fine"; did you mean not-fine?'],
  [{}, 'STACK_NAME', '', 'STACK_NAME is missing: name of this stack'],
  [{}, 'STACK_NAME', `'"\``, 'an answer file cannot have this value'],
  [{}, 'STACK_NAME', '$HOME', 'STACK_NAME expects small letters, digits, _ and -, beginning with a letter or digit, found "$HOME"'],
  [{}, 'STACK_NAME', 'é', 'STACK_NAME expects small letters, digits, _ and -, beginning with a letter or digit, found "é"'],
  [begun, 'TOPOLOGY', 'split', undefined],
  [begun, 'BITCOIN_MODE', 'external', undefined],
  [{ ...begun, BITCOIN_MODE: 'external' }, 'BITCOIN_HOST', '', 'BITCOIN_MODE=external needs BITCOIN_HOST: the host of the bitcoind to follow'],
  [{ ...begun, NETWORK: 'testnet', BITCOIN_MODE: 'external' }, 'BITCOIN_HOST', '', undefined],
  [{ ...begun, BITCOIN_MODE: 'pruned' }, 'SNAPSHOT', 'on', undefined],
  [{ ...begun, BITCOIN_MODE: 'pruned' }, 'SNAPSHOT', 'off', 'BITCOIN_MODE=pruned with SNAPSHOT=off: a new stacks-node asks for every Bitcoin block since 666050, which a pruned bitcoind no longer has'],
  [begun, 'SNAPSHOT_URL', 'file:///srv/a.tar.zst', undefined],
  [{ ...begun, SNAPSHOT_URL: 'file:///srv/a.tar.zst' }, 'SNAPSHOT_SHA256', '', 'SNAPSHOT_URL of a file needs SNAPSHOT_SHA256: nothing else says that the file is right'],
  [{ ...begun, SNAPSHOT_URL: 'http://a/b.tar.zst' }, 'SNAPSHOT_SHA256', '', 'SNAPSHOT_URL with http:// needs SNAPSHOT_SHA256, because somebody can replace the archive and its checksum together'],
  [begun, 'SNAPSHOT_URL', `https://a/b'c#d`, `SNAPSHOT_URL expects an address without #, found "https://a/b'c#d"`],
]

for (const [given, key, value, want] of faults) {
  t.test(`${key}=${value} beside ${JSON.stringify(given)}`, async (t) => { t.equal(faultOf(key, value, map(given)), want) })
}

t.test('what Enter means', async (t) => {
  t.equal(fallbackOf('STACK_NAME', map({})), 'my-signer')
  t.equal(fallbackOf('NETWORK', map({ STACK_NAME: 's' })), 'mainnet')
  t.equal(fallbackOf('BITCOIN_MODE', map(begun)), 'full')
  t.equal(fallbackOf('BITCOIN_MODE', map({ ...begun, NETWORK: 'testnet' })), 'external')
  t.equal(fallbackOf('SNAPSHOT_URL', map(begun)), undefined)
  for (const row of answers) {
    if (!('default' in row) || typeof row.default !== 'string') continue
    t.equal(fallbackOf(row.key, map(begun)), row.default, row.key)
  }
})

t.test('a stack only when all is right', async (t) => {
  t.ok(judge(map(begun)).stack)
  t.notOk(judge(map({ ...begun, TOPOLOGY: 'split' })).stack)
  t.notOk(judge(map({ STACK_NAME: 's' })).stack)
})
