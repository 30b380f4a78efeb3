/** A node as the guard sees it: its RPC's real shapes, from a state that a test changes as it goes. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { toJson } from '../../docker/programs/shared/json.ts'

export const ownKey = '0390a5cac7c33fda49f70bc1b0866fa0ba7a9440d9de647fecb8132ceb76a94dfa'
export const otherKeys = [2, 3, 4].map((digit) => `02${`${digit}${digit}`.repeat(32)}`)

export interface NodeState {
  cycle: number
  synced: unknown
  burn: number
  /** Public keys by cycle; a cycle that is missing is not chosen yet. */
  sets: Record<number, string[]>
  /** Versions by contract, in the order of the set. */
  slots: Record<string, number[]>
  /** What is added to each of them, for versions that a Number does not hold. */
  beyond: bigint
  /** Answers in place of the usual ones: a status and what stands in the body. */
  instead: Record<string, readonly [status: number, body: string]>
  /** It takes questions, and does not answer. */
  silent: boolean
  /** Every path that was asked for, again each time. */
  asked: string[]
}

/** Our signer has slot 1 of four in cycle 4; the next cycle is not chosen. */
export function usualState(): NodeState {
  const set = [otherKeys[0]!, ownKey, otherKeys[1]!, otherKeys[2]!]
  return { cycle: 4, synced: true, burn: 900, sets: { 4: set }, slots: { 'signers-0-1': [5, 40, 5, 5], 'signers-0-2': [3, 30, 3, 3], 'signers-0-3': [2, 20, 2, 2] }, beyond: 0n, instead: {}, silent: false, asked: [] }
}

export function scriptedNode(state: NodeState): Server {
  return createServer((request, response) => {
    const path = request.url ?? ''
    state.asked.push(path)
    if (state.silent) return
    const [status, body] = state.instead[path] ?? answer(state, path)
    response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }).end(body)
  })
}

/** Listens on 127.0.0.1 until the test is over; gives host:port. */
export async function listening(t: Test, server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve) => { server.listen(port, '127.0.0.1', resolve) })
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

function answer(state: NodeState, path: string): readonly [number, string] {
  const json = (body: unknown) => [200, JSON.stringify(body)] as const
  if (path === '/v2/info') {
    return json({ burn_block_height: state.burn, stacks_tip_height: 5_000_000, is_fully_synced: state.synced, network_id: 1, server_version: 'stacks-node 4.0.4', unanchored_tip: null })
  }
  if (path === '/v2/pox') return json({ contract_id: 'SP000000000000000000002Q6VF78.pox-5', reward_cycle_id: state.cycle, current_burnchain_block_height: state.burn })
  const cycle = /^\/v3\/stacker_set\/(\d+)$/.exec(path)?.[1]
  if (cycle) {
    const keys = state.sets[Number(cycle)]
    return keys ? json({ stacker_set: { rewarded_addresses: [], signers: keys.map((key) => ({ signing_key: key, stacked_amt: 7, weight: 10 })), pox_ustx_threshold: 1 } })
      : [400, JSON.stringify({ response: 'error', err_type: 'not_available_try_again', err_msg: 'Could not read reward set.' })]
  }
  const versions = state.slots[/^\/v2\/stackerdb\/SP000000000000000000002Q6VF78\/(signers-[01]-\d)$/.exec(path)?.[1] ?? '']
  return versions ? [200, toJson(versions.map((version, index) => ({ slot_id: index, slot_version: BigInt(version) + state.beyond, data_hash: '00'.repeat(32), signature: '00'.repeat(65) })))]
    : [404, 'StackerDB contract not found']
}
