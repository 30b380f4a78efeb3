/** The TOMLs of the sBTC signer, of its blocklist client and of its own stacks-node, as data. */

import { paths, placeholder, ports } from '../catalogue/container.ts'
import type { NetworkFacts } from '../catalogue/networks.ts'
import type { TomlTable } from '../render/toml.ts'
import { ownBitcoin } from './bitcoin.ts'
import type { OwnBitcoin } from './model.ts'

/** The user of the database, its name too, and the user that bitcoind knows. */
export const databaseName = 'signer'
export const bitcoinUser = 'sbtc-signer'

export interface SbtcConfigFacts {
  readonly network: string
  readonly emily: string
  readonly deployer: string
  readonly signingSet: readonly string[]
  readonly required: number
  readonly aggregateKey?: string
  readonly seeds: readonly string[]
  readonly quic: boolean
  readonly publicHost?: string
  readonly p2pPort: number
  /** `host:port` of bitcoind's RPC, with an address for the host: a name would be looked up once. */
  readonly bitcoinRpc: string
  /** `host:port` of the node's RPC. */
  readonly nodeRpc: string
}

export function sbtcSignerConfig(facts: SbtcConfigFacts, passed: Readonly<Record<string, TomlTable>>): TomlTable {
  const protocols = ['tcp', ...(facts.quic ? ['quic-v1'] : [])]
  return {
    blocklist_client: { endpoint: `http://blocklist-client:${ports.blocklist.number}`, ...passed['blocklist_client'] },
    emily: { endpoints: [withUser(facts.emily, placeholder('EMILY_API_KEY'))], ...passed['emily'] },
    bitcoin: { rpc_endpoints: [`http://${bitcoinUser}:${placeholder('SBTC_BITCOIN_RPC_PASSWORD')}@${facts.bitcoinRpc}`], ...passed['bitcoin'] },
    stacks: { endpoints: [`http://${facts.nodeRpc}`] },
    signer: {
      private_key: placeholder('SBTC_PRIVATE_KEY'),
      network: facts.network,
      deployer: facts.deployer,
      db_endpoint: `postgresql://${databaseName}:${placeholder('POSTGRES_PASSWORD')}@postgres:${ports.postgres.number}/${databaseName}`,
      bootstrap_signing_set: facts.signingSet,
      bootstrap_signatures_required: facts.required,
      ...(facts.aggregateKey && { bootstrap_aggregate_key: facts.aggregateKey }),
      bitcoin_processing_delay: 30,
      requests_processing_delay: 15,
      prometheus_exporter_endpoint: `0.0.0.0:${ports.sbtcMetrics.number}`,
      ...passed['signer'],
      event_observer: { bind: `0.0.0.0:${ports.sbtcEvents.number}` },
      p2p: {
        seeds: facts.seeds,
        listen_on: protocols.map((protocol) => `${protocol}://0.0.0.0:${ports.sbtcP2p.number}`),
        public_endpoints: facts.publicHost ? protocols.map((protocol) => `${protocol}://${facts.publicHost}:${facts.p2pPort}`) : [],
        enable_mdns: false,
      },
    },
  }
}

/** Its image brings a list of its own for the time until it has fetched one. */
export function blocklistConfig(emily: string): TomlTable {
  return {
    server: { host: '0.0.0.0', port: ports.blocklist.number },
    sanctions: {
      url: `${emily}/sanctions`,
      local_path: '/etc/blocklist-client/sanctions.txt',
      polling_interval: 3600,
      header: { key: 'x-api-key', value: placeholder('EMILY_API_KEY') },
    },
  }
}

/** The node of the sBTC signer alone: nobody signs blocks with it, and it needs no token. `bitcoinHost` is its bitcoind; `monitored` opens its metrics to the network. */
export function sbtcNodeConfig(facts: NetworkFacts, bitcoinHost: string, deployer: string, monitored: boolean, passed: Readonly<Record<string, TomlTable>>): TomlTable {
  const { node, burnchain, ...others } = passed
  return {
    node: {
      working_dir: paths.nodeData,
      rpc_bind: `0.0.0.0:${ports.nodeRpc.number}`,
      p2p_bind: `0.0.0.0:${ports.nodeP2p.number}`,
      ...(monitored && { prometheus_bind: `0.0.0.0:${ports.nodeMetrics.number}` }),
      ...facts.node,
      ...node,
    },
    burnchain: {
      chain: 'bitcoin',
      ...facts.burnchain,
      peer_host: bitcoinHost,
      peer_port: ports.bitcoindNode.number,
      ...burnchain,
      ...(facts.epochs.length > 0 && { epochs: facts.epochs.map((epoch) => ({ ...epoch })) }),
    },
    ...others,
    events_observer: [sbtcObserver(deployer)],
    ...(facts.ustxBalance.length > 0 && { ustx_balance: facts.ustxBalance.map((balance) => ({ ...balance })) }),
  }
}

/** The signer takes longer over a block than the second that a node waits by itself. What it missed, nobody sends again. */
export function sbtcObserver(deployer: string): TomlTable {
  return { endpoint: `sbtc-signer:${ports.sbtcEvents.number}`, events_keys: [`${deployer}.sbtc-registry::print`], timeout_ms: 10_000 }
}

/** The Bitcoin that a second bitcoind follows: all of it, and with no port open to the world. */
export function sbtcBitcoin(facts: NetworkFacts): OwnBitcoin {
  return ownBitcoin(facts, false)
}

function withUser(url: string, user: string): string {
  return url.replace('://', `://${user}@`)
}
