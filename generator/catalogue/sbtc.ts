/** What is known of the sBTC signer: its release, its networks, the keys of its TOML and the calls it makes. Read from stacks-sbtc/sbtc at v1.3.3. */

import { suggest } from '../suggest.ts'
import type { Network } from './networks.ts'
import type { KeyFact } from './keys.ts'

/** The only release whose configuration is known here. */
export const sbtcRelease = '1.3.3'

/** The stacks-core that this release was built with. */
export const sbtcBuiltWith = '3.3.0.0.1'

/** What an answer need not say, by the networks that the signer knows; nothing is known of the test network that lasts. */
export const sbtcNetworks: Readonly<Partial<Record<Network, { readonly deployer?: string; readonly emily?: string; readonly seeds?: string }>>> = {
  mainnet: { deployer: 'SM3VDXK3WZZSA84XXFKAFAF15NNZX32CTSG82JFQ4', emily: 'https://sbtc-emily.com', seeds: 'tcp://99.80.111.234:4122' },
  testnet: {},
}

/** A signer set has at most so many members. */
export const largestSet = 16

/** The calls to bitcoind that the signer makes, and no other. */
export const sbtcBitcoinCalls = [
  'estimatesmartfee', 'getbestblockhash', 'getblock', 'getblockchaininfo', 'getblockhash', 'getblockheader', 'getmempooldescendants', 'getmempoolentry',
  'getnetworkinfo', 'getrawtransaction', 'gettxout', 'gettxspendingprevout', 'sendrawtransaction',
] as const

export interface SbtcKey extends KeyFact { readonly section: string }

const since = sbtcRelease
const largest = Number.MAX_SAFE_INTEGER
const number = (section: string, name: string, least = 0, most = largest): SbtcKey => ({ section, name, type: 'integer', range: [least, most], since })

/** The keys that may be passed through. Durations are in seconds, but for `retry_delay` in milliseconds; windows are in blocks. */
export const sbtcKeys: readonly SbtcKey[] = [
  number('blocklist_client', 'retry_delay'),
  number('emily', 'pagination_timeout', 1),
  number('emily', 'timeout', 1),
  number('bitcoin', 'timeout', 1),
  number('bitcoin', 'chain_tip_polling_interval', 1, 10),
  { section: 'bitcoin', name: 'fallback_fee', type: 'float', since },
  number('signer', 'bitcoin_processing_delay', 0, 300),
  number('signer', 'requests_processing_delay', 0, 300),
  number('signer', 'dkg_min_bitcoin_block_height'),
  number('signer', 'dkg_verification_window', 0, 65535),
  number('signer', 'dkg_begin_pause'),
  number('signer', 'dkg_max_duration', 1),
  number('signer', 'bitcoin_presign_request_max_duration', 1),
  number('signer', 'signer_round_max_duration', 1),
  number('signer', 'context_window', 1, 65535),
  number('signer', 'deposit_decisions_retry_window', 0, 65535),
  number('signer', 'withdrawal_decisions_retry_window', 0, 65535),
  number('signer', 'max_deposits_per_bitcoin_tx', 1, 65535),
  number('signer', 'sbtc_bitcoin_start_height'),
  number('signer', 'stacks_fees_max_ustx', 1),
]

export const sbtcSections: readonly string[] = [...new Set(sbtcKeys.map(({ section }) => section)), 'stacks']

/** Keys that the program takes no notice of any more, and what became of them. It ignores what it does not know, without a word. */
const dead: Readonly<Record<string, string>> = {
  'signer.bitcoin_block_horizon': 'it went before 1.0, though the sample for mainnet still has it',
  'signer.dkg_target_rounds': '1.2.0 removed it',
  'bitcoin.block_hash_stream_endpoints': '1.1.0 asks bitcoind by RPC, and no longer listens to ZMQ',
}

export type SbtcKeyVerdict =
  | { readonly status: 'accepted'; readonly fact: SbtcKey }
  | { readonly status: 'dead'; readonly why: string }
  | { readonly status: 'unknown' | 'unknown-section'; readonly suggestion?: string }

/** What this release makes of a key of a section. */
export function sbtcKey(section: string, name: string): SbtcKeyVerdict {
  if (!sbtcSections.includes(section)) return { status: 'unknown-section', ...guess(section, sbtcSections) }
  const why = Object.hasOwn(dead, `${section}.${name}`) ? dead[`${section}.${name}`] : undefined
  if (why) return { status: 'dead', why }
  const facts = sbtcKeys.filter((fact) => fact.section === section)
  const fact = facts.find((one) => one.name === name)
  return fact ? { status: 'accepted', fact } : { status: 'unknown', ...guess(name, facts.map((one) => one.name)) }
}

function guess(word: string, candidates: readonly string[]): { readonly suggestion?: string } {
  const suggestion = suggest(word, candidates)
  return suggestion === undefined ? {} : { suggestion }
}
