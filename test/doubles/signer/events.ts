/** What the signer needs in the bodies that its node sends. */

import { compareVersions } from '../shared/version.ts'
import { isTable, isTableList, type Table } from '../shared/toml.ts'

type Fields = readonly (readonly [field: string, since?: string])[]

const required: Readonly<Record<string, Fields>> = {
  '/stackerdb_chunks': [['contract_id'], ['modified_slots']],
  '/new_burn_block': [
    ['burn_block_hash'], ['burn_block_height'], ['reward_recipients'], ['reward_slot_holders'], ['burn_amount'],
    ['consensus_hash', '3.1.0.0.8.0'], ['parent_burn_block_hash', '3.1.0.0.10.0'], ['pox_transactions', '3.3.0.0.5.0'],
  ],
  '/new_block': [
    ['block_hash', '3.1.0.0.3.0'], ['block_height', '3.1.0.0.3.0'],
    ['index_block_hash', '3.1.0.0.8.0'], ['consensus_hash', '3.1.0.0.8.0'], ['signer_signature_hash', '3.1.0.0.8.0'],
    ['transactions', '3.1.0.0.13.0'],
  ],
  '/proposal_response': [['result'], ['signer_signature_hash']],
}

const accepted: Fields = [['cost'], ['size'], ['validation_time_ms', '3.1.0.0.1.0'], ['replay_tx_hash', '3.1.0.0.13.0'], ['replay_tx_exhausted', '3.1.0.0.13.0']]
const rejected: Fields = [['reason'], ['reason_code']]
const cost: Fields = [['write_length'], ['write_count'], ['read_length'], ['read_count'], ['runtime']]
const slot: Fields = [['slot_id'], ['slot_version'], ['sig'], ['data']]

/** Whether the signer looks at bodies of this path at all. */
export function isKnownEvent(path: string): boolean {
  return Object.hasOwn(required, path)
}

/** Why `body` is no event of `path` for this release; undefined when it is one. */
export function eventProblem(path: string, body: unknown, release: string): string | undefined {
  if (!isTable(body)) return 'not a JSON object'
  const missing = (table: Table, fields: Fields) =>
    fields.find(([field, since]) => (since === undefined || compareVersions(release, since) >= 0) && !(field in table))?.[0]
  const absent = missing(body, required[path] ?? []) ?? detail(path, body, missing)
  return absent === undefined ? undefined : `missing or wrong field \`${absent}\``
}

function detail(path: string, body: Table, missing: (table: Table, fields: Fields) => string | undefined): string | undefined {
  if (path === '/proposal_response') {
    if (body['result'] === 'Reject') return missing(body, rejected)
    if (body['result'] !== 'Ok') return 'result'
    return missing(body, accepted) ?? (isTable(body['cost']) ? missing(body['cost'], cost) : 'cost')
  }
  if (path === '/stackerdb_chunks') return chunkProblem(body, missing)
  if (path === '/new_burn_block') return isHash(body['burn_block_hash']) ? undefined : 'burn_block_hash'
  if (path === '/new_block' && 'transactions' in body) {
    const { transactions } = body
    return isTableList(transactions) && transactions.every((one) => isHex(one['raw_tx'], true)) ? undefined : 'transactions[].raw_tx'
  }
  return undefined
}

/** A contract is `{issuer: [version, [20 bytes]], name}`, a signature 65 bytes. */
function chunkProblem(body: Table, missing: (table: Table, fields: Fields) => string | undefined): string | undefined {
  const { contract_id: contract, modified_slots: slots } = body
  const issuer: unknown = isTable(contract) ? contract['issuer'] : undefined
  const hash: unknown = Array.isArray(issuer) ? issuer[1] : undefined
  if (!Array.isArray(hash) || hash.length !== 20 || contractName(body) === undefined) return 'contract_id'
  if (!isTableList(slots)) return 'modified_slots'
  for (const one of slots) {
    const absent = missing(one, slot)
    if (absent !== undefined) return `modified_slots[].${absent}`
    if (!isHex(one['sig'], false) || String(one['sig']).length !== 130) return 'modified_slots[].sig'
    if (!isHex(one['data'], false)) return 'modified_slots[].data'
  }
  return undefined
}

/** The name of the contract whose chunks an event holds. */
export function contractName(body: unknown): string | undefined {
  const contract = isTable(body) ? body['contract_id'] : undefined
  const name = isTable(contract) ? contract['name'] : undefined
  return typeof name === 'string' ? name : undefined
}

function isHash(value: unknown): boolean {
  return isHex(value, true) && String(value).length === 66
}

function isHex(value: unknown, prefixed: boolean): boolean {
  return typeof value === 'string' && (prefixed ? /^0x([0-9a-f]{2})*$/i : /^([0-9a-f]{2})*$/i).test(value)
}
