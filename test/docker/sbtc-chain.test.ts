/** docker/tools/sbtc_chain.py, clarity.py, sbtc_registry.py and sbtc_verdict.py: what a node says is read strictly, and then weighed. */

import t, { type Test } from 'tap'
import { buffer, chainDouble, deployer, hex, keyOf, newest, older, options, python, signerData, signers, tip, tuple, type Answer, type Chain } from './sbtc-setting.ts'

const settings = {
  network: 'mainnet', deployer, publicKey: signers[0], database: 'postgresql://signer@postgres/signer', store: '/s', scratch: '/t', metrics: '/m',
  identity: '/i', recipients: [`age1${'q'.repeat(58)}`],
}
const share = (name: string, status = 'verified') => ({
  key: keyOf(name), status, threshold: 2, set: [...signers].sort(), private: hex(`private ${name}`), public: hex(`public ${name}`),
})
const facts = {
  verified: [newest, older], shares: [share('failed', 'failed'), share('newest'), share('older')], journal: ['0001__step.sql'],
  rows: { 'sbtc_signer.bitcoin_blocks': 11 }, blocks: { height: tip, depth: tip - 10, hashes: [hex(`block ${tip - 10}`)] },
}

/** Asks the double and judges, as `verify` does after it has restored a dump with these facts. */
const script = `
import json, sys, tempfile
sys.path.insert(0, sys.argv[1])
from sbtc_chain import Unreachable, ask_chain
from sbtc_config import read_config
from sbtc_verdict import judge, learned, worst
given = json.load(sys.stdin)
with tempfile.NamedTemporaryFile('w', suffix='.json') as file:
    json.dump(given['settings'], file)
    file.flush()
    config = read_config(file.name)
try:
    chain, why = ask_chain(config, given['facts']['blocks']['depth']), ''
except Unreachable as error:
    chain, why = None, str(error)
verdict, text = worst(judge(config, given['facts'], {}, learned(given['facts'], 1), chain, why))
print(json.dumps({'verdict': verdict.name, 'code': verdict.code, 'alert': verdict.alert, 'text': text}))
`
interface Said { readonly verdict: string; readonly code: number; readonly alert: string; readonly text: string }

async function judged(t: Test, change: Partial<Chain>, more: Readonly<Record<string, unknown>> = {}): Promise<Said> {
  const { address, chain } = await chainDouble(t)
  Object.assign(chain, change)
  return JSON.parse(await python(script, { settings: { ...settings, chain: [address], ...more }, facts })) as Said
}

const turned = (height: number) => Buffer.from(hex(`block ${height}`), 'hex').reverse().toString('hex')

t.test('what the chain may say of a dump', options, async (t) => {
  const cases: readonly (readonly [name: string, verdict: string, text: RegExp, change: Partial<Chain>])[] = [
    ['as it is', 'good', /agrees/, {}],
    ['hashes with their bytes the other way round', 'good', /agrees/, { block: turned }],
    ['a block that the node no longer knows', 'good', /agrees/, { override: new Map([[`/${tip - 10}`, { status: 404, body: 'none' }]]) }],
    ['a key before the newest', 'rotation-pending', /is not on the chain yet/, { key: older }],
    ['a key of a rotation since', 'stale', /not among the verified/, { key: keyOf('rotated') }],
    ['a key whose generation failed here', 'stale', /not among the verified/, { key: keyOf('failed') }],
    ['200 blocks later', 'good', /agrees/, { height: tip + 200 }],
    ['201 blocks later', 'stale', /newest block in the dump is 960300, and the chain is at 960501/, { height: tip + 201 }],
    ['a node six blocks behind', 'good', /agrees/, { height: tip - 6 }],
    ['a node that is further behind', 'chain-unreachable', /behind the dump/, { height: tip - 7 }],
    ['a node that is behind and has an old key', 'chain-unreachable', /behind the dump/, { height: 950_000, key: keyOf('rotated') }],
    ['no key yet', 'no-key-on-chain', /no key yet/, { key: '00', set: [], threshold: 0 }],
    ['another network', 'wrong-network', /of the network 2147483648/, { network: 2_147_483_648 }],
    ['another network and a key of its own', 'wrong-network', /of the network/, { network: 2_147_483_648, key: keyOf('theirs'), height: 4000 }],
    ['another chain under the same number', 'wrong-network', /block 960290 is/, { block: () => 'ab'.repeat(32) }],
    ['another threshold', 'damaged', /needs 2 of 3 signers in the dump, and on the chain 3 of 3/, { threshold: 3 }],
    ['another set', 'damaged', /other signers/, { set: [signers[0]!, signers[1]!, keyOf('fourth')] }],
    ['nobody answers', 'chain-unreachable', /127\.0\.0\.1/, { down: true }],
  ]
  for (const [name, verdict, text, change] of cases) t.match(await judged(t, change), { verdict, text }, name)
  t.match(await judged(t, {}, { publicKey: keyOf('stranger') }), { verdict: 'foreign', text: /not in the set of the newest/ })
  t.match(await judged(t, {}, { behind: 2 }), { verdict: 'stale' })
  t.match(await judged(t, {}, { network: 'testnet' }), { verdict: 'wrong-network' })
})

