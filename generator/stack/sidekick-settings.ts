/** Signer Sidekick: `network` is its own word, `chainId` and `api` are there where it does not know them by that. */
export interface Sidekick { readonly manager: string; readonly port: number; readonly network: string; readonly chainId?: number; readonly api?: string }
