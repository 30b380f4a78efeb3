/** The signer sets of this node and their StackerDB slots, which a test may set by a file in the working directory. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from '../shared/http.ts'
import { isTable } from '../shared/toml.ts'
import type { NodeConfig } from './config.ts'

export interface Answered { readonly status: number; readonly body: object }

/** `sets` maps a cycle to the public keys of its signers; `writing` are those whose slots rise, second by second. */
interface Signers { readonly sets: Readonly<Record<string, readonly string[]>>; readonly writing: readonly string[] }

const stranger = `02${'5e'.repeat(32)}`
const usual: Signers = { sets: { 1: [stranger] }, writing: [stranger] }

/** Answers `/v3/stacker_set/CYCLE` and `/v2/stackerdb/ADDRESS/CONTRACT`; undefined for any other path. */
export function signersAnswer({ workingDir, chainId, stacker }: NodeConfig, path: string): Answered | undefined {
  const { sets, writing } = readSigners(workingDir)
  const cycle = /^\/v3\/stacker_set\/([0-9]{1,10})$/.exec(path)?.[1]
  if (cycle !== undefined) {
    const keys = sets[cycle]
    return keys ? { status: 200, body: { stacker_set: {
      rewarded_addresses: [], start_cycle_state: { missed_reward_slots: [] }, pox_ustx_threshold: 0,
      signers: keys.map((key) => ({ signing_key: key, stacked_amt: 1, weight: 1 })),
    } } } : { status: 400, body: { response: 'error', err_type: 'not_available_try_again', err_msg: 'Could not read reward set. Prepare phase may not have started for this cycle yet.' } }
  }
  const [, address, parity] = /^\/v2\/stackerdb\/(S[0-9A-Z]+)\/signers-([01])-(?:[1-9]|1[0-2])$/.exec(path) ?? []
  if (address === undefined) return undefined
  const keys = Object.entries(sets).find(([number]) => String(Number(number) % 2) === parity)?.[1] ?? []
  // Without `stacker` a node holds no copy.
  if (!stacker || address !== (chainId === 1 ? 'SP000000000000000000002Q6VF78' : 'ST000000000000000000002AMW42H')) return { status: 404, body: {} }
  const second = Math.floor(Date.now() / 1000) % 1_000_000
  return { status: 200, body: keys.map((key, index) => ({
    slot_id: index, slot_version: writing.includes(key) ? second : 7, data_hash: '00'.repeat(32), signature: '00'.repeat(65),
  })) }
}

function readSigners(workingDir: string): Signers {
  const file = join(workingDir, 'double-signers.json')
  const found = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined
  return isTable(found) && isTable(found['sets']) && Array.isArray(found['writing']) ? found as unknown as Signers : usual
}
