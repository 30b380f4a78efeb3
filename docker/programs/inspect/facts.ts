/**
 * What was known when the directory was generated: the running stack is compared with it. This module alone knows the form in
 * which it arrives: lines of KEY=VALUE.
 */

import { Missing } from './evidence/missing.ts'

/** Services that end when their work is done, and must end with 0. */
export const oneShots: readonly string[] = ['init', 'sbtc-upgrade-dump']
/** Services that run until their work is done, and then end with 0. */
export const endWhenDone: readonly string[] = ['snapshot', 'sbtc-snapshot']

export type Facts = ReturnType<typeof parseFacts>

/** Without a stack, a network and services there is nothing to compare with. */
export function parseFacts(text: string) {
  const entries = new Map<string, string>()
  for (const [, key, value] of text.matchAll(/^(\w+)=(.*)$/gm)) if (!entries.has(key!)) entries.set(key!, value!)
  const value = (key: string) => entries.get(key) ?? ''
  const words = (key: string): readonly string[] => value(key).split(' ').filter((word) => word !== '')
  /** 0 where nothing is said. */
  const count = (key: string) => {
    if (!/^\d*$/.test(value(key))) throw damaged(key)
    return Number(value(key))
  }
  for (const key of ['stack', 'network', 'services']) if (value(key) === '') throw damaged(key)
  return {
    stack: value('stack'), network: value('network'), nodeRelease: value('node_release'), signerRelease: value('signer_release'),
    /** The role that answers.env names. What names none is a standby. */
    role: value('role') === 'active' ? 'active' as const : 'standby' as const,
    guardIsOff: value('guard') === 'off',
    /** Of this host, in the order of the Compose file. */
    services: words('services'),
    secrets: words('secrets'),
    /** `SERVICE:PORT/PROTOCOL` of the host, of what other machines may reach. */
    openPorts: new Set(words('open_ports')),
    memoryGb: count('memory_gb'),
    /** Docker's driver for logs: json-file or journald. */
    logDriver: value('log_driver'),
    /** For how many days journald keeps them; 0 where Docker does. */
    logDays: count('log_days'),
    /** '' where the key was not known. */
    publicKey: value('public_key').toLowerCase(),
    /** The P2P port of a bitcoind of this machine that the node follows; 0 without one. */
    machineBitcoinPort: count('machine_bitcoin_port'),
    bitcoinChain: value('bitcoin_chain'), networkId: count('network_id'), chainDirectory: value('chain_directory'),
    /** Where the node sends its events, and where the signer finds the node. */
    observer: value('observer'), nodeHost: value('node_host'),
    /** The network by the signer's own name for it. */
    signerNetwork: value('signer_network'),
    /** The Bitcoin block at which the release of the node leaves mainnet; 0 where it does not. */
    leavesMainnet: count('leaves_mainnet'),
    /** Why node and signer do not fit together; '' where they do. */
    unsupported: value('unsupported'),
  }
}

function damaged(key: string): Missing {
  return new Missing(`what this stack was generated with is not known: ${key} is missing or damaged; generate the stack again`)
}
