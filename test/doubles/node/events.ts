/** The bodies that the node sends to its observers, with every field that a signer of any release needs. */

import { createHash } from 'node:crypto'
import type { Heights } from './chain.ts'

/** A made-up hash that is always the same for the same words. */
export function hashOf(...words: readonly (string | number)[]): string {
  return createHash('sha256').update(words.join(' ')).digest('hex')
}

const zeroIssuer = [26, Array.from({ length: 20 }, () => 0)]

export function burnBlock({ burn }: Heights): object {
  return {
    burn_block_hash: `0x${hashOf('burn', burn)}`, burn_block_height: burn, reward_recipients: [], reward_slot_holders: [], burn_amount: 0,
    consensus_hash: `0x${consensusHash(burn)}`, parent_burn_block_hash: `0x${hashOf('burn', burn - 1)}`, pox_transactions: [],
  }
}

export function stacksBlock({ burn, stacks }: Heights): object {
  return {
    block_hash: `0x${hashOf('block', stacks)}`, block_height: stacks, index_block_hash: `0x${hashOf('index', stacks)}`,
    consensus_hash: `0x${consensusHash(burn)}`, signer_signature_hash: `0x${hashOf('signed', stacks)}`,
    parent_index_block_hash: `0x${hashOf('index', stacks - 1)}`, burn_block_height: burn, transactions: [{ raw_tx: '0x00' }],
  }
}

/** A miner's proposal. Issuer and signature are empty: this double's signer looks at their form only. */
export function minerChunk({ stacks }: Heights): object {
  return {
    contract_id: { issuer: zeroIssuer, name: 'miners' },
    modified_slots: [{ slot_id: 0, slot_version: stacks, sig: '00'.repeat(65), data: hashOf('proposal', stacks) }],
  }
}

/** What the validation of a proposal came to. */
export function proposalResponse(block: string): object {
  return {
    result: 'Ok', signer_signature_hash: hashOf('proposal', block), size: block.length / 2, validation_time_ms: 1,
    cost: { write_length: 0, write_count: 0, read_length: 0, read_count: 0, runtime: 0 }, replay_tx_hash: null, replay_tx_exhausted: false,
  }
}

/** 20 bytes without `0x`. */
export function consensusHash(burn: number): string {
  return hashOf('consensus', burn).slice(0, 40)
}
