/** The panels of the sBTC signer's dashboard: does it take part, and do its nodes carry it. */

import type { Panel } from './panel.ts'

const sbtc = ['sbtc'] as const
const own = 'job="sbtc-signer"'
const node = '{job="sbtc-stacks-node"}'
const stack = '{job="sbtc-stack"}'

export const sbtcPanels: readonly Panel[] = [
  { title: 'Peers', description: 'Other sBTC signers that it is connected with.', kind: 'number', unit: 'short', width: 3, needs: sbtc,
    queries: [{ expr: `max(peers_connected{${own}}) or on() vector(0)`, legend: 'peers' }, { expr: 'max(stack_sbtc_signatures_required) - 1', legend: 'needed' }] },
  { title: 'Newest key', description: '1 where it is that of the contract.', kind: 'number', unit: 'short', width: 3, needs: sbtc, limits: { warn: 1, bad: 1, low: true },
    queries: [{ expr: 'stack_sbtc_key_matches', legend: 'as in the contract' }] },
  { title: 'Database', description: '1 where it answers.', kind: 'number', unit: 'short', width: 3, needs: sbtc, limits: { warn: 1, bad: 1, low: true },
    queries: [{ expr: 'stack_sbtc_database_up', legend: 'answers' }] },
  { title: 'Blocklist', description: '1 where it answers and has a list.', kind: 'number', unit: 'short', width: 3, needs: sbtc, limits: { warn: 1, bad: 1, low: true },
    queries: [{ expr: 'stack_sbtc_blocklist_up', legend: 'answers' }] },
  { title: 'Blocks observed', description: 'An hour, of each chain: Stacks by events, Bitcoin by asking.', kind: 'graph', unit: 'short', width: 6, needs: sbtc, queries: [
    { expr: `sum by (blockchain) (increase(blocks_observed_total{${own}}[1h]))`, legend: '{{blockchain}}' },
  ] },
  { title: 'Requests to sign', description: 'An hour, by how they ended.', kind: 'graph', unit: 'short', width: 6, needs: sbtc, queries: [
    { expr: `sum by (kind, status) (increase(sign_requests_total{${own}}[1h]))`, legend: '{{kind}} {{status}}' },
  ] },
  { title: 'Rounds of signing', description: 'Completed in an hour.', kind: 'graph', unit: 'short', width: 6, needs: sbtc, queries: [
    { expr: `sum by (blockchain, kind) (increase(signing_rounds_completed_total{${own}}[1h]))`, legend: '{{blockchain}} {{kind}}' },
    { expr: `sum(increase(coordinator_tenures_total{${own}}[1h]))`, legend: 'tenures as coordinator' },
  ] },
  { title: 'Deposits', description: 'Requests in an hour, and what was swept.', kind: 'graph', unit: 'short', width: 6, needs: sbtc, queries: [
    { expr: `sum by (status) (increase(deposit_requests_total{${own}}[1h]))`, legend: '{{status}}' },
    { expr: `sum(increase(deposits_swept_total{${own}}[1h]))`, legend: 'swept' },
    { expr: `sum(increase(transactions_submitted_total{${own}}[1h]))`, legend: 'transactions' },
  ] },
  { title: 'Calls of contracts', description: 'An hour, by the node\'s answer. 200 is right.', kind: 'graph', unit: 'short', width: 6, needs: sbtc, queries: [
    { expr: `sum by (status_code) (increase(call_read_only_requests_total{${own}}[1h]))`, legend: '{{status_code}}' },
  ] },
  { title: 'Keys', description: 'Made with the others and not failed.', kind: 'graph', unit: 'short', width: 6, needs: sbtc, queries: [{ expr: 'stack_sbtc_dkg_rounds', legend: 'keys' }] },
  { title: 'Heights', description: 'Of its nodes.', kind: 'graph', unit: 'none', width: 6, needs: sbtc, queries: [
    { expr: `max(stacks_node_stacks_tip_height${node})`, legend: 'Stacks' }, { expr: `max(bitcoin_blocks${stack})`, legend: 'Bitcoin' },
  ] },
  { title: 'Behind', description: 'Stacks blocks behind the highest peer; Bitcoin blocks behind bitcoind.', kind: 'graph', unit: 'short', width: 6, needs: sbtc, queries: [
    { expr: `stack_node_behind_peers${stack}`, legend: 'behind peers' }, { expr: `max(bitcoin_blocks${stack}) - max(stacks_node_burn_block_height${node})`, legend: 'behind bitcoind' },
  ] },
  { title: 'Peers of its nodes', description: 'Outbound.', kind: 'graph', unit: 'short', width: 6, needs: sbtc, queries: [
    { expr: `stacks_node_neighbors_outbound${node}`, legend: 'stacks-node' }, { expr: `bitcoin_conn_out${stack}`, legend: 'bitcoind' },
  ] },
  { title: 'bitcoind has read', description: 'Of the chain. 100 % is right.', kind: 'graph', unit: 'percentunit', width: 6, needs: sbtc, queries: [
    { expr: `bitcoin_verification_progress${stack}`, legend: 'read' },
  ] },
]
