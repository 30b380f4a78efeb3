/** The networks: what each wants in the two TOMLs, and where its Bitcoin and its snapshots are. */

import { ports } from './container.ts'
import testnets from './data/testnets.json' with { type: 'json' }
import { compareVersions } from './releases.ts'

export type Network = 'mainnet' | 'testnet'

/** What a node of one release needs to know of one network. */
export interface NetworkFacts {
  readonly signerNetwork: 'mainnet' | 'testnet'
  readonly node: Readonly<Record<string, string>>
  readonly burnchain: Readonly<Record<string, string | number>>
  readonly epochs: readonly { readonly epoch_name: string; readonly start_height: number }[]
  /** In micro-STX; most are beyond 2^53. */
  readonly ustxBalance: readonly { readonly address: string; readonly amount: bigint }[]
  /** The folder of the chain below the node's working directory. */
  readonly chainDirectory: string
  readonly bitcoinChain: 'main' | 'regtest'
  readonly bitcoinP2pPort: number
  /** Peers that a bitcoind of one's own cannot find by itself. */
  readonly bitcoinSeedPeers: readonly string[]
  readonly defaultBitcoinHost?: string
  readonly archiveUrl: string
  /** True where this release knows a test network that is gone. */
  readonly obsolete?: true
}

/** The first release that knows the present test network. */
const presentTestnet = '4.0.2'
const publicRegtest = 'bitcoin.regtest.hiro.so'

export function networkFacts(network: Network, nodeVersion: string): NetworkFacts {
  return network === 'mainnet' ? mainnet : testnet(nodeVersion)
}

/** Bootstrap peers, epochs and the chain's parameters are built into every release; giving them is refused. */
const mainnet: NetworkFacts = {
  signerNetwork: 'mainnet',
  node: {},
  burnchain: { mode: 'mainnet' },
  epochs: [],
  ustxBalance: [],
  chainDirectory: 'mainnet',
  bitcoinChain: 'main',
  bitcoinP2pPort: ports.bitcoinMain.number,
  bitcoinSeedPeers: [],
  archiveUrl: archiveUrl('mainnet'),
}

function testnet(nodeVersion: string): NetworkFacts {
  const known = testnets.findLast((one) => compareVersions(one.fromRelease, nodeVersion) <= 0)
  if (!known) throw new Error(`no test network is known for stacks-node ${nodeVersion}`)
  return {
    signerNetwork: 'testnet',
    node: { ...known.node },
    burnchain: { ...known.burnchain },
    epochs: (known.epochs as [string, number][]).map(([name, height]) => ({ epoch_name: name, start_height: height })),
    ustxBalance: (known.balances as [string, string][]).map(([address, amount]) => ({ address, amount: BigInt(amount) })),
    chainDirectory: 'krypton',
    bitcoinChain: 'regtest',
    bitcoinP2pPort: ports.bitcoinRegtest.number,
    bitcoinSeedPeers: [`${publicRegtest}:${ports.bitcoinRegtest.number}`],
    defaultBitcoinHost: publicRegtest,
    archiveUrl: archiveUrl('testnet'),
    ...(compareVersions(nodeVersion, presentTestnet) < 0 && { obsolete: true }),
  }
}

/** Byte for byte the newest dated archive; its checksum stands beside it. */
function archiveUrl(network: Network): string {
  return `https://archive.hiro.so/${network}/stacks-blockchain/${network}-stacks-blockchain-latest.tar.zst`
}
