/** The read-only calls of the sBTC registry that a signer's backups make. */

import { isTable, stringOf } from '../shared/toml.ts'
import { parseJson } from '../shared/http.ts'
import type { Answered } from './signers.ts'
import type { NodeWorld } from './world.ts'

/** What the registry holds: keys as hexadecimal digits. */
export interface Registry {
  readonly key: string
  readonly set: readonly string[]
  readonly threshold: number
}

const length = (count: number, bytes = 4) => count.toString(16).padStart(bytes * 2, '0')
const buffer = (hex: string) => `02${length(hex.length / 2)}${hex}`
const tuple = (fields: readonly (readonly [name: string, value: string])[]) =>
  `0c${length(fields.length)}${fields.map(([name, value]) => `${length(name.length, 1)}${Buffer.from(name).toString('hex')}${value}`).join('')}`

/** Answers POST `/v2/contracts/call-read/ADDRESS/sbtc-registry/FUNCTION`; undefined for any other path, and where there is no registry. */
export function registryAnswer({ registry }: NodeWorld, path: string, body: string): Answered | undefined {
  const called = /^\/v2\/contracts\/call-read\/S[0-9A-Z]{28,41}\/sbtc-registry\/([a-z-]+)$/.exec(path)?.[1]
  if (called === undefined || registry === null) return undefined
  const given = parseJson(body)
  if (!isTable(given) || stringOf(given, 'sender') === undefined || !Array.isArray(given['arguments']) || given['arguments'].length > 0) return { status: 400, body: {} }
  const { key, set, threshold } = registry
  const values: Readonly<Record<string, string>> = {
    'get-current-aggregate-pubkey': buffer(key),
    'get-current-signer-data': tuple([
      ['current-aggregate-pubkey', buffer(key)], ['current-signature-threshold', `01${length(threshold, 16)}`], ['current-signer-principal', `0516${'ab'.repeat(20)}`],
      ['current-signer-set', `0b${length(set.length)}${set.map(buffer).join('')}`],
    ]),
  }
  const value = values[called]
  return { status: 200, body: value === undefined ? { okay: false, cause: 'Unchecked(UndefinedFunction)' } : { okay: true, result: `0x${value}` } }
}
