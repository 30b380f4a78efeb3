/**
 * What was known when the directory was generated: the running stack is compared with it. This module alone knows the form in
 * which it arrives, the lines of config/facts.env.
 */

import { Missing } from './evidence/missing.ts'

/** Services that end when their work is done, and must end with 0. */
export const oneShots: readonly string[] = ['init', 'sbtc-upgrade-dump']

export interface Facts {
  readonly stack: string
  readonly network: string
  /** The role that answers.env names. What names none is a standby. */
  readonly role: 'active' | 'standby'
  readonly nodeRelease: string
  readonly signerRelease: string
  /** Of this host, in the order of the Compose file. */
  readonly services: readonly string[]
  readonly secrets: readonly string[]
  /** `SERVICE:PORT/PROTOCOL` of the host, of what may be reached from other machines. */
  readonly openPorts: ReadonlySet<string>
  readonly memoryGb: number
  /** 0 where Docker alone keeps the logs. */
  readonly logDays: number
  /** '' where the key was not known. */
  readonly publicKey: string
  readonly guardIsOff: boolean
  readonly bitcoinChain: string
  readonly networkId: number
  readonly chainDirectory: string
  /** Where the node sends its events. */
  readonly observer: string
  /** Where the signer finds its node. */
  readonly nodeHost: string
  /** The Bitcoin block at which the node's release leaves mainnet; 0 where it does not. */
  readonly leavesMainnet: number
  /** Why node and signer do not fit together; '' where they do. */
  readonly unsupported: string
}

/** Without a stack, a network and services there is nothing to compare with. */
export function parseFacts(text: string): Facts {
  const entries = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? []
    if (key !== undefined && !entries.has(key)) entries.set(key, value!)
  }
  const value = (key: string) => entries.get(key) ?? ''
  const words = (key: string) => value(key).split(' ').filter((word) => word !== '')
  const count = (key: string) => {
    if (!/^\d*$/.test(value(key))) throw damaged(key)
    return Number(value(key))
  }
  for (const key of ['stack', 'network', 'services']) if (value(key) === '') throw damaged(key)
  return {
    stack: value('stack'), network: value('network'), role: value('role') === 'active' ? 'active' : 'standby',
    nodeRelease: value('node_release'), signerRelease: value('signer_release'),
    services: words('services'), secrets: words('secrets'), openPorts: new Set(words('open_ports')), memoryGb: count('memory_gb'), logDays: count('log_days'),
    publicKey: value('public_key').toLowerCase(), guardIsOff: value('guard') === 'off',
    bitcoinChain: value('bitcoin_chain'), networkId: count('network_id'), chainDirectory: value('chain_directory'),
    observer: value('observer'), nodeHost: value('node_host'), leavesMainnet: count('leaves_mainnet'), unsupported: value('unsupported'),
  }
}

function damaged(key: string): Missing {
  return new Missing(`config/facts.env does not say ${key}; generate the stack again`)
}
