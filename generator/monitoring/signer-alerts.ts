/** Alerts about the signer: first that it takes part, then that it lives. */

import { whileRead, type Alert } from './alert.ts'

/**
 * Series of the signer appear with their first event: `unless on()` takes a missing one for zero, where a comparison
 * would be silent for ever.
 */
const proposed = 'sum(increase(stacks_signer_block_proposals_received[1h]))'

export const signerAlerts: readonly Alert[] = [
  {
    name: 'SignerDown', needs: ['signer'], expr: whileRead('up{job="stacks-signer"} == 0'), for: '2m', severity: 'page', concerns: 'signer', silences: ['signer'],
    summary: 'The signer does not answer',
    description: 'Its metrics cannot be read. A signer whose metrics port could not be opened still signs: look before acting.',
  },
  {
    name: 'SignerHeartbeat', needs: ['heartbeat'], expr: whileRead('probe_success{job="signer-heartbeat"} == 0'), for: '5m', severity: 'page', concerns: 'signer',
    summary: 'The signer cannot reach its node',
    description: 'The signer\'s heartbeat asks the node\'s /v2/info, and has failed for five minutes.',
  },
  {
    name: 'SignerNotRegistered', needs: ['node', 'identity', 'registered'], expr: 'stack_signer_registered{cycle="current"} == 0', for: '15m', severity: 'page', concerns: 'signer',
    summary: 'The signer has no seat in this reward cycle',
    description: 'The node\'s signer set of the running cycle does not hold this signer\'s public key.',
  },
  {
    name: 'SignerNotInNextCycle', needs: ['node', 'identity', 'registered'], expr: 'stack_signer_registered{cycle="next"} == 0', for: '1h', severity: 'warn', concerns: 'signer',
    summary: 'The signer has no seat in the next reward cycle',
    description: 'The signer set of the next cycle is settled, and does not hold this signer\'s public key.',
  },
  {
    name: 'SignerNoProposals', needs: ['signer', 'node', 'registered'], for: '15m', severity: 'page', concerns: 'signer',
    expr: `(sum(increase(stacks_node_stx_blocks_processed_total[1h])) > 20) unless on() (${proposed} > 0)`,
    summary: 'Blocks are made, and none is proposed to the signer',
    description: 'The node has processed {{ printf "%.0f" $value }} blocks in an hour and the signer has seen no proposal: no seat, another key, or the node does not tell it.',
  },
  {
    // Where the node is another host's: what the signer itself sees of it, at most once a minute.
    name: 'SignerNoProposals', needs: ['signer', 'registered'], without: ['node'], for: '15m', severity: 'page', concerns: 'signer',
    expr: `(sum(changes(stacks_signer_stacks_node_height[1h])) > 20) unless on() (${proposed} > 0)`,
    summary: 'Blocks are made, and none is proposed to the signer',
    description: 'The chain moves and the signer has seen no proposal for an hour: no seat, another key, or the node does not tell it.',
  },
  {
    name: 'SignerNoResponses', needs: ['signer'], for: '5m', severity: 'page', concerns: 'signer',
    expr: '(sum(increase(stacks_signer_block_proposals_received[15m])) > 3) unless on() (sum(increase(stacks_signer_block_responses_sent[15m])) > 0)',
    summary: 'The signer gets proposals and answers none',
    description: '{{ printf "%.0f" $value }} proposals in 15 minutes and not one response that the node took: it does not sign.',
  },
  {
    name: 'SignerMissesProposals', needs: ['signer'], for: '30m', severity: 'warn', concerns: 'signer',
    expr: `sum(increase(stacks_signer_block_responses_sent[1h])) / (${proposed} > 20) < 0.8`,
    summary: 'The signer answers too few proposals',
    description: 'It answered {{ $value | humanizePercentage }} of the proposals of the last hour; a healthy one answers nearly all.',
  },
  {
    name: 'SignerRejects', needs: ['signer'], for: '15m', severity: 'warn', concerns: 'signer',
    expr: 'sum(rate(stacks_signer_block_responses_sent{response_type="rejected"}[30m])) / sum(rate(stacks_signer_block_responses_sent[30m])) > 0.3',
    summary: 'The signer rejects many blocks',
    description: '{{ $value | humanizePercentage }} of its responses of the last half hour are rejections. Some are normal at forks.',
  },
  {
    name: 'SignerSlow', needs: ['signer'], for: '15m', severity: 'warn', concerns: 'signer',
    expr: 'histogram_quantile(0.95, sum by (le) (rate(stacks_signer_block_response_latencies_histogram_bucket[15m]))) > 10',
    summary: 'The signer answers late',
    description: 'One response in twenty takes longer than {{ $value | humanizeDuration }}; a late one no longer counts towards the block.',
  },
  {
    name: 'SignerCycleStale', needs: ['signer', 'node', 'mainnet'], for: '30m', severity: 'warn', concerns: 'signer',
    // Cycles of 2100 Bitcoin blocks, counted from mainnet's first one.
    expr: 'floor((max(stacks_node_burn_block_height) - 666050) / 2100) - max(stacks_signer_current_reward_cycle) > 0',
    summary: 'The signer is still in a past reward cycle',
    description: 'By Bitcoin\'s height another cycle has begun, and the signer has not moved on for half an hour.',
  },
  {
    name: 'SignerNodeLag', needs: ['signer', 'node'], for: '10m', severity: 'warn', concerns: 'signer',
    expr: 'max(stacks_node_stacks_tip_height) - max(stacks_signer_stacks_node_height) > 60',
    summary: 'The signer sees an old tip of its node',
    description: 'The node is {{ printf "%.0f" $value }} blocks beyond what the signer last saw of it.',
  },
]
