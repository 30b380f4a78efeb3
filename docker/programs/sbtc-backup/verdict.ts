/** What can be said of a dump once it is restored: each verdict with its exit code, and the rules that lead to it. */

import { isDeepStrictEqual } from 'node:util'
import type { Chain } from '../shared/sbtc/chain.ts'
import { networkIds, type Config } from './config.ts'
import type { Facts, Share } from './database.ts'

/** The first of these that anything speaks for is the verdict. 1 and 2 are what every command ends with on failure and misuse. */
export const verdictCodes = {
  'damaged': 14,
  'foreign': 15,
  'wrong-network': 13,
  'not-verified': 17,
  'chain-unreachable': 16,
  'no-key-on-chain': 11,
  'stale': 12,
  'rotation-pending': 10,
  'good': 0,
} as const
export type Verdict = keyof typeof verdictCodes

export interface Finding { readonly verdict: Verdict; readonly text: string }

/** What was known of the last proven dump. The names stand in known.json. */
export interface Known {
  readonly number?: number
  readonly verified?: readonly string[]
  readonly rows?: Readonly<Record<string, number>>
  readonly shares?: Readonly<Record<string, string | null>>
}

export interface Seen {
  readonly config: Pick<Config, 'network' | 'deployer' | 'publicKey' | 'behind'>
  /** Of the restored database. */
  readonly facts: Facts
  /** What was recorded when the dump was made; empty without a record. */
  readonly manifest: Readonly<Record<string, unknown>>
  readonly known: Known
  /** Or why it could not be asked. */
  readonly chain: Chain | string
}

/** Old addresses of peers are removed by the signer itself. */
const shrinking = 'sbtc_signer.p2p_peers'
/** Blocks that a node may be behind its own signer, which saw them by another way. */
const slack = 6

export function judge(seen: Seen): Finding {
  const findings = [...ofContent(seen), ...ofManifest(seen), ...ofKnown(seen), ...ofChain(seen)]
  const verdict = (Object.keys(verdictCodes) as Verdict[]).find((one) => findings.some((finding) => finding.verdict === one)) ?? 'good'
  return { verdict, text: findings.filter((finding) => finding.verdict === verdict).map(({ text }) => text).join('; ') || 'everything that can be compared agrees' }
}

/** What later dumps are compared with. */
export function learned({ verified, rows, shares }: Facts, number: number): Known {
  return { number, verified, rows, shares: Object.fromEntries(shares.filter(isVerified).map((share) => [share.key, share.private])) }
}

const finding = (verdict: Verdict, text: string): Finding => ({ verdict, text })
const isVerified = ({ status }: Share): boolean => status === 'verified'
const isKey = (text: string): boolean => /^0[23].{64}$/.test(text)
const isEmpty = (object: object): boolean => Object.keys(object).length === 0

function* ofContent({ facts: { journal, verified, shares, blocks }, chain }: Seen): Generator<Finding> {
  if (journal.length === 0) yield finding('damaged', 'the journal of migrations is empty')
  if (verified.length === 0 && (typeof chain === 'string' || chain.key !== undefined)) {
    yield finding('damaged', 'dkg_shares holds no verified key: it was lost, or this signer has never taken part in a key generation')
  }
  for (const share of shares.filter(isVerified)) {
    const fault = faultOfShare(share)
    if (fault) yield finding('damaged', `the shares of ${share.key} ${fault}`)
  }
  if (shares.length > 0 && blocks.height === null) yield finding('damaged', 'bitcoin_blocks is empty')
}

function faultOfShare(share: Share): string | undefined {
  const signers = new Set(share.set).size
  if (!share.private || !share.public) return 'are empty'
  if (![share.key, ...share.set].every(isKey)) return 'hold a key that is malformed'
  return signers !== share.set.length || share.threshold < 1 || share.threshold > signers ? `need ${share.threshold} of a set of ${signers}` : undefined
}

