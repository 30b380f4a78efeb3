/** What the contract sbtc-registry answers, from its Clarity values. Throws UnreliableAnswer for anything else. */

import { UnreliableAnswer, type ClarityValue } from './clarity.ts'

export interface SignerData {
  /** The aggregate key; undefined before the first one. Without it, the set may be empty or not yet in use. */
  readonly key: string | undefined
  /** The public keys of the signers. */
  readonly signers: ReadonlySet<string>
  readonly threshold: number
}

const fields = ['current-aggregate-pubkey', 'current-signature-threshold', 'current-signer-principal', 'current-signer-set'] as const

/** What get-current-aggregate-pubkey answers; undefined for the single zero byte that stands there before the first key. */
export function aggregateKey(value: ClarityValue | undefined): string | undefined {
  return Buffer.isBuffer(value) && value.equals(Uint8Array.of(0)) ? undefined : publicKey(value, 'the aggregate key')
}

/** What get-current-signer-data answers. */
export function signerData(value: ClarityValue): SignerData {
  if (!(value instanceof Map) || [...value.keys()].sort().join() !== fields.join()) throw new UnreliableAnswer('it has other fields than the answer of an sBTC registry')
  const [key, threshold, , set] = fields.map((name) => (value as ReadonlyMap<string, ClarityValue>).get(name))
  const aggregate = aggregateKey(key)
  if (!Array.isArray(set)) throw new UnreliableAnswer('the signer set is not a list')
  const signers = new Set((set as readonly ClarityValue[]).map((one) => publicKey(one, 'a key of the signer set')))
  if (signers.size !== set.length) throw new UnreliableAnswer('the signer set has a key twice')
  if (typeof threshold !== 'bigint' || (aggregate !== undefined && (threshold < 1n || threshold > signers.size))) throw new UnreliableAnswer('the threshold does not fit the signer set')
  return { key: aggregate, signers, threshold: Number(threshold) }
}

/** The compressed key in a buffer, as lower-case hexadecimal digits. */
function publicKey(value: ClarityValue | undefined, what: string): string {
  if (!Buffer.isBuffer(value) || value.length !== 33 || (value[0] !== 2 && value[0] !== 3)) throw new UnreliableAnswer(`${what} is not a public key`)
  return value.toString('hex')
}
