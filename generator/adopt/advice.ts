/** What is known of keys that a release accepts and an operator should look at all the same. */

import { compareVersions } from '../catalogue/releases.ts'
import type { TomlValue } from '../render/toml.ts'
import type { Setting } from './model.ts'
import type { Leaf } from './units.ts'

export interface Advice {
  readonly note: string
  readonly danger?: true
  /** The key must not be carried on. */
  readonly leaveOut?: true
}

interface Row {
  readonly keys: RegExp
  readonly when?: (value: TomlValue, setting: Setting) => boolean
  readonly advice: Advice
}

const refusedOnMainnet = /^node\.(burnchain\.(epochs|first_burn_block_.*|pox_2_activation|sunset_(start|end))|node\.pox_5_.*)$/

const rows: readonly Row[] = [
  { keys: /fault_injection/, advice: { note: 'it makes the node fail on purpose, for tests', danger: true, leaveOut: true } },
  { keys: refusedOnMainnet, when: (_, { network }) => network === 'mainnet', advice: { note: 'a stacks-node on mainnet refuses it: the value is built in', leaveOut: true } },
  { keys: /^node\.node\.use_test_genesis_chainstate$/, when: (value) => value === true, advice: { note: 'it starts another chain than that of the network', danger: true, leaveOut: true } },
  { keys: /^signer\.dry_run$/, when: (value) => value === true, advice: { note: 'the signer signs nothing while this is true', danger: true } },
  { keys: /^node\.burnchain\.process_exit_at_block_height$/, advice: { note: 'the node ends itself at this Bitcoin block', danger: true } },
  { keys: /^node\.node\.event_dispatcher_blocking$/, when: (value) => value === false, advice: { note: 'events for the signer wait in memory and are lost with the node', danger: true } },
  { keys: /^node\.connection_options\.disable_block_download$/, when: (value) => value === true, advice: { note: 'the node fetches no blocks from its peers', danger: true } },
  { keys: /^node\.burnchain\.pox_(prepare|reward)_length$/, when: (_, { network }) => network === 'mainnet', advice: { note: 'without effect on mainnet' } },
  { keys: /^signer\.(block_proposal_timeout_ms|tenure_last_block_proposal_timeout_secs)$/, advice: { note: 'the documentation of today leaves it at its default' } },
  { keys: /^node\.node\.marf_cache_strategy$/, when: (_, { releases }) => compareVersions(releases.node.version, '4.0.2') >= 0, advice: { note: 'without effect from 4.0.2 on' } },
  {
    keys: /^node\.(burnchain\.(commit_anchor_block_within|rpc_ssl)|node\.(name|max_microblocks|chain_liveness_poll_time_secs)|connection_options\.((soft_)?max_neighbors_per_host|max_clients_per_host|full_inv_sync_interval))$/,
    advice: { note: 'without effect, and a release after 4.0.4 is to refuse it' },
  },
]

/** The first advice that fits this key with this value. */
export function adviceOf(setting: Setting, { path, value, unit }: Leaf): Advice | undefined {
  const name = `${unit.program}.${path}`
  return rows.find(({ keys, when }) => keys.test(name) && (when?.(value, setting) ?? true))?.advice
}
