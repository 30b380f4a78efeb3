/** What speaks for which verdict on a dump that was restored: its own rows, and what a node says of the chain. */

import t, { type Test } from 'tap'
import { judge, learned, type Finding, type Seen, type Verdict } from '../../docker/programs/sbtc-backup/verdict.ts'
import { askChain } from '../../docker/programs/shared/sbtc/chain.ts'
import { chainDouble, deployer, hex, keyOf, newest, older, signers, tip, type Chain } from './sbtc-setting.ts'

const config = { network: 'mainnet', deployer, publicKey: signers[0]!, behind: 200 } as const
const share = (name: string, status = 'verified') => ({
  key: keyOf(name), status, threshold: 2, set: [...signers].sort(), private: hex(`private ${name}`), public: hex(`public ${name}`),
})
const facts = {
  verified: [newest, older], shares: [share('failed', 'failed'), share('newest'), share('older')], journal: ['0001__step.sql'],
  rows: { 'sbtc_signer.bitcoin_blocks': 11 }, blocks: { height: tip, depth: tip - 10, hashes: [hex(`block ${tip - 10}`)] },
} as const

/** Asks a node and judges, as after a dump with these facts was restored. */
async function judged(t: Test, change: Partial<Chain>, more: Partial<Seen['config']> = {}): Promise<Finding> {
  const { address, chain } = await chainDouble(t)
  Object.assign(chain, change)
  const said = await askChain([address], deployer, facts.blocks.depth).catch((error: Error) => error.message)
  return judge({ config: { ...config, ...more }, facts, manifest: {}, known: learned(facts, 1), chain: said })
}

const turned = (height: number) => Buffer.from(hex(`block ${height}`), 'hex').reverse().toString('hex')

t.test('what the chain may say of a dump', async (t) => {
  const cases: readonly (readonly [name: string, verdict: Verdict, text: RegExp, change: Partial<Chain>])[] = [
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
