import { nothing, type Case } from './case.ts'

const up = 'up{job="stacks-signer"}'
const job = { job: 'stacks-signer' }
const blocks = 'stacks_node_stx_blocks_processed_total'
const proposals = 'stacks_signer_block_proposals_received'
const accepted = 'stacks_signer_block_responses_sent{response_type="accepted"}'
const rejected = 'stacks_signer_block_responses_sent{response_type="rejected"}'
const bucket = (le: string) => `stacks_signer_block_response_latencies_histogram_bucket{le="${le}"}`
const current = 'stack_signer_registered{cycle="current"}'
const next = 'stack_signer_registered{cycle="next"}'

export const signerCases: readonly Case[] = [
  { alert: 'SignerDown', name: 'it answers', series: { [up]: '1x60' }, at: '60m', fires: nothing },
  { alert: 'SignerDown', name: 'it is away for three minutes', series: { [up]: '1x10 0x10' }, at: '14m', fires: [{ severity: 'page', labels: job }] },
  { alert: 'SignerDown', name: 'a restart of a minute', series: { [up]: '1x10 0 1x20' }, at: '12m', fires: nothing },
  { alert: 'SignerDown', name: 'another job is down', series: { [up]: '1x60', 'up{job="stacks-node"}': '0x60' }, at: '30m', fires: nothing },
  { alert: 'SignerDown', name: 'nothing can be read, and so nothing is known of it', series: { [up]: '1x10 0x20', 'up{job="stack"}': '1x10 0x20' }, at: '25m', fires: nothing },
  { alert: 'SignerDown', name: 'it is away, and the rest can be read', series: { [up]: '1x10 0x20', 'up{job="stack"}': '1x30' }, at: '14m', fires: [{ severity: 'page', labels: job }] },

  { alert: 'SignerHeartbeat', name: 'the node answers', series: { 'probe_success{job="signer-heartbeat"}': '1x30' }, at: '30m', fires: nothing },
  { alert: 'SignerHeartbeat', name: 'it does not', series: { 'probe_success{job="signer-heartbeat"}': '1x10 0x20' }, at: '17m', fires: [{ severity: 'page', labels: { job: 'signer-heartbeat' } }] },
  { alert: 'SignerHeartbeat', name: 'nothing can be read', series: { 'probe_success{job="signer-heartbeat"}': '1x10 0x20', 'up{job="stack"}': '1x10 0x20' }, at: '25m', fires: nothing },
  { alert: 'SignerHeartbeat', name: 'a certificate is another matter', series: { 'probe_success{job="certificates"}': '0x30' }, at: '30m', fires: nothing },

  { alert: 'SignerNotRegistered', name: 'with a seat', series: { [current]: '1x60' }, at: '60m', fires: nothing },
  { alert: 'SignerNotRegistered', name: 'without one', series: { [current]: '0x60' }, at: '16m', fires: [{ severity: 'page', labels: { cycle: 'current', job: 'stack' } }] },
  { alert: 'SignerNotRegistered', name: 'no seat in the next cycle is another matter', series: { [next]: '0x60' }, at: '60m', fires: nothing },
  { alert: 'SignerNotInNextCycle', name: 'no set yet', series: { [current]: '1x90' }, at: '90m', fires: nothing },
  { alert: 'SignerNotInNextCycle', name: 'in it', series: { [next]: '1x90' }, at: '90m', fires: nothing },
  { alert: 'SignerNotInNextCycle', name: 'not in it', series: { [next]: '_x10 0x90' }, at: '75m', fires: [{ severity: 'warn', labels: { cycle: 'next', job: 'stack' } }] },

  { alert: 'SignerNoProposals', name: 'both move', series: { [blocks]: '0+5x120', [proposals]: '0+5x120' }, at: '120m', fires: nothing },
  { alert: 'SignerNoProposals', name: 'the series has never appeared', series: { [blocks]: '0+5x120' }, at: '30m', fires: [{ severity: 'page' }] },
  { alert: 'SignerNoProposals', name: 'they have stopped', series: { [blocks]: '0+5x200', [proposals]: '0+5x60 300x140' }, at: '150m', fires: [{ severity: 'page' }] },
  { alert: 'SignerNoProposals', name: 'the first one comes after an hour', series: { [blocks]: '0+5x200', [proposals]: '_x60 1+5x140' }, at: '70m', fires: nothing },
  { alert: 'SignerNoProposals', name: 'the chain stands still', series: { [blocks]: '7x120' }, at: '120m', fires: nothing },
  { alert: 'SignerNoProposals', name: 'apart: both move', apart: true, series: { stacks_signer_stacks_node_height: '100+5x120', [proposals]: '0+5x120' }, at: '120m', fires: nothing },
  { alert: 'SignerNoProposals', name: 'apart: the series has never appeared', apart: true, series: { stacks_signer_stacks_node_height: '100+5x120' }, at: '60m', fires: [{ severity: 'page' }] },
  { alert: 'SignerNoProposals', name: 'apart: the chain stands still', apart: true, series: { stacks_signer_stacks_node_height: '100x120' }, at: '60m', fires: nothing },

  { alert: 'SignerNoResponses', name: 'it answers', series: { [proposals]: '0+2x60', [accepted]: '0+2x60' }, at: '60m', fires: nothing },
  { alert: 'SignerNoResponses', name: 'the series has never appeared', series: { [proposals]: '0+2x60' }, at: '10m', fires: [{ severity: 'page' }] },
  { alert: 'SignerNoResponses', name: 'answers have stopped', series: { [proposals]: '0+2x90', [accepted]: '0+2x30 60x60' }, at: '52m', fires: [{ severity: 'page' }] },
  { alert: 'SignerNoResponses', name: 'rejections are answers', series: { [proposals]: '0+2x60', [rejected]: '0+2x60' }, at: '60m', fires: nothing },
  { alert: 'SignerNoResponses', name: 'nothing is proposed', series: { [proposals]: '9x60' }, at: '60m', fires: nothing },

  { alert: 'SignerMissesProposals', name: 'nearly all', series: { [proposals]: '0+10x120', [accepted]: '0+9x120' }, at: '120m', fires: nothing },
  { alert: 'SignerMissesProposals', name: 'half of them', series: { [proposals]: '0+10x120', [accepted]: '0+5x120' }, at: '60m', fires: [{ severity: 'warn' }] },
  { alert: 'SignerMissesProposals', name: 'half of a few', series: { [proposals]: '0+1x14 14x120', [accepted]: '0+0.5x14 7x120' }, at: '55m', fires: nothing },

  { alert: 'SignerRejects', name: 'a tenth', series: { [accepted]: '0+9x60', [rejected]: '0+1x60' }, at: '60m', fires: nothing },
  { alert: 'SignerRejects', name: 'half', series: { [accepted]: '0+5x60', [rejected]: '0+5x60' }, at: '30m', fires: [{ severity: 'warn' }] },
  { alert: 'SignerRejects', name: 'it has never rejected', series: { [accepted]: '0+9x60' }, at: '60m', fires: nothing },
  { alert: 'SignerRejects', name: 'it has never accepted', series: { [rejected]: '0+9x60' }, at: '30m', fires: [{ severity: 'warn' }] },

  { alert: 'SignerSlow', name: 'within seconds', series: { [bucket('1')]: '0+9x60', [bucket('10')]: '0+10x60', [bucket('+Inf')]: '0+10x60' }, at: '60m', fires: nothing },
  { alert: 'SignerSlow', name: 'half take half a minute', series: { [bucket('10')]: '0+5x60', [bucket('30')]: '0+10x60', [bucket('+Inf')]: '0+10x60' }, at: '30m', fires: [{ severity: 'warn' }] },
  { alert: 'SignerSlow', name: 'no response yet', series: { [up]: '1x60' }, at: '60m', fires: nothing },

  // 666050 + 144 * 2100 is the first block of cycle 144.
  { alert: 'SignerCycleStale', name: 'in the same cycle', series: { stacks_node_burn_block_height: '968450x60', stacks_signer_current_reward_cycle: '144x60' }, at: '60m', fires: nothing },
  { alert: 'SignerCycleStale', name: 'a block before the next', series: { stacks_node_burn_block_height: '968449x60', stacks_signer_current_reward_cycle: '143x60' }, at: '60m', fires: nothing },
  { alert: 'SignerCycleStale', name: 'still in the last', series: { stacks_node_burn_block_height: '968450x60', stacks_signer_current_reward_cycle: '143x60' }, at: '31m', fires: [{ severity: 'warn' }] },
  { alert: 'SignerCycleStale', name: 'late by ten minutes', series: { stacks_node_burn_block_height: '968450x60', stacks_signer_current_reward_cycle: '143x10 144x50' }, at: '31m', fires: nothing },

  { alert: 'SignerNodeLag', name: 'a minute late', series: { stacks_node_stacks_tip_height: '1000+5x60', stacks_signer_stacks_node_height: '990+5x60' }, at: '60m', fires: nothing },
  { alert: 'SignerNodeLag', name: 'stuck', series: { stacks_node_stacks_tip_height: '1000+5x60', stacks_signer_stacks_node_height: '1000x60' }, at: '30m', fires: [{ severity: 'warn' }] },
]
