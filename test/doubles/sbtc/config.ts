/**
 * The sBTC signer's TOML, read more strictly than the program does, which takes no notice of keys that it does not know: here
 * an unknown key, a wrong type or a value out of its range ends the start, so that a test sees it.
 */

import { createECDH } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isTable, parseToml, writtenAsFloat, type Table } from '../shared/toml.ts'

/** What the double reads of it; the rules below say that it is so. */
export interface SignerConfig {
  readonly bitcoin: { readonly rpc_endpoints: readonly string[]; readonly chain_tip_polling_interval?: number; readonly fallback_fee?: number }
  readonly stacks: { readonly endpoints: readonly string[] }
  readonly signer: Table & {
    readonly private_key: string; readonly network: string; readonly deployer: string; readonly db_endpoint: string
    readonly bootstrap_signing_set: readonly string[]; readonly bootstrap_signatures_required: number
    readonly prometheus_exporter_endpoint?: string
    readonly event_observer: { readonly bind: string }
    readonly p2p: { readonly seeds: readonly string[]; readonly listen_on: readonly string[]; readonly public_endpoints: readonly string[] }
  }
}

type Check = (value: unknown, name: string, toml: string) => boolean
type Rules = Readonly<Record<string, readonly [check: Check, required: boolean]>>

const number = (least = 0, most = Number.MAX_SAFE_INTEGER): Check => (value, name, toml) => Number.isSafeInteger(value) && !writtenAsFloat(name, toml) && least <= (value as number) && (value as number) <= most
const text = (pattern: string): Check => (value) => typeof value === 'string' && new RegExp(`^(?:${pattern})$`).test(value)
const several = (pattern: string, least = 0): Check => (value, ...place) => Array.isArray(value) && value.length >= least && value.every((one) => text(pattern)(one, ...place))
/** It has rules of its own. */
const section: Check = isTable

const key = '0[23][0-9a-f]{64}'
const peer = '(tcp|quic-v1)://[^/@?#:]+:[0-9]{1,5}'
const bind = '[0-9.]+:[0-9]{1,5}'
const least = {
  dkg_min_bitcoin_block_height: 0, dkg_verification_window: 0, dkg_begin_pause: 0, dkg_max_duration: 1, bitcoin_presign_request_max_duration: 1,
  signer_round_max_duration: 1, context_window: 0, deposit_decisions_retry_window: 0, withdrawal_decisions_retry_window: 0,
  max_deposits_per_bitcoin_tx: 1, sbtc_bitcoin_start_height: 0, stacks_fees_max_ustx: 1,
} as const
/** Each key with its check, and whether it must be there. */
const sections: Readonly<Record<string, Rules>> = {
  blocklist_client: { endpoint: [text('https?://[^/@]+'), true], retry_delay: [number(), false] },
  emily: { endpoints: [several('https?://[^@/:]+@[^/@]+', 1), true], pagination_timeout: [number(1), false], timeout: [number(1), false] },
  bitcoin: {
    rpc_endpoints: [several('http://[^:@/]+:[^:@/,]+@[^:@/]+:[0-9]+', 1), true], timeout: [number(1), false],
    chain_tip_polling_interval: [number(1, 10), false], fallback_fee: [(value) => typeof value === 'number', false],
  },
  stacks: { endpoints: [several('https?://[^/@]+', 1), true] },
  signer: {
    private_key: [text('[0-9a-fA-F]{64}(01)?'), true], network: [text('mainnet|testnet|regtest'), true], deployer: [text('S[PMTN][0-9A-HJKMNP-TV-Z]{28,40}'), true],
    db_endpoint: [text('postgres(ql)?://[^:@/]+:[^:@/]+@[^:@/]+:[0-9]+/[a-z]+'), true], bootstrap_signing_set: [several(key, 1), true],
    bootstrap_signatures_required: [number(1, 16), true], bootstrap_aggregate_key: [text(key), false],
    bitcoin_processing_delay: [number(0, 300), true], requests_processing_delay: [number(0, 300), true],
    prometheus_exporter_endpoint: [text(bind), false], event_observer: [section, true], p2p: [section, true],
    ...Object.fromEntries(Object.entries(least).map(([name, value]) => [name, [number(value), false]])),
  },
  'signer.event_observer': { bind: [text(bind), true] },
  'signer.p2p': { seeds: [several(peer), true], listen_on: [several(peer, 1), true], public_endpoints: [several(peer), true], enable_mdns: [(value) => value === false, false] },
}

/** Throws why the program would not start with this file, or should not. */
export function readConfig(path: string): SignerConfig {
  const toml = readFileSync(path, 'utf8')
  const parsed = parseToml(toml)
  if ('problem' in parsed) throw new Error(`${path}: ${parsed.problem}`)
  const unknown = Object.keys(parsed.table).find((name) => !Object.hasOwn(sections, name))
  if (unknown !== undefined) throw new Error(`there is no section ${unknown}`)
  for (const [name, rules] of Object.entries(sections)) {
    const table = name.split('.').reduce<unknown>((outer, part) => (isTable(outer) ? outer[part] : undefined), parsed.table)
    if (!isTable(table)) throw new Error(`the section ${name} is missing`)
    checkTable(name, table, rules, toml)
  }
  const config = parsed.table as unknown as SignerConfig
  checkWhole(config)
  return config
}

function checkTable(section: string, table: Table, rules: Rules, toml: string): void {
  const unknown = Object.keys(table).find((name) => !Object.hasOwn(rules, name))
  if (unknown !== undefined) throw new Error(`${section} has no key ${unknown}`)
  for (const [name, [check, required]] of Object.entries(rules)) {
    if (table[name] === undefined ? required : !check(table[name], name, toml)) throw new Error(`${section}.${name} is ${table[name] === undefined ? 'missing' : 'wrong'}`)
  }
}

function checkWhole({ signer, bitcoin }: SignerConfig): void {
  const keys = signer.bootstrap_signing_set
  const protocol = (endpoint: string) => endpoint.split(':')[0]
  const listened = signer.p2p.listen_on.map(protocol)
  const rows: readonly (readonly [wrong: boolean, message: string])[] = [
    [keys.length > 16 || new Set(keys).size !== keys.length || signer.bootstrap_signatures_required > keys.length, 'the signing set does not fit its threshold'],
    [!keys.includes(publicKey(signer.private_key)), 'the signer is not in its own signing set'],
    [signer.network !== 'regtest' && signer.p2p.seeds.length === 0, 'there are no seeds'],
    ['PM'.includes(signer.deployer[1]!) !== (signer.network === 'mainnet'), 'the deployer is of another network'],
    [bitcoin.fallback_fee !== undefined && signer.network === 'mainnet', 'there is no fallback fee on mainnet'],
    [signer.p2p.public_endpoints.some((one) => !listened.includes(protocol(one))), 'a public endpoint has a protocol on which nobody listens'],
    [bitcoin.rpc_endpoints.some((one) => /:(80|443)$/.test(one)), 'the port of bitcoind is lost, for it is the usual one'],
  ]
  for (const [wrong, message] of rows) if (wrong) throw new Error(message)
}

/** Compressed, as hexadecimal digits. */
export function publicKey(privateKey: string): string {
  const curve = createECDH('secp256k1')
  curve.setPrivateKey(privateKey.slice(0, 64), 'hex')
  return curve.getPublicKey('hex', 'compressed')
}
