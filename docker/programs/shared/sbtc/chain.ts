/** What the chain says: the registry's aggregate key, its signers, the tip, and which chain it is. */

import { ask } from '../http.ts'
import { isJsonObject } from '../json.ts'
import { decodeClarity, UnreliableAnswer, type ClarityValue } from './clarity.ts'
import { aggregateKey, signerData, type SignerData } from './registry.ts'

/** In milliseconds. */
const within = 15_000
/** In bytes. */
const most = 1 << 20

export interface Chain extends SignerData {
  /** The address that has answered. */
  readonly at: string
  readonly networkId: number
  /** Of the newest Bitcoin block. */
  readonly height: number
  /** The hash of the Bitcoin block at the height that was asked for; undefined where the node does not know it. */
  readonly block: string | undefined
}

/** None of the addresses gave an answer that can be relied on; the message says what each did instead. */
export class UnreachableChain extends Error {}

/** What the first of `addresses` says that answers everything. Throws UnreachableChain. */
export async function askChain(addresses: readonly string[], deployer: string, height?: number): Promise<Chain> {
  const reasons: string[] = []
  for (const address of addresses) {
    try {
      return await askOne(address.replace(/\/+$/, ''), deployer, height)
    } catch (error) {
      if (!(error instanceof UnreliableAnswer)) throw error
      reasons.push(`${address}: ${error.message.slice(0, 300)}`)
    }
  }
  throw new UnreachableChain(reasons.join('; '))
}

/** What a read-only function of the contract sbtc-registry answers, as `read` reads it. Throws UnreliableAnswer. */
export async function callRegistry<T>(address: string, deployer: string, name: string, read: (value: ClarityValue) => T): Promise<T> {
  const answer = await askForObject(address, `/v2/contracts/call-read/${deployer}/sbtc-registry/${name}`, { sender: deployer, arguments: [] })
  if (answer['okay'] !== true) throw new UnreliableAnswer(`${name} failed: ${JSON.stringify(String(answer['cause']).slice(0, 200))}`)
  try {
    return read(decodeClarity(answer['result']))
  } catch (error) {
    throw error instanceof UnreliableAnswer ? new UnreliableAnswer(`the answer of ${name} cannot be relied on: ${error.message}`) : error
  }
}

/** The JSON object that a node answers. Throws UnreliableAnswer. */
export async function askForObject(address: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
  const value = await askNode(address, path, body)
  if (!isJsonObject(value)) throw new UnreliableAnswer(`the answer to ${path} is not a JSON object`)
  return value
}

async function askOne(at: string, deployer: string, height: number | undefined): Promise<Chain> {
  const info = await askForObject(at, '/v2/info')
  const [networkId, tip] = [natural(info, 'network_id'), natural(info, 'burn_block_height')]
  // The guide asks for the key alone; the set and its threshold stand beside it in the other answer.
  const key = await callRegistry(at, deployer, 'get-current-aggregate-pubkey', aggregateKey)
  const data = await callRegistry(at, deployer, 'get-current-signer-data', signerData)
  if (data.key !== key) throw new UnreliableAnswer('the key changed between two questions')
  return { ...data, at, networkId, height: tip, block: height === undefined ? undefined : await blockAt(at, height) }
}

async function blockAt(address: string, height: number): Promise<string | undefined> {
  const rows = await askNode(address, `/v3/sortitions/burn_height/${height}`, undefined, [400, 404])
  if (rows === undefined) return undefined
  const row: unknown = Array.isArray(rows) && rows.length === 1 ? rows[0] : undefined
  const hash = isJsonObject(row) && row['burn_block_height'] === height ? /^(?:0x)?([0-9a-f]{64})$/i.exec(String(row['burn_block_hash']))?.[1] : undefined
  if (hash === undefined) throw new UnreliableAnswer(`the answer to /v3/sortitions/burn_height/${height} is not one block of that height with its hash`)
  return hash.toLowerCase()
}

/** The JSON that a node answers; undefined where the status is one of `none`. */
async function askNode(address: string, path: string, body?: object, none: readonly number[] = []): Promise<unknown> {
  const asking = { within, most, ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) }
  const answer = await ask(`${address}${path}`, asking).catch((error: NodeJS.ErrnoException) => {
    throw new UnreliableAnswer(`no answer to ${path}: ${error.code === 'ABORT_ERR' ? `none within ${within / 1000} seconds` : error.message || error.code}`)
  })
  if (none.includes(answer.status)) return undefined
  if (answer.status !== 200) throw new UnreliableAnswer(`${path} is answered with ${answer.status}`)
  try {
    return JSON.parse(answer.body.toString()) as unknown
  } catch {
    throw new UnreliableAnswer(`the answer to ${path} is not JSON`)
  }
}

function natural(info: Readonly<Record<string, unknown>>, name: string): number {
  const value = info[name]
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new UnreliableAnswer(`/v2/info has no ${name}`)
  return value as number
}
