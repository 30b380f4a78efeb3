/**
 * The signers' StackerDB as a node tells of it: who has which slot in a cycle, and how often each slot was written. Slots stand in
 * the order of the signer set, one for each signer (nakamoto/signer_set.rs); an unknown contract answers 404.
 */

import { errorCode } from '../../../generator/io/disk.ts'
import { ask } from '../shared/http.ts'
import { isJsonObject, parseJson } from '../shared/json.ts'
import type { Look, Slot, Versions } from './look.ts'

/** In bytes: a set has 4000 signers at most (SIGNERS_MAX_LIST_SIZE), and neither they nor their slots take more than 1.3 MB. */
const largest = 2 << 20
/** How many commas an answer may hold: as memory, a small value takes much more than its bytes, and no answer has as many. */
const mostValues = 200_000
const comma = 0x2c
/** In milliseconds. A look is eleven requests at most, and takes less than the health check allows. */
const wait = 20_000

/** Nothing can be told now; the message says why. */
export class NotYet extends Error {}

/** Where a node is asked, and until when. */
export interface Node {
  /** host:port of its RPC. */
  readonly address: string
  readonly stop: AbortSignal
}

interface Member {
  readonly key: string
  readonly weight: bigint
}

/** What the node knows of the signer with this public key. Throws NotYet unless it is level with the chain and answers in full. */
export async function lookAt(node: Node, key: string, lanes: readonly string[]): Promise<Look> {
  const info = await object(node, '/v2/info')
  const [burn, stacks] = [whole(info, 'burn_block_height', '/v2/info'), whole(info, 'stacks_tip_height', '/v2/info')]
  if (info['is_fully_synced'] !== true) throw new NotYet(`the node is not level with the chain yet: Stacks block ${stacks}, Bitcoin block ${burn}`)
  const { issuer, cycle } = await presentCycle(node)
  const sets = new Map([[cycle, await signerSet(node, cycle, true)], [cycle + 1n, await signerSet(node, cycle + 1n, false)]])
  const seats = new Map([...sets].map(([each, members]) => [each, members.findIndex((member) => member.key === key)] as const).filter(([, seat]) => seat >= 0))
  const own: Slot[] = []
  let others = new Map<number, Versions>()
  for (const [each, members] of seats.size > 0 ? sets : []) {
    const seat = seats.get(each)
    // Without a seat in it, this cycle still tells whether the others write.
    if (seat === undefined && each !== cycle) continue
    const written: (readonly bigint[])[] = []
    for (const lane of lanes) {
      const contract = `signers-${each % 2n}-${lane}`
      const versions = await slotVersions(node, `/v2/stackerdb/${issuer}/${contract}`, members.length)
      written.push(versions)
      if (seat !== undefined) own.push({ key: `${each} ${contract}`, cycle: each, contract, seat, version: versions[seat]! })
    }
    if (each === cycle) others = new Map(members.flatMap(({ key: one, weight }, index) => (one === key ? [] : [[index, { weight, versions: written.map((versions) => versions[index]!) }] as const])))
  }
  const now = await presentCycle(node)
  if (now.issuer !== issuer || now.cycle !== cycle) throw new NotYet('the reward cycle is just changing')
  return { cycle, seats, own, others, burn, stacks }
}

async function presentCycle(node: Node): Promise<{ readonly issuer: string; readonly cycle: bigint }> {
  const pox = await object(node, '/v2/pox')
  const issuer = String(pox['contract_id'] ?? '').split('.')[0]!
  if (!/^S[0-9A-Z]{20,45}$/.test(issuer)) throw new NotYet('/v2/pox: contract_id is no contract')
  return { issuer, cycle: whole(pox, 'reward_cycle_id', '/v2/pox') }
}

/** By slot. Empty for a cycle whose set is not chosen yet, unless there `must` be one. */
async function signerSet(node: Node, cycle: bigint, must: boolean): Promise<readonly Member[]> {
  const path = `/v3/stacker_set/${cycle}`
  const answer = await answerOf(node, path, must ? undefined : 'not_available_try_again')
  if (answer === undefined) return []
  const found = isJsonObject(answer) ? answer['stacker_set'] : undefined
  const rows = isJsonObject(found) ? found['signers'] : undefined
  if (!Array.isArray(rows) || !rows.every(isJsonObject)) throw new NotYet(`${path}: no list of signers`)
  const members = rows.map((row) => ({ key: String(row['signing_key'] ?? '').toLowerCase().replace(/^0x/, ''), weight: whole(row, 'weight', path) }))
  if (!members.every(({ key }) => /^0[23][0-9a-f]{64}$/.test(key)) || new Set(members.map(({ key }) => key)).size !== members.length) {
    throw new NotYet(`${path}: a signing_key is no public key, or is there twice`)
  }
  return members
}

/** The version of each slot. Throws NotYet unless there is exactly one for each signer of the set. */
async function slotVersions(node: Node, path: string, count: number): Promise<readonly bigint[]> {
  const rows = await answerOf(node, path)
  if (!Array.isArray(rows)) throw new NotYet(`${path}: not a list`)
  if (rows.length !== count) throw new NotYet(`${path}: ${rows.length} slots for ${count} signers`)
  const versions = new Map(rows.map((row: unknown) => {
    if (!isJsonObject(row)) throw new NotYet(`${path}: a slot is no object`)
    return [whole(row, 'slot_id', path), whole(row, 'slot_version', path)] as const
  }))
  return rows.map((_, slot) => {
    const version = versions.get(BigInt(slot))
    if (version === undefined) throw new NotYet(`${path}: a slot is missing, or is there twice`)
    return version
  })
}

function whole(row: Readonly<Record<string, unknown>>, name: string, where: string): bigint {
  const value = row[name]
  if (typeof value !== 'bigint' || value < 0n || value >= 1n << 64n) throw new NotYet(`${where}: ${name} is no number`)
  return value
}

async function object(node: Node, path: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await answerOf(node, path)
  if (!isJsonObject(answer)) throw new NotYet(`${path}: not an object`)
  return answer
}

/** The JSON that the node answers; undefined for a failure whose err_type is `missing`. */
async function answerOf({ address, stop }: Node, path: string, missing?: string): Promise<unknown> {
  const { status, body } = await ask(`http://${address}${path}`, { within: wait, most: largest, stop }).catch((error: unknown) => {
    throw new NotYet(`the node at ${address} does not answer yet (${errorCode(error) ?? (error instanceof Error ? error.message : error)})`)
  })
  if (status === 200) return json(body, path)
  if (missing !== undefined && status >= 400) {
    const failure = await failureOf(body, path)
    if (failure === missing) return undefined
  }
  throw new NotYet(`${path}: status ${status}`)
}

function failureOf(body: Buffer, path: string): unknown {
  try {
    const found = json(body, path)
    return isJsonObject(found) ? found['err_type'] : undefined
  } catch {
    return undefined
  }
}

function json(body: Buffer, path: string): unknown {
  if (body.filter((byte) => byte === comma).length > mostValues) throw new NotYet(`${path}: more values than any answer has`)
  try {
    return parseJson(body.toString())
  } catch {
    throw new NotYet(`${path}: no JSON`)
  }
}