function* ofManifest({ config, facts, manifest }: Seen): Generator<Finding> {
  if (isEmpty(manifest)) return
  if (manifest['network'] !== config.network || manifest['deployer'] !== config.deployer) yield finding('wrong-network', `the dump was made for ${String(manifest['network'])} and ${String(manifest['deployer'])}`)
  if (manifest['publicKey'] !== config.publicKey) yield finding('foreign', `the dump was made for the signer ${String(manifest['publicKey'])}`)
  for (const [name, value] of Object.entries(manifest['facts'] ?? {})) {
    if (!isDeepStrictEqual(facts[name as keyof Facts], value)) yield finding('damaged', `${name}: the restored database holds something else than the one that was dumped`)
  }
}

function* ofKnown({ facts, manifest, known }: Seen): Generator<Finding> {
  if (isEmpty(manifest) && isEmpty(known)) yield finding('foreign', 'no manifest and no earlier dump shows whose shares these are')
  const shares = new Map(Object.entries(known.shares ?? {}))
  for (const share of facts.shares) {
    if (shares.has(share.key) && shares.get(share.key) !== share.private) yield finding('foreign', `the shares of ${share.key} are not those that this signer has`)
  }
  const missing = (known.verified ?? []).filter((key) => !facts.verified.includes(key))
  if (missing.length > 0) yield finding('damaged', `verified keys that an earlier dump held are gone: ${missing.join(', ')}`)
  const rows = new Map(Object.entries(facts.rows))
  for (const [table, before] of Object.entries(known.rows ?? {})) {
    const now = rows.get(table) ?? 0
    if (table !== shrinking && now < before) yield finding('damaged', `${table} has ${now} rows, and had ${before} in dump ${known.number}`)
  }
}

function* ofChain({ config, facts: { shares, verified, blocks }, chain }: Seen): Generator<Finding> {
  const own = shares.filter(isVerified)
  if (own[0] && !own[0].set.includes(config.publicKey)) yield finding('foreign', `this signer is not in the set of the newest verified key ${own[0].key}`)
  if (typeof chain === 'string') {
    yield finding('chain-unreachable', chain)
    return
  }
  const wanted = networkIds[config.network]
  if (chain.networkId !== wanted) yield finding('wrong-network', `${chain.at} is of the network ${chain.networkId}, and ${config.network} is ${wanted}`)
  // Both ways of writing a hash are in use: the other has its bytes the other way round.
  if (chain.block && blocks.hashes.length > 0 && ![chain.block, Buffer.from(chain.block, 'hex').reverse().toString('hex')].some((hash) => blocks.hashes.includes(hash))) {
    yield finding('wrong-network', `block ${blocks.depth} is ${chain.block} at ${chain.at}, and another in the dump`)
  }
  const ahead = blocks.height === null ? 0 : chain.height - blocks.height
  if (ahead < -slack) yield finding('chain-unreachable', `${chain.at} is at block ${chain.height}, behind the dump at ${blocks.height}: its key may be an old one`)
  if (chain.key === undefined) {
    yield finding('no-key-on-chain', 'the registry holds no key yet')
    return
  }
  if (ahead > config.behind) yield finding('stale', `the newest block in the dump is ${blocks.height}, and the chain is at ${chain.height}`)
  if (verified.length > 0) yield* ofKey(config.publicKey, own, verified[0]!, { ...chain, key: chain.key })
}

function* ofKey(publicKey: string, own: readonly Share[], newest: string, { key, signers, threshold }: Chain & { readonly key: string }): Generator<Finding> {
  const share = own.find((one) => one.key === key)
  if (!share) {
    yield finding('stale', `the key on the chain, ${key}, is not among the verified ones of the dump. The dump is older than the last rotation, or this signer took no part in it`)
    return
  }
  if (!share.set.includes(publicKey)) {
    yield finding('foreign', `this signer is not in the set of ${key}`)
    return
  }
  const same = signers.size === new Set(share.set).size && share.set.every((one) => signers.has(one))
  if (!same || share.threshold !== threshold) {
    yield finding('damaged', `${key} needs ${share.threshold} of ${share.set.length} signers in the dump, and on the chain ${threshold} of ${signers.size}${same ? '' : ': other signers'}`)
  }
  if (newest !== key) yield finding('rotation-pending', `the newest verified key, ${newest}, is not on the chain yet, which holds ${key}`)
}
