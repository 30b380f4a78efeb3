import { alerts } from '../../../generator/monitoring/alerts.ts'
import { pairAlert } from '../../../generator/monitoring/sbtc-alerts.ts'
import { nothing, type Case } from './case.ts'
import { nodeCases } from './node.ts'

const up = 'up{job="sbtc-signer"}'
const tip = 'stacks_node_stacks_tip_height{job="sbtc-stacks-node"}'
const blocks = 'bitcoin_blocks{job="sbtc-stack"}'
const observed = (blockchain: string): string => `blocks_observed_total{job="sbtc-signer",blockchain="${blockchain}"}`
const peers = 'peers_connected{job="sbtc-signer"}'
const required = 'stack_sbtc_signatures_required'
const signed = (status: string): string => `sign_requests_total{job="sbtc-signer",blockchain="bitcoin",kind="sweep",status="${status}"}`
const calls = (code: number): string => `call_read_only_requests_total{job="sbtc-signer",status_code="${code}"}`
const page = [{ severity: 'page' }] as const
const warn = [{ severity: 'warn' }] as const

const signerCases: readonly Case[] = [
  { alert: 'SbtcDown', name: 'it answers', series: { [up]: '1x30' }, at: '30m', fires: nothing },
  { alert: 'SbtcDown', name: 'it does not', series: { [up]: '1x10 0x20' }, at: '14m', fires: [{ severity: 'page', labels: { job: 'sbtc-signer' } }] },
  { alert: 'SbtcDown', name: 'nothing can be read', series: { [up]: '1x10 0x20', 'up{job="sbtc-stack"}': '1x10 0x20' }, at: '25m', fires: nothing },
  { alert: 'SbtcDown', name: 'a restart within a minute', series: { [up]: '1x10 0 1x20' }, at: '12m', fires: nothing },

  { alert: 'PostgresDown', name: 'it answers', series: { stack_sbtc_database_up: '1x30' }, at: '30m', fires: nothing },
  { alert: 'PostgresDown', name: 'it does not', series: { stack_sbtc_database_up: '1x10 0x20' }, at: '14m', fires: page },

  { alert: 'SbtcBlocklistDown', name: 'it answers', series: { stack_sbtc_blocklist_up: '1x30' }, at: '30m', fires: nothing },
  { alert: 'SbtcBlocklistDown', name: 'it has no list', series: { stack_sbtc_blocklist_up: '0x30' }, at: '12m', fires: warn },

  { alert: 'SbtcObserverSilent', name: 'events come', series: { [tip]: '100+1x90', [observed('stacks')]: '0+1x90' }, at: '90m', fires: nothing },
  { alert: 'SbtcObserverSilent', name: 'none has ever come, so that there is no series', series: { [tip]: '100+1x90', [observed('bitcoin')]: '0+1x90' }, at: '25m', fires: page },
  { alert: 'SbtcObserverSilent', name: 'they have stopped', series: { [tip]: '100+1x90', [observed('stacks')]: '0+1x40 40x50' }, at: '65m', fires: page },
  { alert: 'SbtcObserverSilent', name: 'the node stands still too', series: { [tip]: '100x90', [observed('stacks')]: '7x90' }, at: '90m', fires: nothing },
  { alert: 'SbtcObserverSilent', name: 'the Stacks signer\'s node moves, and that is another one', series: { 'stacks_node_stacks_tip_height{job="stacks-node"}': '100+1x90', [tip]: '100x90', [observed('stacks')]: '7x90' }, at: '90m', fires: nothing },

  { alert: 'SbtcNoBitcoin', name: 'it sees them', series: { [blocks]: '900x59 901x59 902x59 903x59', [observed('bitcoin')]: '0x59 1x59 2x59 3x59' }, at: '200m', fires: nothing },
  { alert: 'SbtcNoBitcoin', name: 'it has never seen one, so that there is no series', series: { [blocks]: '900x59 901x59 902x59 903x59', [observed('stacks')]: '0+1x240' }, at: '200m', fires: page },
  { alert: 'SbtcNoBitcoin', name: 'none since an hour', series: { [blocks]: '900x59 901x59 902x59 903x59', [observed('bitcoin')]: '0x59 1x59 2x120' }, at: '200m', fires: nothing },
  { alert: 'SbtcNoBitcoin', name: 'none for three hours', series: { [blocks]: '900x59 901x59 902x59 903x59 904x59', [observed('bitcoin')]: '0x59 1x300' }, at: '230m', fires: page },
  { alert: 'SbtcNoBitcoin', name: 'the Stacks signer\'s bitcoind moves, and that is another one', series: { 'bitcoin_blocks{job="stack"}': '900x59 901x59 902x59 903x59', [blocks]: '900x240', [observed('bitcoin')]: '7x240' }, at: '200m', fires: nothing },

  { alert: 'SbtcPeers', name: 'one fewer than must sign, besides itself', series: { [required]: '8x60', [peers]: '7x60' }, at: '60m', fires: nothing },
  { alert: 'SbtcPeers', name: 'too few', series: { [required]: '8x60', [peers]: '6x60' }, at: '17m', fires: page },
  { alert: 'SbtcPeers', name: 'never any, so that there is no series', series: { [required]: '8x60' }, at: '17m', fires: page },
  { alert: 'SbtcPeers', name: 'away for ten minutes', series: { [required]: '8x60', [peers]: '9x10 2x9 9x60' }, at: '25m', fires: nothing },
  { alert: 'SbtcPeers', name: 'nobody looks', series: { [up]: '1x60' }, at: '60m', fires: nothing },

  { alert: 'SbtcSignFailures', name: 'never asked, so that there is no series', series: { [up]: '1x120' }, at: '120m', fires: nothing },
  { alert: 'SbtcSignFailures', name: 'some fail', series: { [signed('success')]: '0+3x120', [signed('failure')]: '0+1x120' }, at: '120m', fires: nothing },
  { alert: 'SbtcSignFailures', name: 'most fail, in two ways', series: { [signed('success')]: '0+1x120', [signed('failure')]: '0+1x120', [signed('invalid-sighash')]: '0+1x120' }, at: '60m', fires: warn },
  { alert: 'SbtcSignFailures', name: 'all fail, and success has no series', series: { [signed('failed')]: '0+1x120' }, at: '60m', fires: warn },

  { alert: 'SbtcNodeErrors', name: 'never asked, so that there is no series', series: { [up]: '1x60' }, at: '60m', fires: nothing },
  { alert: 'SbtcNodeErrors', name: 'all well', series: { [calls(200)]: '0+5x60' }, at: '60m', fires: nothing },
  { alert: 'SbtcNodeErrors', name: 'one in a while', series: { [calls(200)]: '0+5x60', [calls(500)]: '1x30 2x30' }, at: '60m', fires: nothing },
  { alert: 'SbtcNodeErrors', name: 'many', series: { [calls(200)]: '0+5x60', [calls(500)]: '0+1x60' }, at: '30m', fires: warn },

  { alert: 'SbtcKeyMismatch', name: 'the same', series: { stack_sbtc_key_matches: '1x600' }, at: '600m', fires: nothing },
  { alert: 'SbtcKeyMismatch', name: 'not known', series: { [up]: '1x600' }, at: '600m', fires: nothing },
  { alert: 'SbtcKeyMismatch', name: 'a rotation of three hours', series: { stack_sbtc_key_matches: '1x60 0x180 1x600' }, at: '500m', fires: nothing },
  { alert: 'SbtcKeyMismatch', name: 'for seven hours', series: { stack_sbtc_key_matches: '1x60 0x600' }, at: '480m', fires: page },
]

/** What is read of one pair of nodes, read of the other. */
function ofPair(name: string): string {
  const job = /^(bitcoin|stack_)|job="stack"/.test(name) ? 'sbtc-stack' : 'sbtc-stacks-node'
  const [metric, labels = ''] = name.replace('}', '').split('{')
  const rest = labels.split(',').filter((label) => label !== '' && !label.startsWith('job='))
  return `${metric}{${[`job="${job}"`, ...rest].join(',')}}`
}

const movedJobs: Readonly<Record<string, string>> = { 'stacks-node': 'sbtc-stacks-node', stack: 'sbtc-stack' }

const pairCases = nodeCases.map((one): Case => ({
  ...one,
  alert: pairAlert(alerts.find(({ name }) => name === one.alert)!).name,
  series: Object.fromEntries(Object.entries(one.series).map(([name, values]) => [ofPair(name), values])),
  fires: one.fires.map(({ severity, labels }) => ({ severity, ...(labels && { labels: { ...labels, ...(labels['job'] && { job: movedJobs[labels['job']]! }) } }) })),
}))

export const sbtcCases: readonly Case[] = [...signerCases, ...pairCases]
