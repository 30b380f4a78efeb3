/** What the containers agree on: paths, ports and users. The only home of each number. */

/** Where volumes and folders are mounted. */
export const paths = {
  stackConfig: '/stack/config',
  stackGate: '/stack/docker/gate',
  /** The folder docker/ of a stack, as init sees it. */
  stackDocker: '/stack/docker',
  programs: '/stack/programs',
  temporary: '/tmp',
  archive: '/archive',
  /** Where init finds the old place of data that moves. */
  movedData: '/moved-data',
  stackCerts: '/stack/certs',
  secrets: '/run/secrets',
  bitcoinData: '/var/lib/bitcoin',
  bitcoinConfig: '/etc/bitcoin',
  nodeData: '/var/lib/stacks-node',
  nodeConfig: '/etc/stacks-node',
  signerData: '/var/lib/stacks-signer',
  signerConfig: '/etc/stacks-signer',
  nodeTls: '/etc/node-tls',
  signerTls: '/etc/signer-tls',
  metricsConfig: '/etc/metrics',
  prometheusConfig: '/etc/prometheus',
  prometheusData: '/prometheus',
  alertmanagerConfig: '/etc/alertmanager',
  alertmanagerData: '/alertmanager',
  blackboxConfig: '/etc/blackbox',
  grafanaConfig: '/etc/grafana',
  grafanaData: '/var/lib/grafana',
  sidekickConfig: '/etc/sidekick',
  /** A volume of its image: elsewhere it would get one without a name. */
  sidekickData: '/data',
  watchedVolumes: '/volumes',
  textfiles: '/textfile',
  backupConfig: '/etc/backup',
  backupData: '/var/lib/backup',
  backupMetrics: '/var/lib/backup-metrics',
  backupRepository: '/repository',
  /** Of the scratch volume of a restore drill. */
  backupDrill: '/var/lib/backup-drill',
  sbtcBackupConfig: '/etc/stack',
  sbtcBackupData: '/var/lib/sbtc-backup',
  sbtcBackupWork: '/var/lib/sbtc-backup-work',
  sbtcBackupMetrics: '/var/lib/sbtc-backup-metrics',
  sbtcSignerConfig: '/etc/sbtc-signer',
  blocklistConfig: '/etc/sbtc-blocklist',
  postgresConfig: '/etc/postgres',
  postgresData: '/var/lib/postgresql/data',
  /** The second pair of nodes: where init finds its volumes. In their own containers they stand where the first pair's do. */
  sbtcBitcoinConfig: '/etc/sbtc-bitcoin',
  sbtcBitcoinData: '/var/lib/sbtc-bitcoin',
  sbtcNodeConfig: '/etc/sbtc-stacks-node',
  sbtcNodeData: '/var/lib/sbtc-stacks-node',
} as const

/** The file in a folder of the machine by which init knows whose data is in it. */
export const dataMarker = '.stacks-signer-stack'

/** A port inside the stack; `reach` says from where it can be reached. */
export interface PortFact {
  readonly number: number
  readonly protocol: 'tcp' | 'udp'
  readonly purpose: string
  readonly reach: string
}

