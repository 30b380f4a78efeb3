/** What the node answers when it is asked how it is. */

import { compareVersions } from '../shared/version.ts'
import type { Heights } from './chain.ts'
import type { NodeConfig } from './config.ts'
import { consensusHash, hashOf } from './events.ts'
import type { NodeWorld } from './world.ts'

const boot = { 1: 'SP000000000000000000002Q6VF78', other: 'ST000000000000000000002AMW42H' } as const

/** `/v2/info`; hashes stand without 0x. */
export function info({ chainId }: NodeConfig, release: string, { burn, stacks }: Heights): object {
  return {
    peer_version: chainId === 1 ? 402653200 : 4207599120, pox_consensus: consensusHash(burn), burn_block_height: burn, stable_pox_consensus: consensusHash(burn - 7),
    stable_burn_block_height: Math.max(0, burn - 7), server_version: `stacks-node ${release} (release/${release}:double, release build, linux [x86_64])`,
    network_id: chainId, parent_network_id: chainId === 1 ? 3652501241 : 3669344250, stacks_tip_height: stacks, stacks_tip: hashOf('block', stacks),
    stacks_tip_consensus_hash: consensusHash(burn), genesis_chainstate_hash: hashOf('genesis'), is_fully_synced: true,
  }
}

/** `/v2/pox`, with the fields that this release has. */
export function pox({ chainId, epochs }: NodeConfig, release: string, { burn }: Heights): object {
  const contract = (name: string) => `${chainId === 1 ? boot[1] : boot.other}.${name}`
  const since = (first: string) => compareVersions(release, first) >= 0
  const cycle = (id: number) => ({ id, min_threshold_ustx: 0, stacked_ustx: 0, is_pox_active: true })
  const listed = epochs.map(([name, start], at) => ({
    epoch_id: epochId(name), start_height: start, end_height: epochs[at + 1]?.[1] ?? Number.MAX_SAFE_INTEGER,
    block_limit: { write_length: 0, write_count: 0, read_length: 0, read_count: 0, runtime: 0 }, network_epoch: at,
  }))
  return {
    contract_id: contract(since('4.0.0') ? 'pox-5' : 'pox-4'), pox_activation_threshold_ustx: 0, first_burnchain_block_height: 0, current_burnchain_block_height: burn,
    prepare_phase_block_length: 100, reward_phase_block_length: 2000, reward_slots: 4000, rejection_fraction: null, total_liquid_supply_ustx: 0,
    current_cycle: cycle(1),
    next_cycle: {
      ...cycle(2), min_increment_ustx: 0, prepare_phase_start_block_height: 0, blocks_until_prepare_phase: 0,
      reward_phase_start_block_height: 0, blocks_until_reward_phase: 0, ustx_until_pox_rejection: null,
    },
    epochs: listed, min_amount_ustx: 0, prepare_cycle_length: 100, reward_cycle_id: 1, reward_cycle_length: 2100, rejection_votes_left_required: null, next_reward_cycle_in: 1,
    contract_versions: [{ contract_id: contract('pox-4'), activation_burnchain_block_height: 0, first_reward_cycle_id: 0 }],
    ...(since('3.3.0.0.2') && { current_epoch: listed.findLast(({ start_height }) => start_height <= burn)?.epoch_id }),
    ...(since('4.0.0') && { pox_5_sbtc_contract: null, pox_5_sbtc_registry_contract: null }),
  }
}

/** `/v3/health`, from 3.1.0.0.13 on; up to 3.2.0.0.1 a failure while no neighbour is known. */
export function health(release: string, { stacks }: Heights, { behind }: NodeWorld): { readonly status: number; readonly body: object } {
  if (compareVersions(release, '3.1.0.0.13') < 0) return { status: 404, body: {} }
  if (behind === null && compareVersions(release, '3.2.0.0.2') < 0) return { status: 500, body: {} }
  return {
    status: 200, body: {
      difference_from_max_peer: behind ?? 0, max_stacks_height_of_neighbors: behind === null ? 0 : stacks + behind,
      max_stacks_neighbor_address: behind === null ? null : '192.0.2.1:20444', node_stacks_tip_height: stacks,
    },
  }
}

/** `3.1` is Epoch31, `2.05` is Epoch2_05. */
function epochId(name: string): string {
  return name === '2.05' ? 'Epoch2_05' : `Epoch${name.replace('.', '')}`
}
