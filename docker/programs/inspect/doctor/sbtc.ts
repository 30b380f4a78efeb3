/** Faults of the sBTC signer, and of the nodes that it has for itself. */

import { heights, keyMatches, setDifferences, silentPrograms } from '../readings/sbtc.ts'
import { type Check, listed } from './check.ts'

const needs = ['sbtc-signer']
const down = ['not-running', 'restarting', 'config-refused', 'out-of-memory', 'init-failed']

export const sbtcChecks: readonly Check[] = [
  {
    id: 'sbtc-bitcoin-syncing', problem: 'The bitcoind of the sBTC signer still downloads the Bitcoin chain', level: 'wait', needs: ['sbtc-bitcoind'], because: down,
    remedy: 'Wait: from the start it takes days. `make logs S=sbtc-bitcoind` where it does not move.',
    find: (seen) => {
      if (seen.answer('sbtc.bitcoin')['initialblockdownload'] === false) return undefined
      return `at block ${seen.number('sbtc.bitcoin', 'blocks')} of ${seen.number('sbtc.bitcoin', 'headers')}`
    },
  },
  {
    id: 'sbtc-node-behind', problem: 'The node of the sBTC signer is behind its peers', level: 'wait', needs, because: ['sbtc-bitcoin-syncing', ...down],
    remedy: 'After a stop it catches up by itself; the log of its node says whether it does.',
    find: (seen) => {
      const { stacks, behind = 0 } = heights(seen)
      return behind > 10 ? `at Stacks block ${stacks}, ${behind} behind its highest peer` : undefined
    },
  },
  {
    id: 'sbtc-silent', problem: 'The sBTC signer, or its blocklist client, does not answer', needs, because: down,
    remedy: '`make logs S=sbtc-signer`, `make logs S=blocklist-client`. When one part of the signer fails, it ends with exit code 0; without its database it ends at once.',
    find: (seen) => listed(silentPrograms(seen), '; '),
  },
  {
    id: 'sbtc-set-differs', problem: 'The signer set or the threshold is not that of the chain', needs,
    remedy: 'Stop sbtc-signer: it would try to make a new key with the others. Ask them and the sBTC team which is right, write that into answers.env, generate, `make sbtc-set`.',
    find: (seen) => {
      const [first, ...more] = setDifferences(seen)
      return first && `${first}${more.length > 0 ? ` (and ${more.length} more)` : ''}`
    },
  },
  {
    id: 'sbtc-key-differs', problem: 'The newest key of the sBTC signer is not that of the contract', level: 'risk', needs, because: ['sbtc-silent', 'sbtc-set-differs'],
    remedy: 'Right during a rotation, which takes a tenure or more. For hours: this signer missed one. Tell the sBTC team, and keep its database.',
    find: (seen) => (keyMatches(seen) === false ? 'dkg.current_aggregate_key is not dkg.contract_aggregate_key in `make sbtc-info`' : undefined),
  },
]
