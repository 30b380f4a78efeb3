/** Whether all programs are on the network that the answers name. */

import { ifKnown, Missing } from '../evidence/missing.ts'
import { settings } from '../readings/configs.ts'
import { listed, type Check } from './check.ts'

export const networkChecks: readonly Check[] = [{
  id: 'wrong-network', problem: 'Programs are on different networks', needs: ['bitcoind', 'stacks-node', 'stacks-signer'],
  remedy: 'NETWORK in answers.env says which is meant. Generate again, and remove what the override file changes.',
  find: (seen) => {
    const { network, networkId, bitcoinChain, chainDirectory } = seen.facts
    const isMain = network === 'mainnet'
    const told: (readonly [name: string, is: unknown, meant: unknown])[] = []
    if (seen.has('bitcoin.chain')) told.push(['bitcoind', seen.answer('bitcoin.chain')['chain'], bitcoinChain])
    if (seen.has('node.info')) told.push(['stacks-node', seen.answer('node.info')['network_id'], networkId])
    if (seen.has('signer.info')) told.push(['stacks-signer', String(seen.answer('signer.info')['network']).toLowerCase(), isMain ? 'mainnet' : 'testnet'])
    if (told.length === 0) throw new Missing('neither bitcoind nor node nor signer answers')
    // Each program has names of its own for the test networks.
    for (const [file, key, meant] of [['node-config.toml', 'mode', chainDirectory], ['signer-config.toml', 'network', network]] as const) {
      for (const [name, value] of ifKnown(() => settings(seen, file)) ?? []) {
        if (name === key && (value === 'mainnet') !== isMain) told.push([`config/${file}`, value, meant])
      }
    }
    return listed(told.filter(([, is, meant]) => is !== meant).map(([name, is, meant]) => `${name} is on ${is}, meant is ${meant}`), '; ')
  },
}]
