/** Faults of the snapshot, of the node, and of its chain. */

import { ports } from '../../../../generator/catalogue/container.ts'
import { Missing, TooSoon } from '../evidence/missing.ts'
import { behindPeers } from '../readings/programs.ts'
import { down } from './bitcoin.ts'
import type { Check } from './check.ts'

const node = ['stacks-node']
/** Stacks blocks behind the best peer. */
const lag = 10
/** Blocks come in seconds. */
const quiet = 15 * 60

export const nodeChecks: readonly Check[] = [
  {
    id: 'snapshot-stuck', problem: 'The snapshot is refused, or cannot be downloaded', needs: ['snapshot'], because: ['disk-full', 'not-running'],
    remedy: '`make logs S=snapshot`: it tries again by itself, but the reason may be yours to correct.',
    find: (seen) => {
      const said = seen.text('snapshot.status').trim()
      if (said === '') throw new Missing('the snapshot tells no state')
      return said.startsWith('waiting: ') ? said : undefined
    },
  },
  {
    id: 'snapshot-coming', problem: 'The snapshot is not complete yet', level: 'wait', needs: ['snapshot'], because: ['snapshot-stuck'],
    remedy: 'Wait; `make status` shows how far it is.',
    find: (seen) => {
      const said = seen.text('snapshot.status').trim()
      return /^(in place|waiting: )/.test(said) ? undefined : said || 'it has not begun'
    },
  },
  {
    id: 'bitcoin-unreachable', problem: 'The node cannot connect to bitcoind', needs: node, because: ['bitcoin-silent', 'not-running', 'bitcoin-damaged', 'restarting'],
    remedy: 'External: check BITCOIN_HOST and BITCOIN_P2P_PORT (the P2P port, not that of RPC), and that it accepts connections from here. On this machine: `make host-check`. Own: see bitcoind.',
    find: (seen) => {
      const log = seen.logSinceStart('stacks-node')
      const failed = log.findLast(({ text }) => /Failed to connect to peer |Failed to handshake with |gate: waiting for bitcoind/.test(text))
      const good = log.findLast(({ text }) => /handshake complete|Advanced to new tip|gate: bitcoind at .*: there/.test(text))
      return failed && failed.at > seen.now - 600 && !(good && good.at > failed.at) ? failed.text : undefined
    },
  },
  {
    id: 'node-waits', problem: 'The node is not started yet, because it waits for something', level: 'wait', needs: node,
    because: ['bitcoin-silent', 'snapshot-coming', 'snapshot-stuck', 'bitcoin-unreachable', 'not-running', 'restarting', 'config-refused', 'signer-ended', 'out-of-memory', 'illegal-instruction', 'tls-broken'],
    remedy: 'See what it waits for.',
    find: (seen) => {
      if (!seen.runs('stacks-node')) throw new Missing('stacks-node does not run')
      const gate = seen.logSinceStart('stacks-node').findLast(({ text }) => text.startsWith('gate: '))
      return gate?.text.startsWith('gate: waiting for') && !seen.has('node.info') ? gate.text : undefined
    },
  },
  {
    id: 'node-silent', problem: 'The node runs and its RPC does not answer', needs: node, because: ['node-waits', 'bitcoin-unreachable', 'bitcoin-syncing', 'observer-failing', ...down],
    remedy: 'After a start it first reads Bitcoin headers: `make logs S=stacks-node`. If it did answer before, `make restart`.',
    find: (seen) => {
      if (!seen.runs('stacks-node')) throw new Missing('stacks-node does not run')
      if (seen.has('node.info')) return undefined
      const said = seen.logSinceStart('stacks-node').findLast(({ text }) => /Start syncing Bitcoin headers|Start HTTP server on/.test(text))
      if (said?.text.includes('syncing Bitcoin headers')) return { seen: 'it reads Bitcoin headers', level: 'wait', remedy: 'Wait; RPC and P2P open after this.' }
      return seen.reason('node.info')
    },
  },
  {
    id: 'forked-release', problem: 'The release has left the network, or will', needs: node,
    remedy: 'Upgrade: `npm create stacks-signer-stack@latest -- upgrade` where the directory is generated. The chain since then must be fetched again.',
    find: (seen) => {
      const { leavesMainnet: leaves, nodeRelease } = seen.facts
      if (leaves === 0) return undefined
      const at = seen.has('node.info') ? seen.number('node.info', 'burn_block_height') : seen.number('bitcoin.chain', 'blocks')
      if (at >= leaves) return `stacks-node ${nodeRelease} left mainnet at Bitcoin block ${leaves}; it is at ${at}`
      return { seen: `stacks-node ${nodeRelease} leaves mainnet at Bitcoin block ${leaves}, ${leaves - at} blocks from now`, level: 'risk' }
    },
  },
  {
    id: 'bad-pair', problem: 'Node and signer are known not to work together',
    remedy: 'Set releases that fit in answers.env, without ALLOW_UNSUPPORTED.',
    find: (seen) => seen.facts.unsupported || undefined,
  },
  {
    id: 'node-behind-bitcoin', problem: 'The node is behind its bitcoind', needs: ['bitcoind'], because: ['observer-failing', 'bitcoin-unreachable', 'bitcoin-pruned', 'node-stalled'],
    remedy: '`make logs S=stacks-node`. After a long stop it catches up by itself.',
    find: (seen) => {
      const [at, tip] = [seen.number('node.info', 'burn_block_height'), seen.number('bitcoin.chain', 'blocks')]
      return tip - at > 2 ? `the node is at Bitcoin block ${at}, bitcoind at ${tip}` : undefined
    },
  },
  {
    id: 'node-stalled', problem: 'The Stacks chain does not grow', needs: node, because: ['observer-failing', 'bitcoin-unreachable', 'forked-release', 'bitcoin-syncing'],
    remedy: 'If observer-failing is found too, the signer does not answer. Else compare with an explorer: the network itself may have stopped.',
    find: (seen) => {
      if (!seen.has('node.info')) throw new Missing('the node does not answer')
      if (seen.started('stacks-node') > seen.now - quiet) throw new TooSoon('the node has not run for 15 minutes')
      const tip = seen.log('stacks-node', 'marks').findLast(({ text }) => text.includes('Advanced to new tip'))
      if (!tip) throw new Missing('the log of the node shows no new tip')
      return tip.at < seen.now - quiet ? `the last new tip was ${((seen.now - tip.at) / 60).toFixed()} minutes ago` : undefined
    },
  },
  {
    id: 'node-behind', problem: 'The node is behind its peers', needs: node, because: ['node-stalled', 'node-behind-bitcoin', 'observer-failing'], optional: true,
    remedy: 'Wait, if it catches up; else look at its disk and processor, and at the faults above.',
    find: (seen) => {
      const health = seen.answer('node.health')
      const behind = behindPeers(health, 'node.health')
      if (behind === undefined) throw new Missing('the node knows no peer to compare with')
      return behind > lag ? `${behind} Stacks blocks behind ${health['max_stacks_neighbor_address']}` : undefined
    },
  },
  {
    id: 'p2p-unreachable', problem: 'Peers cannot reach the P2P port', needs: node, optional: true,
    remedy: `From another machine: \`nc -vz ADDRESS ${ports.nodeP2p.number}\`.`,
    find: () => { throw new Missing('whether peers reach this machine cannot be seen from inside') },
  },
]
