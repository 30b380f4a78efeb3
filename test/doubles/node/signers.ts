/** The signer sets of this node and their StackerDB slots. */

import type { NodeConfig } from './config.ts'
import type { NodeWorld } from './world.ts'

export interface Answered { readonly status: number; readonly body: object }

/** Answers `/v3/stacker_set/CYCLE` and `/v2/stackerdb/ADDRESS/CONTRACT`; undefined for any other path. */
export function signersAnswer({ chainId, stacker }: NodeConfig, { signers, writing }: NodeWorld, path: string): Answered | undefined {
  const cycle = /^\/v3\/stacker_set\/([0-9]{1,10})$/.exec(path)?.[1]
  if (cycle !== undefined) {
    const keys = Object.hasOwn(signers, cycle) ? signers[cycle] : undefined
    return keys ? { status: 200, body: { stacker_set: {
      rewarded_addresses: [], start_cycle_state: { missed_reward_slots: [] }, pox_ustx_threshold: 0,
      signers: keys.map((key) => ({ signing_key: key, stacked_amt: 1, weight: 1 })),
    } } } : { status: 400, body: { response: 'error', err_type: 'not_available_try_again', err_msg: 'Could not read reward set. Prepare phase may not have started for this cycle yet.' } }
  }
  const [, address, parity] = /^\/v2\/stackerdb\/(S[0-9A-Z]+)\/signers-([01])-(?:[1-9]|1[0-2])$/.exec(path) ?? []
  if (address === undefined) return undefined
  const keys = Object.entries(signers).find(([number]) => String(Number(number) % 2) === parity)?.[1] ?? []
  // Without `stacker` a node holds no copy.
  if (!stacker || address !== (chainId === 1 ? 'SP000000000000000000002Q6VF78' : 'ST000000000000000000002AMW42H')) return { status: 404, body: {} }
  const second = Math.floor(Date.now() / 1000) % 1_000_000
  return { status: 200, body: keys.map((key, index) => ({
    slot_id: index, slot_version: writing.includes(key) ? second : 7, data_hash: '00'.repeat(32), signature: '00'.repeat(65),
  })) }
}
