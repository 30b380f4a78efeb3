/** The network that the node double lives in. */

import type { Registry } from './registry.ts'

export interface NodeWorld {
  /** Milliseconds of a tick. */
  readonly tick: number
  /** Ticks between two Bitcoin blocks, and between two Stacks blocks. */
  readonly burnEvery: number
  readonly blockEvery: number
  /** Whether Stacks blocks are made at all. */
  readonly mining: boolean
  /** Bitcoin's height is at least this. */
  readonly burn: number
  /** Whether miners put what they propose before the signers. */
  readonly proposing: boolean
  readonly outbound: number
  readonly inbound: number
  /** Stacks blocks that the highest peer is ahead; null where none is known. */
  readonly behind: number | null
  /** Signers' public keys by reward cycle; a cycle that is not there has no set. */
  readonly signers: Readonly<Record<string, readonly string[]>>
  /** Those of them whose slots rise, second by second. */
  readonly writing: readonly string[]
  /** How often the node met what cannot be. */
  readonly impossible: number
  /** Whether its RPC answers. */
  readonly rpc: boolean
  /** The sBTC registry on the chain; null where nobody deployed it. */
  readonly registry: Registry | null
}

/** A signer that nobody here runs. */
export const stranger = `02${'5e'.repeat(32)}`

export const usualNodeWorld: NodeWorld = {
  tick: 1000, burnEvery: 2, blockEvery: 4, mining: true, burn: 0, proposing: true, outbound: 0, inbound: 0, behind: null, signers: { 1: [stranger] }, writing: [stranger], impossible: 0, rpc: true, registry: null,
}
