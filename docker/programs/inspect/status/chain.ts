/** Lines about the snapshot, Bitcoin and the Stacks chain. */

import type { Evidence } from '../evidence/evidence.ts'
import { behindPeers } from '../readings/programs.ts'
import { heights } from '../readings/sbtc.ts'
import { line } from './line.ts'

export const snapshot = line({
  name: 'snapshot', needs: ['snapshot'],
  read: (seen) => ({ said: seen.text('snapshot.status').trim() }),
  fine: ({ said }) => said.startsWith('in place'),
  // The checksum is for the log; here it would fill the screen.
  text: ({ said }) => said.replace(/ \(sha256 [0-9a-f]+(?:, ([^)]*))?\)/g, (_, rest?: string) => (rest ? ` (${rest})` : '')) || 'no word yet',
  json: ({ said }) => ({ inPlace: said.startsWith('in place') }),
})

export const bitcoind = line({
  name: 'bitcoind', needs: ['bitcoind'],
  read: (seen) => ({ ...bitcoinOf(seen, 'bitcoin.chain'), peers: seen.has('bitcoin.network') ? seen.number('bitcoin.network', 'connections') : null }),
  fine: ({ syncing }) => !syncing,
  text: ({ block, headers, progress, peers }) => `block ${block} of ${headers} known, ${percent(progress)} % verified${peers === null ? '' : `, ${peers} peers`}`,
})

export const chain = line({
  name: 'chain', needs: ['stacks-node'],
  read: (seen) => ({
    stacksBlock: seen.number('node.info', 'stacks_tip_height'), bitcoinBlock: seen.number('node.info', 'burn_block_height'),
    behindPeers: (seen.has('node.health') ? behindPeers(seen.answer('node.health'), 'node.health') : undefined) ?? null,
  }),
  fine: isLevel,
  text: ({ stacksBlock, bitcoinBlock, behindPeers: behind }) => `Stacks block ${stacksBlock}, ${peersText(behind)}; Bitcoin block ${bitcoinBlock}`,
})

export const sbtcChain = line({
  name: 'sBTC chain', needs: ['sbtc-signer'],
  read: (seen) => {
    const { stacks, bitcoin, behind = null } = heights(seen)
    const node = { stacksBlock: stacks, behindPeers: behind, bitcoinBlock: bitcoin }
    return seen.here('sbtc-bitcoind') ? { ...node, bitcoind: bitcoinOf(seen, 'sbtc.bitcoin') } : { ...node, bitcoind: undefined }
  },
  fine: ({ bitcoind: own, ...node }) => isLevel(node) && !own?.syncing,
  text: ({ stacksBlock, behindPeers: behind, bitcoinBlock, bitcoind: own }) =>
    `Stacks block ${stacksBlock}, ${peersText(behind)}; Bitcoin block ${bitcoinBlock}${own ? ` of ${own.block}, ${percent(own.progress)} % verified` : ''}`,
  json: ({ bitcoind: own, ...node }) => (own ? { ...node, bitcoindBlock: own.block, syncing: own.syncing } : node),
})

function bitcoinOf(seen: Evidence, section: string): { readonly block: number; readonly headers: number; readonly progress: number; readonly syncing: boolean } {
  return {
    block: seen.number(section, 'blocks'), headers: seen.number(section, 'headers'), progress: seen.number(section, 'verificationprogress'),
    syncing: seen.answer(section)['initialblockdownload'] !== false,
  }
}

function isLevel({ behindPeers: behind }: { readonly behindPeers: number | null }): boolean {
  return behind === null || behind <= 10
}

function peersText(behind: number | null): string {
  return behind === null ? 'no peer to compare with' : behind <= 1 ? 'level with its peers' : `${behind} behind its peers`
}

function percent(progress: number): string {
  return (100 * Math.min(progress, 1)).toFixed(2)
}
