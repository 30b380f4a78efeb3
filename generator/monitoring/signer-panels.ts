/** The panels of the signer's dashboard: does it take part, and do node and bitcoind carry it. */

import type { Panel } from './panel.ts'

const signer = ['signer'] as const
const node = ['node'] as const

export const signerPanels: readonly Panel[] = [
  { title: 'Registered', description: '1 with a seat in the running reward cycle.', kind: 'number', unit: 'short', width: 3, needs: ['node', 'identity'], limits: { warn: 1, bad: 1, low: true },
    queries: [{ expr: 'stack_signer_registered{cycle="current"}', legend: 'this cycle' }, { expr: 'stack_signer_registered{cycle="next"}', legend: 'next cycle' }] },
  { title: 'Blocks signed in this cycle', description: 'As the node counts them.', kind: 'number', unit: 'short', width: 3, needs: ['node', 'identity'],
    queries: [{ expr: 'stack_signer_blocks_signed', legend: 'blocks' }] },
  { title: 'Proposals answered', description: 'Of the last hour. About 1 is right.', kind: 'number', unit: 'percentunit', width: 3, needs: signer, limits: { warn: 0.9, bad: 0.8, low: true },
    queries: [{ expr: 'sum(increase(stacks_signer_block_responses_sent[1h])) / sum(increase(stacks_signer_block_proposals_received[1h]))', legend: 'answered' }] },
  { title: 'Answered within', description: 'Nineteen of twenty responses of the last 15 minutes.', kind: 'number', unit: 's', width: 3, needs: signer, limits: { warn: 5, bad: 10 },
    queries: [{ expr: 'histogram_quantile(0.95, sum by (le) (rate(stacks_signer_block_response_latencies_histogram_bucket[15m])))', legend: '95 %' }] },
  { title: 'Proposals and responses', description: 'A minute. Responses follow proposals.', kind: 'graph', unit: 'short', width: 6, needs: signer, queries: [
    { expr: 'sum(rate(stacks_signer_block_proposals_received[5m])) * 60', legend: 'proposals' },
    { expr: 'sum by (response_type) (rate(stacks_signer_block_responses_sent[5m])) * 60', legend: '{{response_type}}' },
    { expr: 'sum(rate(stacks_signer_block_pre_commits_sent[5m])) * 60', legend: 'pre-commits' },
  ] },
  { title: 'Latency', description: 'From the block\'s time to the response; how long the node validates; how long its calls take.', kind: 'graph', unit: 's', width: 6, needs: signer, queries: [
    { expr: 'histogram_quantile(0.95, sum by (le) (rate(stacks_signer_block_response_latencies_histogram_bucket[15m])))', legend: 'response, 95 %' },
    { expr: 'histogram_quantile(0.95, sum by (le) (rate(stacks_signer_block_validation_latencies_histogram_bucket[15m])))', legend: 'validation, 95 %' },
    { expr: 'histogram_quantile(0.95, sum by (le) (rate(stacks_signer_node_rpc_call_latencies_histogram_bucket[15m])))', legend: 'calls, 95 %' },
  ] },
  { title: 'Validation', description: 'What the node said of the blocks, a minute.', kind: 'graph', unit: 'short', width: 6, needs: signer, queries: [
    { expr: 'sum by (response_type) (rate(stacks_signer_block_validation_responses[5m])) * 60', legend: '{{response_type}}' },
  ] },
  { title: 'Agreement', description: 'Conflicts with the other signers, an hour.', kind: 'graph', unit: 'short', width: 6, needs: signer, queries: [
    { expr: 'sum by (conflict) (increase(stacks_signer_agreement_state_conflicts[1h]))', legend: '{{conflict}}' },
  ] },
  { title: 'Stacks height', description: 'The node\'s, and what the signer sees of it.', kind: 'graph', unit: 'none', width: 6, needs: signer, queries: [
    { expr: 'max(stacks_node_stacks_tip_height)', legend: 'node' }, { expr: 'max(stacks_signer_stacks_node_height)', legend: 'seen by the signer' },
  ] },
  { title: 'Behind', description: 'Stacks blocks behind the highest peer; Bitcoin blocks behind bitcoind.', kind: 'graph', unit: 'short', width: 6, needs: node, queries: [
    { expr: 'stack_node_behind_peers', legend: 'behind peers' }, { expr: 'max(bitcoin_blocks) - max(stacks_node_burn_block_height)', legend: 'behind bitcoind' },
  ] },
  { title: 'Peers of the node', description: 'Outbound and inbound.', kind: 'graph', unit: 'short', width: 6, needs: node, queries: [
    { expr: 'stacks_node_neighbors_outbound', legend: 'outbound' }, { expr: 'stacks_node_neighbors_inbound', legend: 'inbound' },
  ] },
  { title: 'Blocks processed', description: 'Stacks blocks a minute.', kind: 'graph', unit: 'short', width: 6, needs: node, queries: [
    { expr: 'sum(rate(stacks_node_stx_blocks_processed_total[5m])) * 60', legend: 'blocks' },
  ] },
  { title: 'Connections of bitcoind', description: 'Out and in.', kind: 'graph', unit: 'short', width: 6, needs: ['bitcoin'], queries: [
    { expr: 'bitcoin_conn_out', legend: 'outbound' }, { expr: 'bitcoin_conn_in', legend: 'inbound' },
  ] },
  { title: 'bitcoind has read', description: 'Of the chain. 100 % is right.', kind: 'graph', unit: 'percentunit', width: 6, needs: ['bitcoin'], queries: [
    { expr: 'bitcoin_verification_progress', legend: 'read' },
  ] },
]
