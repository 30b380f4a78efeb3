/** The networks: what each wants in the two TOMLs, and where its Bitcoin and its snapshots are. Each is a file in networks/. */

import { bitcoinChains, type BitcoinChain } from './container.ts'
import data from './data/networks.json' with { type: 'json' }
import { compareVersions } from './releases.ts'

export type Network = keyof typeof data

/** A file in networks/; `npm run catalogue` puts all of them into data/networks.json. */
interface NetworkFile {
  /** What the reference of answers says of it. */
  readonly text?: string
  readonly chainId: number
  /** Whose prefixes its Stacks addresses have. */
  readonly addresses: 'mainnet' | 'testnet'
  /** Keys of the signer's TOML. */
  readonly signer: { readonly network: string; readonly chain_id?: number }
  readonly chainDirectory: string
  readonly bitcoin: {
    readonly chain: BitcoinChain
    /** Where Bitcoin comes from, unless an answer says otherwise. */
    readonly mode: 'full' | 'external'
    /** A public bitcoind: the one to follow, and the first peer of a bitcoind of one's own. */
    readonly host?: string
    /** Of a signet that is not the public one. */
    readonly challenge?: string
  }
  readonly archive: { readonly folder: string; readonly prefix: string }
  /** Of the public Stacks API. */
  readonly api?: string
  /** Seats of a signer set, as a text for people. */
  readonly slots?: string
  /** The release that came with the present genesis; earlier ones know a network that is gone. */
  readonly genesisOf?: string
  /** Oldest first. What a release knows is what the row before the next one says. */
  readonly releases: readonly {
    readonly fromRelease: string
    readonly node: Readonly<Record<string, string>>
    readonly burnchain: Readonly<Record<string, string | number>>
    readonly epochs: readonly (readonly [name: string, start: number])[]
    /** Address and amount in micro-STX. */
    readonly balances: readonly (readonly [address: string, amount: string])[]
  }[]
}

/** What a node of one release needs to know of one network. */
export interface NetworkFacts extends Pick<NetworkFile, 'chainId' | 'addresses' | 'signer' | 'chainDirectory' | 'api' | 'slots'> {
  readonly node: Readonly<Record<string, string>>
  readonly burnchain: Readonly<Record<string, string | number>>
  readonly epochs: readonly { readonly epoch_name: string; readonly start_height: number }[]
  /** In micro-STX; most are beyond 2^53. */
  readonly ustxBalance: readonly { readonly address: string; readonly amount: bigint }[]
  readonly bitcoinChain: BitcoinChain
  readonly bitcoinP2pPort: number
  readonly bitcoinChallenge?: string
  /** Peers that a bitcoind of one's own cannot find by itself. */
  readonly bitcoinSeedPeers: readonly string[]
  readonly defaultBitcoinHost?: string
  /** Byte for byte the newest dated archive; its checksum stands beside it. */
  readonly archiveUrl: string
  /** True where this release knows a test network that is gone. */
  readonly obsolete?: true
}

const files = data as unknown as Readonly<Record<Network, NetworkFile>>

/** In the order in which releases learned of them. */
export const networks: readonly Network[] = (Object.keys(data) as Network[])
  .sort((a, b) => compareVersions(files[a].releases[0]!.fromRelease, files[b].releases[0]!.fromRelease))

export function isNetwork(text: string | undefined): text is Network {
  return text !== undefined && Object.hasOwn(files, text)
}

/** A value of each network: `full on mainnet, external on testnet`. */
export function byNetwork(value: (file: NetworkFile) => string | number): string {
  return networks.map((name) => `${value(files[name])} on ${name}`).join(', ')
}

export const networkTexts: string = networks.flatMap((name) => files[name].text ?? []).join(' ')
export const bitcoinModes = Object.fromEntries(networks.map((name) => [name, files[name].bitcoin.mode])) as Readonly<Record<Network, NetworkFile['bitcoin']['mode']>>

/** The first release that knows the network, and the burnchain.mode that earlier ones refuse. */
export function firstRelease(network: Network): { readonly version: string; readonly mode: string } {
  const [first] = files[network].releases
  return { version: first!.fromRelease, mode: String(first!.burnchain['mode']) }
}

/** An earlier release than the first that knows the network gets what that one wants. */
export function networkFacts(network: Network, nodeVersion: string): NetworkFacts {
  const { chainId, addresses, signer, chainDirectory, bitcoin, archive, api, slots, genesisOf, releases } = files[network]
  const { node, burnchain, epochs, balances } = releases.findLast(({ fromRelease }) => compareVersions(fromRelease, nodeVersion) <= 0) ?? releases[0]!
  const port = bitcoinChains[bitcoin.chain].p2p.number
  return {
    chainId, addresses, signer, chainDirectory, ...(api && { api }), ...(slots && { slots }),
    node: { ...node },
    burnchain: { ...burnchain },
    epochs: epochs.map(([name, height]) => ({ epoch_name: name, start_height: height })),
    ustxBalance: balances.map(([address, amount]) => ({ address, amount: BigInt(amount) })),
    bitcoinChain: bitcoin.chain,
    bitcoinP2pPort: port,
    ...(bitcoin.challenge && { bitcoinChallenge: bitcoin.challenge }),
    bitcoinSeedPeers: bitcoin.host ? [`${bitcoin.host}:${port}`] : [],
    ...(bitcoin.host && { defaultBitcoinHost: bitcoin.host }),
    archiveUrl: `https://archive.hiro.so/${archive.folder}/stacks-blockchain/${archive.prefix}-stacks-blockchain-latest.tar.zst`,
    ...(genesisOf && compareVersions(nodeVersion, genesisOf) < 0 && { obsolete: true }),
  }
}
