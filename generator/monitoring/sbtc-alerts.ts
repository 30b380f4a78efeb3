/** Alerts about the sBTC signer, and about the nodes that it has for itself. */

import { whileRead, type Alert, type Concern, type Need } from './alert.ts'
import { nodeAlerts } from './node-alerts.ts'

const signed = 'sign_requests_total{job="sbtc-signer"'

const signerAlerts: readonly Alert[] = [
  {
    name: 'SbtcDown', needs: ['sbtc'], expr: whileRead('up{job="sbtc-signer"} == 0', 'sbtc-stack'), for: '2m', severity: 'page', concerns: 'sbtc', silences: ['sbtc'],
    summary: 'The sBTC signer does not answer',
    description: 'Its metrics cannot be read. While it does not run, its node waits, and the other signers have one fewer.',
  },
  {
    name: 'PostgresDown', needs: ['sbtc'], expr: 'stack_sbtc_database_up == 0', for: '2m', severity: 'page', concerns: 'sbtcDatabase', silences: ['sbtc'],
    summary: 'The database of the sBTC signer does not answer',
    description: 'Without it the sBTC signer ends.',
  },
  {
    name: 'SbtcBlocklistDown', needs: ['sbtc'], expr: 'stack_sbtc_blocklist_up == 0', for: '10m', severity: 'warn', concerns: 'sbtc',
    summary: 'The blocklist client does not answer, or has no list',
    description: 'The sBTC signer cannot judge deposits and withdrawals.',
  },
  {
    // A node that waits for its observer stands still: then its tip is what says so.
    name: 'SbtcObserverSilent', needs: ['sbtc'], for: '5m', severity: 'page', concerns: 'sbtc',
    expr: '(sum(changes(stacks_node_stacks_tip_height{job="sbtc-stacks-node"}[15m])) > 0) unless on() (sum(increase(blocks_observed_total{job="sbtc-signer",blockchain="stacks"}[15m])) > 0)',
    summary: 'The sBTC signer hears of no Stacks block',
    description: 'Its node moves, and no event has come through for 15 minutes.',
  },
  {
    name: 'SbtcNoBitcoin', needs: ['sbtc'], for: '5m', severity: 'page', concerns: 'sbtc',
    expr: '(sum(changes(bitcoin_blocks{job="sbtc-stack"}[2h])) > 0) unless on() (sum(increase(blocks_observed_total{job="sbtc-signer",blockchain="bitcoin"}[2h])) > 0)',
    summary: 'The sBTC signer sees no Bitcoin block',
    description: 'bitcoind moves, and the signer has seen nothing of it for two hours.',
  },
  {
    // Itself is one of those who must sign. Without any peer there is no such number.
    name: 'SbtcPeers', needs: ['sbtc'], for: '15m', severity: 'page', concerns: 'sbtc',
    expr: '(max(peers_connected{job="sbtc-signer"}) or on() vector(0)) < on() (max(stack_sbtc_signatures_required) - 1)',
    summary: 'The sBTC signer has too few peers to sign with',
    description: 'It is connected with {{ printf "%.0f" $value }} others: no round of signing can succeed.',
  },
  {
    name: 'SbtcSignFailures', needs: ['sbtc'], for: '30m', severity: 'warn', concerns: 'sbtc',
    expr: `sum(rate(${signed},status!="success"}[1h])) / sum(rate(${signed}}[1h])) > 0.5`,
    summary: 'The sBTC signer fails to sign',
    description: '{{ $value | humanizePercentage }} of the requests of the last hour ended without a signature.',
  },
  {
    name: 'SbtcNodeErrors', needs: ['sbtc'], for: '5m', severity: 'warn', concerns: 'sbtc',
    expr: 'sum(increase(call_read_only_requests_total{job="sbtc-signer",status_code!="200"}[15m])) > 5',
    summary: 'The sBTC signer\'s node refuses its questions',
    description: '{{ printf "%.0f" $value }} calls of contracts failed within 15 minutes.',
  },
  {
    name: 'SbtcKeyMismatch', needs: ['sbtc'], expr: 'stack_sbtc_key_matches == 0', for: '6h', severity: 'page', concerns: 'sbtc',
    summary: 'The sBTC signer\'s newest key is not that of the contract',
    description: 'A rotation takes a tenure or more, not hours: this signer may have missed the making of a key.',
  },
]

const concerns: Readonly<Partial<Record<Concern, Concern>>> = { node: 'sbtcNode', bitcoin: 'sbtcBitcoin', signer: 'sbtc' }
const needs: Readonly<Partial<Record<Need, Need>>> = { node: 'sbtcPair', bitcoin: 'sbtcPair' }

/** The alert of the sBTC signer's own node or bitcoind for one of the other pair. */
export function pairAlert(alert: Alert): Alert {
  return {
    ...alert,
    name: `Sbtc${alert.name}`,
    needs: [...new Set(alert.needs.map((need) => needs[need] ?? need))],
    expr: ofPair(alert.expr),
    concerns: concerns[alert.concerns] ?? alert.concerns,
    ...(alert.silences && { silences: alert.silences.map((one) => concerns[one] ?? one) }),
    summary: `sBTC: ${alert.summary.replace(/^(The|No) /, (word) => word.toLowerCase())}`,
    description: alert.description.replaceAll('the signer', 'the sBTC signer'),
  }
}

/** `expr` with the jobs of the sBTC signer's own nodes. */
export function ofPair(expr: string): string {
  return expr.replaceAll('job="stacks-node"', 'job="sbtc-stacks-node"').replaceAll('job="stack"', 'job="sbtc-stack"')
    .replace(/\b(stacks_(?:node|unreachable)\w+)(?!\{)\b/g, '$1{job="sbtc-stacks-node"}')
    .replace(/\b((?:bitcoin|stack_node)_\w+)(?!\{)\b/g, '$1{job="sbtc-stack"}')
}

export const sbtcAlerts: readonly Alert[] = [...signerAlerts, ...nodeAlerts.map(pairAlert)]
