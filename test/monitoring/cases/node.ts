import { nothing, type Case } from './case.ts'

const up = 'up{job="stacks-node"}'
const tip = 'stacks_node_stacks_tip_height'
const outbound = 'stacks_node_neighbors_outbound'
const bug = 'stacks_unreachable_errors_total{error_type="x"}'

/** Alerts that carry the job which they are about. */
function of(job: string, ...severities: readonly ('page' | 'warn')[]): Case['fires'] {
  return severities.map((severity) => ({ severity, labels: { job } }))
}

export const nodeCases: readonly Case[] = [
  { alert: 'NodeDown', name: 'it answers', series: { [up]: '1x30' }, at: '30m', fires: nothing },
  { alert: 'NodeDown', name: 'it does not', series: { [up]: '1x10 0x20' }, at: '17m', fires: [{ severity: 'page', labels: { job: 'stacks-node' } }] },
  { alert: 'NodeDown', name: 'nothing can be read', series: { [up]: '1x10 0x20', 'up{job="stack"}': '1x10 0x20' }, at: '25m', fires: nothing },
  { alert: 'NodeDown', name: 'a restart of three minutes', series: { [up]: '1x10 0x2 1x20' }, at: '16m', fires: nothing },

  { alert: 'NodeRpcDown', name: 'it answers', series: { stack_node_rpc_up: '1x30' }, at: '30m', fires: nothing },
  { alert: 'NodeRpcDown', name: 'it does not', series: { stack_node_rpc_up: '0x30' }, at: '12m', fires: of('stack', 'page') },

  { alert: 'NodeTipStalled', name: 'it moves', series: { [tip]: '100+1x90' }, at: '90m', fires: nothing },
  { alert: 'NodeTipStalled', name: 'a block in ten minutes', series: { [tip]: '100x9 101x9 102x9 103x9 104x9' }, at: '45m', fires: nothing },
  { alert: 'NodeTipStalled', name: 'still for 25 minutes', series: { [tip]: '100+1x30 130x90' }, at: '55m', fires: of('stacks-node', 'warn') },
  { alert: 'NodeTipStalled', name: 'still for 50 minutes', series: { [tip]: '100+1x30 130x90' }, at: '80m', fires: of('stacks-node', 'warn', 'page') },

  { alert: 'NodeBehindPeers', name: 'level', series: { stack_node_behind_peers: '2x60' }, at: '60m', fires: nothing },
  { alert: 'NodeBehindPeers', name: 'no neighbour is known', series: { stack_node_rpc_up: '1x60' }, at: '60m', fires: nothing },
  { alert: 'NodeBehindPeers', name: 'behind', series: { stack_node_behind_peers: '0x10 50x30' }, at: '22m', fires: of('stack', 'warn') },

  { alert: 'NodeBehindBitcoin', name: 'one in flight', series: { bitcoin_blocks: '901x60', stacks_node_burn_block_height: '900x60' }, at: '60m', fires: nothing },
  { alert: 'NodeBehindBitcoin', name: 'three behind', series: { bitcoin_blocks: '903x60', stacks_node_burn_block_height: '900x60' }, at: '16m', fires: [{ severity: 'warn' }] },
  { alert: 'NodeBehindBitcoin', name: 'bitcoind is away', series: { stacks_node_burn_block_height: '900x60' }, at: '60m', fires: nothing },

  { alert: 'NodeFewPeers', name: 'enough', series: { [outbound]: '8x30' }, at: '30m', fires: nothing },
  { alert: 'NodeFewPeers', name: 'three', series: { [outbound]: '3x30' }, at: '16m', fires: of('stacks-node', 'warn') },
  { alert: 'NodeFewPeers', name: 'none', series: { [outbound]: '0x30' }, at: '16m', fires: of('stacks-node', 'warn', 'page') },

  { alert: 'NodeBug', name: 'never', series: { [up]: '1x120' }, at: '120m', fires: nothing },
  { alert: 'NodeBug', name: 'the first makes the series appear', series: { [bug]: '_x90 1x90' }, at: '92m', fires: [{ severity: 'warn', labels: { error_type: 'x', job: 'stacks-node' } }] },
  { alert: 'NodeBug', name: 'an hour after it', series: { [bug]: '_x90 1x120' }, at: '155m', fires: nothing },
  { alert: 'NodeBug', name: 'an old one, an hour after nobody looked', series: { [bug]: '1x60 _x10 1x120' }, at: '127m', fires: nothing },
  { alert: 'NodeBug', name: 'another one', series: { [bug]: '1x120 2x60' }, at: '125m', fires: [{ severity: 'warn', labels: { error_type: 'x', job: 'stacks-node' } }] },

  { alert: 'BitcoindDown', name: 'it answers', series: { bitcoin_blocks: '900x30' }, at: '30m', fires: nothing },
  { alert: 'BitcoindDown', name: 'it has never answered', series: { stack_node_rpc_up: '1x30' }, at: '12m', fires: of('stack', 'page') },
  { alert: 'BitcoindDown', name: 'it has stopped', series: { bitcoin_blocks: '900x10 stale' }, at: '22m', fires: of('stack', 'page') },

  { alert: 'BitcoinNoBlock', name: 'just watched', series: { bitcoin_blocks: '900x300' }, at: '30m', fires: nothing },
  { alert: 'BitcoinNoBlock', name: 'one within the hour', series: { bitcoin_blocks: '900x59 901x59 902x59 903x59' }, at: '230m', fires: nothing },
  { alert: 'BitcoinNoBlock', name: 'none for a hundred minutes', series: { bitcoin_blocks: '900x60 901x300' }, at: '165m', fires: of('stack', 'warn') },
  { alert: 'BitcoinNoBlock', name: 'none for two hours and more', series: { bitcoin_blocks: '900x60 901x300' }, at: '185m', fires: of('stack', 'warn', 'page') },

  { alert: 'BitcoinFewPeers', name: 'enough', series: { bitcoin_peers: '10x30' }, at: '30m', fires: nothing },
  { alert: 'BitcoinFewPeers', name: 'two', series: { bitcoin_peers: '2x30' }, at: '16m', fires: of('stack', 'warn') },
  { alert: 'BitcoinSyncing', name: 'level', series: { bitcoin_verification_progress: '0.99999x60' }, at: '60m', fires: nothing },
  { alert: 'BitcoinSyncing', name: 'at the first start', series: { bitcoin_verification_progress: '0.3x60' }, at: '31m', fires: of('stack', 'warn') },
]
