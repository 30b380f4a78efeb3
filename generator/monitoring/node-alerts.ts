/** Alerts about the node and bitcoind: without them the signer has nothing to sign. */

import { whileRead, type Alert } from './alert.ts'

export const nodeAlerts: readonly Alert[] = [
  {
    name: 'NodeDown', needs: ['node'], expr: whileRead('up{job="stacks-node"} == 0'), for: '5m', severity: 'page', concerns: 'node', silences: ['node', 'signer'],
    summary: 'The node does not answer',
    description: 'Its metrics cannot be read. Before its first start is done, which takes hours, that is right.',
  },
  {
    name: 'NodeRpcDown', needs: ['node'], expr: 'stack_node_rpc_up == 0', for: '10m', severity: 'page', concerns: 'node', silences: ['signer'],
    summary: 'The node\'s RPC does not answer',
    description: 'The node runs, and /v2/info has failed for ten minutes: the signer cannot work with it.',
  },
  {
    name: 'NodeTipStalled', needs: ['node'], expr: 'changes(stacks_node_stacks_tip_height[15m]) == 0', for: '5m', severity: 'warn', concerns: 'node',
    summary: 'No new Stacks block for 20 minutes',
    description: 'Blocks come within seconds. A network that stands still looks the same: compare with the peers before acting.',
  },
  {
    name: 'NodeTipStalled', needs: ['node'], expr: 'changes(stacks_node_stacks_tip_height[15m]) == 0', for: '30m', severity: 'page', concerns: 'node',
    summary: 'No new Stacks block for 45 minutes',
    description: 'Blocks come within seconds. A network that stands still looks the same: compare with the peers before acting.',
  },
  {
    name: 'NodeBehindPeers', needs: ['node'], expr: 'stack_node_behind_peers > 10', for: '10m', severity: 'warn', concerns: 'node',
    summary: 'The node is behind its peers',
    description: 'The highest of its peers is {{ printf "%.0f" $value }} Stacks blocks ahead.',
  },
  {
    name: 'NodeBehindBitcoin', needs: ['node', 'bitcoin'], expr: 'max(bitcoin_blocks) - max(stacks_node_burn_block_height) > 2', for: '15m', severity: 'warn', concerns: 'node',
    summary: 'The node is behind its bitcoind',
    description: 'bitcoind is {{ printf "%.0f" $value }} Bitcoin blocks ahead of what the node has processed.',
  },
  {
    name: 'NodeFewPeers', needs: ['node', 'mainnet'], expr: 'stacks_node_neighbors_outbound < 4', for: '15m', severity: 'warn', concerns: 'node',
    summary: 'The node has few peers',
    description: 'It has {{ printf "%.0f" $value }} outbound peers.',
  },
  {
    name: 'NodeFewPeers', needs: ['node'], expr: 'stacks_node_neighbors_outbound < 1', for: '15m', severity: 'page', concerns: 'node',
    summary: 'The node has no peers',
    description: 'Not one outbound peer for 15 minutes: it hears of no block.',
  },
  {
    // The counter appears with its first event, when an increase cannot be seen yet. Nobody having looked for a while, as
    // with the monitoring away, is no first event.
    name: 'NodeBug', needs: ['node'], for: '0m', severity: 'warn', concerns: 'node',
    expr: 'increase(stacks_unreachable_errors_total[1h]) > 0 or (stacks_unreachable_errors_total > 0 unless max_over_time(stacks_unreachable_errors_total[6h] offset 1h))',
    summary: 'The node met a state that its authors hold for impossible',
    description: 'Kind: {{ $labels.error_type }}. It is a bug of the release, to be told upstream with the log around it.',
  },
  {
    name: 'BitcoindDown', needs: ['bitcoin'], expr: 'absent(bitcoin_blocks)', for: '10m', severity: 'page', concerns: 'bitcoin', silences: ['bitcoin'],
    summary: 'bitcoind does not answer',
    description: 'Its RPC has not answered for ten minutes: the node gets no Bitcoin blocks.',
  },
  {
    // Only where it has been watched for so long: at the start every number stands still.
    name: 'BitcoinNoBlock', needs: ['bitcoin', 'mainnet'], expr: 'changes(bitcoin_blocks[90m]) == 0 and bitcoin_blocks offset 90m', for: '1m', severity: 'warn', concerns: 'bitcoin',
    summary: 'No new Bitcoin block for 90 minutes',
    description: 'By chance alone that happens about every second month.',
  },
  {
    name: 'BitcoinNoBlock', needs: ['bitcoin', 'mainnet'], expr: 'changes(bitcoin_blocks[120m]) == 0 and bitcoin_blocks offset 120m', for: '1m', severity: 'page', concerns: 'bitcoin',
    summary: 'No new Bitcoin block for two hours',
    description: 'By chance alone that happens about once in three years.',
  },
  {
    name: 'BitcoinFewPeers', needs: ['bitcoin', 'mainnet'], expr: 'bitcoin_peers < 4', for: '15m', severity: 'warn', concerns: 'bitcoin',
    summary: 'bitcoind has few peers',
    description: 'It has {{ printf "%.0f" $value }}; ten outbound ones are usual.',
  },
  {
    name: 'BitcoinSyncing', needs: ['bitcoin'], expr: 'bitcoin_verification_progress < 0.9999', for: '30m', severity: 'warn', concerns: 'bitcoin',
    summary: 'bitcoind still reads the chain',
    description: 'It is at {{ $value | humanizePercentage }}. Right at the first start, which takes days.',
  },
]