export const ports = {
  nodeP2p: { number: 20444, protocol: 'tcp', purpose: 'stacks-node: Stacks peers', reach: 'the world, on `NODE_P2P_PORT` of the host' },
  bitcoinMain: { number: 8333, protocol: 'tcp', purpose: 'bitcoind: Bitcoin peers on mainnet', reach: 'the world, unless `BITCOIN_P2P_PUBLISH=off`' },
  bitcoinRegtest: { number: 18444, protocol: 'tcp', purpose: 'bitcoind: Bitcoin peers on testnet (a public regtest)', reach: 'the world, unless `BITCOIN_P2P_PUBLISH=off`' },
  bitcoinSignet: { number: 38333, protocol: 'tcp', purpose: 'bitcoind: Bitcoin peers on a signet', reach: 'the world, unless `BITCOIN_P2P_PUBLISH=off`' },
  bitcoindNode: { number: 8335, protocol: 'tcp', purpose: 'bitcoind: blocks for its stacks-node', reach: 'the stacks-node' },
  nodeRpc: { number: 20443, protocol: 'tcp', purpose: 'stacks-node: RPC', reach: 'the signer; others where `NODE_RPC_PUBLISH` says' },
  signerEvents: { number: 30000, protocol: 'tcp', purpose: 'stacks-signer: events from the node', reach: 'the stacks-node' },
  nodeTls: { number: 2443, protocol: 'tcp', purpose: 'node-tls: RPC for the signer, over TLS', reach: 'the other host with `TOPOLOGY=split`, on `NODE_TLS_PORT`; else its own link' },
  signerTls: { number: 3443, protocol: 'tcp', purpose: 'signer-tls: events for the signer, over TLS', reach: 'the other host with `TOPOLOGY=split`, on `SIGNER_TLS_PORT`; else its own link' },
  nodeTlsLocal: { number: 31000, protocol: 'tcp', purpose: 'node-tls: events on their way to the signer', reach: 'the stacks-node' },
  signerTlsLocal: { number: 21443, protocol: 'tcp', purpose: 'signer-tls: RPC on its way to the node', reach: 'the signer' },
  sidecarHealth: { number: 8081, protocol: 'tcp', purpose: 'node-tls, signer-tls: health', reach: 'its own container' },
  eventRelay: { number: 30010, protocol: 'tcp', purpose: 'event-relay: events for the first of `EVENT_OBSERVERS`; each further one has the next port', reach: 'the stacks-node' },
  signerMetrics: { number: 9154, protocol: 'tcp', purpose: 'stacks-signer: metrics and health', reach: 'its own container; with `MONITORING`, `metrics` too' },
  nodeMetrics: { number: 9153, protocol: 'tcp', purpose: 'stacks-node: metrics', reach: '`metrics`, with `MONITORING`' },
  bitcoinRpcMain: { number: 8332, protocol: 'tcp', purpose: 'bitcoind: RPC on mainnet', reach: 'its own container; with `MONITORING`, `metrics` and the stacks-node, by password' },
  bitcoinRpcRegtest: { number: 18443, protocol: 'tcp', purpose: 'bitcoind: RPC on testnet', reach: 'its own container; with `MONITORING`, `metrics` and the stacks-node, by password' },
  bitcoinRpcSignet: { number: 38332, protocol: 'tcp', purpose: 'bitcoind: RPC on a signet', reach: 'its own container; with `MONITORING`, `metrics` and the stacks-node, by password' },
  metrics: { number: 9155, protocol: 'tcp', purpose: 'metrics: the numbers of signer, node and bitcoind', reach: 'Prometheus, on the network `monitoring`; 127.0.0.1 with `METRICS_PORT`' },
  releases: { number: 9156, protocol: 'tcp', purpose: 'releases: whether there is a newer release', reach: 'Prometheus' },
  prometheus: { number: 9090, protocol: 'tcp', purpose: 'Prometheus', reach: '127.0.0.1, on `PROMETHEUS_PORT`' },
  alertmanager: { number: 9093, protocol: 'tcp', purpose: 'Alertmanager', reach: '127.0.0.1, on `ALERTMANAGER_PORT`' },
  grafana: { number: 3000, protocol: 'tcp', purpose: 'Grafana', reach: '127.0.0.1, on `GRAFANA_PORT`' },
  sidekick: { number: 3998, protocol: 'tcp', purpose: 'Signer Sidekick', reach: '127.0.0.1, on `SIDEKICK_PORT`' },
  blackbox: { number: 9115, protocol: 'tcp', purpose: 'blackbox exporter', reach: 'Prometheus' },
  nodeExporter: { number: 9100, protocol: 'tcp', purpose: 'node exporter: the numbers of the machine', reach: 'Prometheus' },
  sbtcP2p: { number: 4122, protocol: 'tcp', purpose: 'sbtc-signer: the other sBTC signers', reach: 'the world, on `SBTC_P2P_PORT`' },
  sbtcQuic: { number: 4122, protocol: 'udp', purpose: 'sbtc-signer: the other sBTC signers, over QUIC', reach: 'the world, on `SBTC_P2P_PORT`, with `SBTC_QUIC=on`' },
  sbtcEvents: { number: 8801, protocol: 'tcp', purpose: 'sbtc-signer: events from its node, and `/info`', reach: 'sbtc-stacks-node and sbtc-watch; with `MONITORING`, `metrics` too' },
  sbtcMetrics: { number: 9184, protocol: 'tcp', purpose: 'sbtc-signer: metrics', reach: 'its own networks; with `MONITORING`, `metrics` too' },
  blocklist: { number: 3032, protocol: 'tcp', purpose: 'blocklist-client: whether an address is sanctioned', reach: 'sbtc-signer and sbtc-watch; with `MONITORING`, `metrics` too' },
  postgres: { number: 5432, protocol: 'tcp', purpose: 'postgres: the database of the sBTC signer', reach: 'sbtc-signer and sbtc-backup, by password; with `MONITORING`, `metrics` asks whether it answers' },
} as const satisfies Readonly<Record<string, PortFact>>

