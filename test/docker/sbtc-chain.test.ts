/** What a node says of the chain is read strictly. */

import { rejects } from 'node:assert/strict'
import t from 'tap'
import { askChain, UnreachableChain } from '../../docker/programs/shared/sbtc/chain.ts'
import { buffer, chainDouble, deployer, hex, newest, older, signerData, signers, tip, tuple, type Answer } from './sbtc-setting.ts'

const call = 'get-current-aggregate-pubkey'
const data = 'get-current-signer-data'
const result = (value: string): Answer => ({ body: { okay: true, result: value } })
const key = `0x${buffer(newest)}`

t.test('answers that cannot be relied on are no answer', async (t) => {
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
    const { address, chain } = await chainDouble(t)
    chain.override = new Map([[path, answer]])
    await rejects(askChain([address], deployer, tip - 10), (error: Error) => {
      t.type(error, UnreachableChain, name)
      t.ok(error.message.startsWith(`${address}: `), `${name}: ${error.message}`)
      // Each is refused for itself, and not only because another answer says otherwise.
      t.equal(error.message.includes('changed between'), name === 'two keys that differ', name)
      return true
    })
  }
})

t.test('what an answer says', async (t) => {
  const { address, chain } = await chainDouble(t)
  const usual = { at: address, networkId: 1, height: tip + 3, key: newest, signers: new Set(signers), threshold: 2, block: hex(`block ${tip - 10}`) }
  t.strictSame(await askChain([address], deployer, tip - 10), usual)
  t.strictSame(await askChain([`${address}/`], deployer), { ...usual, block: undefined }, 'no block is asked for')
  chain.override = new Map([[`/${tip - 10}`, { body: [{ burn_block_height: tip - 10, burn_block_hash: 'AB'.repeat(32) }] }]])
  t.match(await askChain([address], deployer, tip - 10), { block: 'ab'.repeat(32) })
  for (const status of [400, 404]) {
    chain.override = new Map([[`/${tip - 10}`, { status, body: 'none' }]])
    t.match(await askChain([address], deployer, tip - 10), { block: undefined }, 'a block that the node does not know')
  }
  chain.override = new Map([[data, result(`0x${signerData(newest).replace(`05${'16'.repeat(21)}`, `06${'16'.repeat(21)}03${Buffer.from('dao').toString('hex')}`)}`)]])
  t.match(await askChain([address], deployer), { key: newest }, 'a contract in the place of the principal')
  Object.assign(chain, { override: new Map(), key: '00', set: [], threshold: 0 })
  t.match(await askChain([address], deployer), { key: undefined, signers: new Set(), threshold: 0 }, 'before the first key')
})

t.test('the next address is asked when one cannot be relied on', async (t) => {
  const [bad, good] = [await chainDouble(t), await chainDouble(t)]
  bad.chain.override = new Map([[call, result('0x02')]])
  t.match(await askChain(['http://127.0.0.1:1', bad.address, `${good.address}/`], deployer), { at: good.address })
  good.chain.down = true
  await rejects(askChain(['http://127.0.0.1:1', bad.address, good.address], deployer), { message: new RegExp(`^http://127\\.0\\.0\\.1:1: .*ECONNREFUSED.*; ${bad.address}: .*; ${good.address}: `) })
  await rejects(askChain(['ftp://127.0.0.1'], deployer), { message: /^ftp:\/\/127\.0\.0\.1: / })
})
