/** Faults of bitcoind and its chain, and programs on different networks. */

import { ifKnown, Missing } from '../evidence/missing.ts'
import { settings } from '../readings/programs.ts'
import { type Check, listed } from './check.ts'

const bitcoind = ['bitcoind']
/** What keeps any program from answering. */
export const down: readonly string[] = ['not-running', 'restarting', 'config-refused', 'out-of-memory', 'disk-full']

const damage = /Corrupted block database|Fatal LevelDB error|Error opening block database|Please restart with -reindex|Disk space is too low|A fatal internal error occurred/

export const bitcoinChecks: readonly Check[] = [
  {
    id: 'bitcoin-damaged', problem: 'The Bitcoin chain is damaged, or the disk fails', needs: bitcoind, because: ['disk-full'],
    remedy: 'README, "Recovery": the Bitcoin chain.',
    find: (seen) => seen.log('bitcoind').slice(-400).findLast(({ text }) => damage.test(text))?.text,
  },
  {
    id: 'bitcoin-silent', problem: 'bitcoind runs and does not answer', needs: bitcoind, because: [...down, 'bitcoin-damaged'],
    remedy: '`make logs S=bitcoind`: it may still load its index, which takes minutes.',
    find: (seen) => {
      if (!seen.runs('bitcoind')) throw new Missing('bitcoind does not run')
      if (seen.has('bitcoin.chain')) return undefined
      const reason = seen.reason('bitcoin.chain')
      return { seen: reason, level: /Loading|Verifying|error code: -28/.test(reason) ? 'wait' : 'fault' }
    },
  },
  {
    id: 'wrong-network', problem: 'Programs are on different networks', needs: ['bitcoind', 'stacks-node', 'stacks-signer'],
    remedy: 'NETWORK in answers.env says which is meant. Generate again, and remove what the override file changes.',
    find: (seen) => {
      const { networkId, bitcoinChain, chainDirectory, signerNetwork } = seen.facts
      const told: (readonly [name: string, is: unknown, meant: unknown])[] = []
      if (seen.has('bitcoin.chain')) told.push(['bitcoind', seen.answer('bitcoin.chain')['chain'], bitcoinChain])
      if (seen.has('node.info')) told.push(['stacks-node', seen.answer('node.info')['network_id'], networkId])
      if (seen.has('signer.info')) told.push(['stacks-signer', String(seen.answer('signer.info')['network']).toLowerCase(), signerNetwork])
      if (told.length === 0) throw new Missing('neither bitcoind nor node nor signer answers')
      for (const [file, key, meant] of [['node-config.toml', 'mode', chainDirectory], ['signer-config.toml', 'network', signerNetwork]] as const) {
        for (const [name, value] of ifKnown(() => settings(seen, file)) ?? []) {
          if (name === key) told.push([`config/${file}`, value, meant])
        }
      }
      return listed(told.filter(([, is, meant]) => is !== meant).map(([name, is, meant]) => `${name} is on ${is}, meant is ${meant}`), '; ')
    },
  },
  {
    id: 'bitcoin-no-peers', problem: 'bitcoind has no peers', needs: bitcoind, because: ['bitcoin-silent'],
    remedy: 'See that the machine reaches the internet on the port of Bitcoin, and that the firewall lets answers in.',
    find: (seen) => (seen.number('bitcoin.network', 'connections_out') === 0 ? '0 outbound connections' : undefined),
  },
  {
    id: 'bitcoin-syncing', problem: 'bitcoind still downloads the Bitcoin chain', level: 'wait', needs: bitcoind, because: ['bitcoin-no-peers', 'bitcoin-damaged'],
    remedy: 'Wait; `make status` shows how far it is. On mainnet it takes days from the start.',
    find: (seen) => {
      const [blocks, headers, progress] = ['blocks', 'headers', 'verificationprogress'].map((key) => seen.number('bitcoin.chain', key)) as [number, number, number]
      const isSynced = seen.answer('bitcoin.chain')['initialblockdownload'] !== true && headers - blocks <= 6
      return isSynced ? undefined : `block ${blocks} of ${headers} known, ${(100 * progress).toFixed(2)} % verified`
    },
  },
  {
    id: 'bitcoin-pruned', problem: 'bitcoind has deleted blocks that the node still needs', needs: bitcoind,
    remedy: 'Fetch the Stacks chain from a newer archive (`make snapshot-refresh CONFIRM=yes`), or set BITCOIN_MODE=full.',
    find: (seen) => {
      const { pruned, pruneheight: first } = seen.answer('bitcoin.chain')
      if (pruned === false) return undefined
      const at = seen.number('node.info', 'burn_block_height')
      if (typeof first !== 'number') throw new Missing('bitcoind does not tell its first block')
      return at < first ? `the node is at Bitcoin block ${at}, bitcoind has blocks from ${first} on` : undefined
    },
  },
]