/** Bitcoin's chains by the names that bitcoind has for them. */
export const bitcoinChains = {
  main: { p2p: ports.bitcoinMain, rpc: ports.bitcoinRpcMain },
  regtest: { p2p: ports.bitcoinRegtest, rpc: ports.bitcoinRpcRegtest },
  signet: { p2p: ports.bitcoinSignet, rpc: ports.bitcoinRpcSignet },
} as const
export type BitcoinChain = keyof typeof bitcoinChains

/** What a verdict on a dump of the sBTC signer's database can say where the dump can be relied on. */
export const provenVerdicts: readonly string[] = ['good', 'rotation-pending', 'no-key-on-chain']

/** `uid:gid` of each program. bitcoind's, the sidecars', Prometheus', Grafana's and Sidekick's are those of their images; the Stacks images name none, so any but root will do. */
export const users = {
  bitcoind: '101:101',
  stacksNode: '2001:2001',
  stacksSigner: '2002:2002',
  sidecar: '101:101',
  metrics: '2003:2003',
  prometheus: '65534:65534',
  grafana: '472:472',
  sidekick: '10001:10001',
  eventRelay: '2007:2007',
  sbtcSigner: '2005:2005',
  blocklist: '2006:2006',
  postgres: '999:999',
  /** PostgreSQL's own user, and the group of what stores the dumps. */
  sbtcBackup: '999:2002',
} as const

/** By this name a container calls the machine that it runs on; Docker Desktop has it by itself. */
export const machineHost = 'host.docker.internal'

/** The service, and the program, through which observers of the operator's own hear of events. */
export const eventRelay = 'event-relay'

/** The user of bitcoind's RPC that may ask for numbers alone. */
export const bitcoinMetricsUser = 'metrics'

/** What a host with a signer is: the one that signs, or one that only follows the chain. */
export const roles = ['active', 'standby'] as const
export type Role = (typeof roles)[number]

/** What the guard's verdict may be. */
export const guardStates = ['waiting', 'watching', 'passed', 'refused', 'standby'] as const
export type GuardState = (typeof guardStates)[number]

/** What the generator tells the programs of a host. Another version is another form: no program guesses at one that it does not know. */
export const stackFile = { path: 'config/stack.json', version: 1 } as const

/** The placeholders of configs, which stand there between @ signs, and the file in secrets/ from which init fills each. */
export const placeholders = {
  SIGNER_PRIVATE_KEY: 'signer-private-key',
  AUTH_TOKEN: 'auth-token',
  /** For these two, what bitcoind compares a password with. */
  BITCOIN_METRICS_RPCAUTH: 'bitcoin-metrics-password',
  SBTC_BITCOIN_RPCAUTH: 'sbtc-bitcoin-rpc-password',
  SBTC_BITCOIN_RPC_PASSWORD: 'sbtc-bitcoin-rpc-password',
  SBTC_PRIVATE_KEY: 'sbtc-signer-private-key',
  EMILY_API_KEY: 'emily-api-key',
  POSTGRES_PASSWORD: 'postgres-password',
} as const
export type Placeholder = keyof typeof placeholders

export const placeholder = (name: Placeholder): string => `@${name}@`
