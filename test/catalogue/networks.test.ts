import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { networkFacts } from '../../generator/catalogue/networks.ts'
import { nodeReleases } from '../../generator/catalogue/releases.ts'
import { addressFault } from '../../generator/stack/keys.ts'
import { repository } from '../support/repository.ts'

interface Testnet {
  readonly burnchain: { readonly peer_host: string; readonly peer_port: number; readonly pox_reward_length: number }
  readonly node: object; readonly epochs: readonly object[]; readonly workingSubdir: string
  readonly ustx_balance: readonly { readonly address: string; readonly amount: number }[]
}
const facts = (JSON.parse(readFileSync(join(repository, 'test/facts/stacks-releases.json'), 'utf8')) as { readonly networks: { readonly testnet: Testnet } }).networks.testnet

t.test('the present testnet, value by value', async (t) => {
  for (const version of ['4.0.2', '4.0.3', '4.0.4']) {
    const now = networkFacts('testnet', version)
    t.strictSame(now.node, facts.node)
    t.strictSame(now.epochs, facts.epochs)
    t.strictSame(now.ustxBalance, facts.ustx_balance.map(({ address, amount }) => ({ address, amount: BigInt(amount) })))
    t.strictSame(now.burnchain, { mode: 'krypton', pox_prepare_length: 100, pox_reward_length: 900 })
    t.strictSame([now.defaultBitcoinHost, now.bitcoinP2pPort, now.chainDirectory], [facts.burnchain.peer_host, facts.burnchain.peer_port, facts.workingSubdir])
    t.equal(now.obsolete, undefined)
  }
})

t.test('older releases know testnets that are gone', async (t) => {
  for (const { version } of nodeReleases) {
    const old = networkFacts('testnet', version)
    t.equal(old.obsolete, /^4\.0\.[2-9]/.test(version) ? undefined : true, version)
    t.ok(old.epochs.length > 0 && old.ustxBalance.length >= 4)
  }
  t.strictSame(networkFacts('testnet', '3.1.0.0.2').epochs.at(-1), { epoch_name: '3.1', start_height: 77770 })
})

t.test('the staking testnet: what is published of it', async (t) => {
  const staking = networkFacts('staking-testnet', '4.0.4')
  t.strictSame([staking.chainId, staking.signer, staking.chainDirectory, staking.bitcoinChain, staking.bitcoinP2pPort, staking.defaultBitcoinHost], [0x500, { network: 'testnet', chain_id: 0x500 }, 'signet', 'signet', 38333, 'bitcoin.staking-testnet.hiro.so'])
  t.strictSame(staking.burnchain, { mode: 'signet', chain_id: 0x500, signet_challenge: '0014511787db620184f553cfa06bb2a6607497f09f4a' })
  t.strictSame(staking.epochs, [], 'those of the program hold')
  t.equal(staking.archiveUrl, 'https://archive.hiro.so/staking-testnet/stacks-blockchain/signet-stacks-blockchain-latest.tar.zst')
  const sums = new Map<bigint, number>()
  for (const { amount } of staking.ustxBalance) sums.set(amount, (sums.get(amount) ?? 0) + 1)
  t.strictSame([...sums].sort(), [[10n ** 13n, 4], [10n ** 14n, 1], [10n ** 15n, 1], [10n ** 16n, 11]].sort())
  for (const { address } of staking.ustxBalance) t.equal(addressFault(address, 'staking-testnet'), undefined, address)
  t.equal(staking.obsolete, undefined)
})

t.test('mainnet takes nothing that a release refuses there', async (t) => {
  const main = networkFacts('mainnet', '4.0.4')
  t.strictSame([main.burnchain, main.node, main.epochs, main.ustxBalance], [{ mode: 'mainnet' }, {}, [], []])
  t.equal(main.archiveUrl, 'https://archive.hiro.so/mainnet/stacks-blockchain/mainnet-stacks-blockchain-latest.tar.zst')
})
