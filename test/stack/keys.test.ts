import { randomBytes } from 'node:crypto'
import { getStxAddress, type Account } from '@stacks/wallet-sdk'
import t from 'tap'
import { privateKeyFault } from '../../generator/answers/secrets.ts'
import { identity, keyFromMnemonic, newSignerKey, sameKey } from '../../generator/stack/keys.ts'
import { addressOf, publicKeyOf } from '../support/c32.ts'
import { testKey } from '../support/command.ts'

/** The deployer of every local Stacks network; these words, this key and this address stand in public documentation. */
const knownWords = 'twice kind fence tip hidden tilt action fragile skin nothing glory cousin green tomorrow spring wrist shed math olympic multiply hip blue scout claw'
const knownAddress = 'ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM'

t.test('a published key has its published address', async (t) => {
  const testnet = identity(testKey, 'testnet')
  t.equal(testnet.address, knownAddress)
  t.match(testnet.publicKey, /^0[23][0-9a-f]{64}$/)
  const mainnet = identity(testKey, 'mainnet')
  t.equal(mainnet.address, 'SP1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRCBGD7R')
  t.equal(mainnet.publicKey, testnet.publicKey)
})

t.test('the spelling of a key changes nothing', async (t) => {
  for (const spelling of [testKey.slice(0, 64), testKey.toUpperCase()]) {
    t.strictSame(identity(spelling, 'testnet'), identity(testKey, 'testnet'))
    t.ok(sameKey(spelling, testKey))
    t.ok(sameKey(testKey, spelling))
  }
  t.notOk(sameKey(testKey, '1'.repeat(64)))
})

t.test('a published mnemonic gives its published key', async (t) => {
  t.equal(await keyFromMnemonic(knownWords), testKey)
})

t.test('three implementations agree on random keys', async (t) => {
  for (let round = 0; round < 20; round += 1) {
    const key = randomBytes(32).toString('hex')
    for (const network of ['mainnet', 'testnet'] as const) {
      t.strictSame(identity(key, network), { address: addressOf(key, network), publicKey: publicKeyOf(key).toString('hex') }, key)
      t.equal(identity(key, network).address, getStxAddress({ stxPrivateKey: `${key}01` } as Account, network), key)
    }
    t.strictSame(identity(key, 'staking-testnet'), identity(key, 'testnet'), 'all test networks have the prefix of one')
  }
})

t.test('a new key is usable, comes again from its words, and is another one each time', async (t) => {
  const made = await newSignerKey()
  t.match(made.privateKey, /^[0-9a-f]{64}01$/)
  t.equal(privateKeyFault(made.privateKey), undefined)
  t.equal(made.mnemonic.split(' ').length, 24)
  t.equal(await keyFromMnemonic(made.mnemonic), made.privateKey)
  t.notOk(sameKey(made.privateKey, (await newSignerKey()).privateKey))
})

t.test('wrong words are refused without a word of them', async (t) => {
  const said: unknown[] = []
  const heard = console.error
  console.error = (...words: unknown[]) => { said.push(words) }
  t.teardown(() => { console.error = heard })
  for (const words of [knownWords.replace('claw', 'twice'), knownWords.replace('claw', 'xyzzy'), 'claw']) {
    await t.rejects(keyFromMnemonic(words), { message: 'these words are no valid mnemonic' })
  }
  t.strictSame(said, [])
})
