/** The signer's TOML: one flat table, read as strictly as the release does. */

import { parseAddress, type Address } from '../shared/address.ts'
import { checkKeys, integerOf, parseToml, stringOf } from '../shared/toml.ts'
import type { Tables } from '../tables.ts'
import { identityOf, type Identity } from './identity.ts'

export interface SignerConfig {
  readonly node: Address
  readonly endpoint: Address
  readonly metrics: Address | undefined
  readonly network: string
  readonly chainId: number
  readonly privateKey: string
  readonly identity: Identity
  readonly authPassword: string
  readonly dbPath: string
  readonly eventTimeoutMs: number
}

/** The config that `text` holds, or the first thing wrong with it in the program's words. */
export function readSignerConfig(text: string, tables: Tables): { readonly config: SignerConfig } | { readonly problem: string } {
  const parsed = parseToml(text)
  if ('problem' in parsed) return { problem: `ParseError("${parsed.problem}")` }
  const { table } = parsed
  const [problem] = checkKeys(table, tables.signer.keys, { strict: tables.signer.strict, text, where: '' })
  if (problem !== undefined) return { problem: `ParseError("${problem}")` }
  const field = (key: string) => stringOf(table, key)!
  const bad = (key: string) => ({ problem: `BadField("${key}", "${key === 'stacks_private_key' ? 'hidden' : field(key)}")` })

  // Checked as the authority of a URL, and a socket is opened to it: the port must be there, and nothing after it.
  const node = parseAddress(field('node_host'))
  if (!node) return bad('node_host')
  const endpoint = parseAddress(field('endpoint'))
  if (!endpoint) return bad('endpoint')
  const metricsText = stringOf(table, 'metrics_endpoint')
  const metrics = metricsText === undefined ? undefined : parseAddress(metricsText)
  // The real one reports it under this name too.
  if (metricsText !== undefined && !metrics) return { problem: `BadField("endpoint", "${metricsText}")` }
  const network = field('network')
  const identity = identityOf(field('stacks_private_key'), network)
  if (!identity) return bad('stacks_private_key')
  return {
    config: {
      node, endpoint, metrics, network, identity,
      chainId: integerOf(table, 'chain_id') ?? (network === 'mainnet' ? 1 : 0x80000000),
      privateKey: field('stacks_private_key').slice(0, 64),
      authPassword: field('auth_password'),
      dbPath: field('db_path'),
      eventTimeoutMs: integerOf(table, 'event_timeout_ms') ?? 5000,
    },
  }
}
