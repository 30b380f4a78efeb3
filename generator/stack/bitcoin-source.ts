/** Where the node gets Bitcoin blocks. Types only. */

import type { BitcoinChain } from '../catalogue/container.ts'

/** From the stack's own bitcoind, or from one that runs elsewhere, at its P2P port. */
export type BitcoinSettings = { readonly chain: BitcoinChain } & (
  | { readonly kind: 'own'; readonly pruned: boolean; readonly p2pPort: number; readonly seedPeers: readonly string[]; /** Of a signet that is not the public one. */ readonly challenge?: string }
  /** `here`: it runs on the machine of the stack, outside of Docker. */
  | { readonly kind: 'external'; readonly host: string; readonly port: number; readonly here?: true }
)
export type OwnBitcoin = Extract<BitcoinSettings, { readonly kind: 'own' }>