const call = 'get-current-aggregate-pubkey'
const data = 'get-current-signer-data'
const result = (value: string): Answer => ({ body: { okay: true, result: value } })
const key = `0x${buffer(newest)}`

t.test('answers that cannot be relied on are no answer', options, async (t) => {
  const malformed: readonly (readonly [name: string, path: string, answer: Answer])[] = [
    ['not okay', call, { body: { okay: false, cause: 'Unchecked(NoSuchContract)', result: key } }],
    ['okay as text', call, { body: { okay: 'true', result: key } }],
    ['no okay', call, { body: { result: key } }],
    ['no result', call, { body: { okay: true } }],
    ['without 0x', call, result(key.slice(2))],
    ['an odd number of digits', call, result(key.slice(0, -1))],
    ['other letters than digits', call, result(`${key.slice(0, -2)}zz`)],
    ['cut off', call, result(key.slice(0, -2))],
    ['something behind it', call, result(`${key}00`)],
    ['32 bytes', call, result(`0x${buffer(newest.slice(2))}`)],
    ['34 bytes', call, result(`0x${buffer(`${newest}00`)}`)],
    ['a length beside the truth', call, result(key.replace('00000021', '00000020'))],
    ['a length of gigabytes', call, result(key.replace('00000021', 'ffffffff'))],
    ['a text, not a buffer', call, result(key.replace('0x02', '0x0d'))],
    ['a key that begins with 04', call, result(key.replace('00000021' + '02', '00000021' + '04'))],
    ['an empty buffer', call, result(`0x${buffer('')}`)],
    ['two zero bytes', call, result(`0x${buffer('0000')}`)],
    ['the key in a response', call, result(`0x07${buffer(newest)}`)],
    ['a list of keys', call, { body: [key] }],
    ['no JSON', call, { body: null, raw: '<html>502</html>' }],
    ['nothing at all', call, { body: null, raw: '' }],
    ['a refusal', call, { status: 503, body: {} }],
    ['no such call', call, { status: 404, body: {} }],
    ['too much', call, { body: null, raw: `{"okay":true,"result":"${key}","more":"${'x'.repeat(2 << 20)}"}` }],
    ['two keys that differ', data, result(`0x${signerData(older)}`)],
    ['a set with a key twice', data, result(`0x${signerData(newest, [signers[0]!, signers[0]!])}`)],
    ['a set with half a key', data, result(`0x${signerData(newest, [signers[0]!.slice(0, 40)])}`)],
    ['a field too few', data, result(`0x${tuple({ 'current-aggregate-pubkey': buffer(newest) })}`)],
    ['a tuple too deep', data, result(`0x${'0b00000001'.repeat(2000)}`)],
    ['a list of four billion', data, result('0x0bffffffff')],
    ['no network', '/v2/info', { body: { burn_block_height: tip } }],
    ['a height as text', '/v2/info', { body: { network_id: 1, burn_block_height: `${tip}` } }],
    ['a height below zero', '/v2/info', { body: { network_id: 1, burn_block_height: -1 } }],
    ['true for a height', '/v2/info', { body: { network_id: 1, burn_block_height: true } }],
    ['another block than asked for', `/${tip - 10}`, { body: [{ burn_block_height: 5, burn_block_hash: `0x${'ab'.repeat(32)}` }] }],
    ['half a hash', `/${tip - 10}`, { body: [{ burn_block_height: tip - 10, burn_block_hash: '0xabcd' }] }],
    ['two blocks of one height', `/${tip - 10}`, { body: [{}, {}] }],
  ]
  for (const [name, path, answer] of malformed) {
    const said = await judged(t, { override: new Map([[path, answer]]) })
    t.match(said, { verdict: 'chain-unreachable', code: 16, alert: 'SbtcBackupChainUnreachable' }, `${name}: ${said.text}`)
    // Each is refused for itself, and not only because another answer says otherwise.
    t.equal(said.text.includes('changed between'), name === 'two keys that differ', name)
  }
})

t.test('the next address is asked when one cannot be relied on', options, async (t) => {
  const [bad, good] = [await chainDouble(t), await chainDouble(t)]
  Object.assign(bad.chain, { override: new Map([[call, result('0x02')]]) })
  const said = JSON.parse(await python(script, { settings: { ...settings, chain: ['http://127.0.0.1:1', bad.address, `${good.address}/`] }, facts })) as Said
  t.match(said, { verdict: 'good' })
})
