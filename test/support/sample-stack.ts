/** A small stack for tests of what is made from one: the real single host, around few hand-made values. */

import { singleHost, splitHosts } from '../../generator/stack/host.ts'
import { networkFacts } from '../../generator/catalogue/networks.ts'
import { sbtcBitcoin } from '../../generator/stack/sbtc-configs.ts'
import { withBridges } from '../../generator/stack/firewall.ts'
import type { Backup } from '../../generator/stack/backup-target.ts'
import type { BitcoinMode, Firewall, Host, Monitoring, Sbtc, Stack, TlsEnd, TlsLink } from '../../generator/stack/model.ts'

export const sampleFirewalls = {
  open: { ssh: { port: 22, from: [] }, open: [], addresses: { node: ['192.0.2.7'], signer: ['192.0.2.8'] } },
  full: {
    ssh: { port: 22, from: ['198.51.100.0/24', '2001:db8:1::/48'] },
    open: [{ port: '51820', protocol: 'udp' }, { port: '60000-61000', protocol: 'udp', from: '10.0.0.0/8' }, { port: '9100', protocol: 'tcp', from: '2001:db8::9' }],
    addresses: { node: ['203.0.113.7', '2001:db8::7'], signer: ['203.0.113.8'] },
  },
} as const satisfies Readonly<Record<string, Firewall>>

export interface SampleOptions {
  readonly bitcoin?: BitcoinMode
  readonly snapshot?: boolean
  readonly identity?: boolean
  readonly network?: Stack['network']
  readonly nodeRelease?: string
  readonly signerRelease?: string
  /** Sidecars on one host, or which of two hosts is meant. */
  readonly tls?: 'single' | 'node' | 'signer'
  readonly monitoring?: Monitoring['mode']
  /** open: nothing but the defaults. full: something of everything. */
  readonly firewall?: keyof typeof sampleFirewalls
  /** In the journal, for so many days; without it in Docker's files. */
  readonly logDays?: number
  /** Where backups go; all but s3 seal the secrets. */
  readonly backup?: Backup['target']['kind']
  /** An sBTC signer without a Stacks signer, or beside it, on nodes of its own or on the same. */
  readonly sbtc?: 'alone' | 'beside' | 'shared'
}

/** Mainnet with everything on it, unless the options say otherwise. */
export function sampleStack(options: SampleOptions = {}): { readonly stack: Stack; readonly host: Host } {
  const { bitcoin = 'full', snapshot = true, identity = true, network = 'mainnet', tls } = options
  const main = network === 'mainnet'
  const chainDirectory = main ? 'mainnet' : 'krypton'
  const external = bitcoin === 'external'
  const base: Omit<Stack, 'hosts'> = {
    name: 'sample',
    network,
    nodeRelease: options.nodeRelease ?? '4.0.4',
    signerRelease: options.signerRelease ?? '4.0.4',
    variant: 'debian',
    platform: '',
    role: 'active',
    guard: 'on',
    ...(identity && { identity: { address: 'SP000000000000000000002Q6VF78', publicKey: `02${'ab'.repeat(32)}` } }),
    bitcoin: {
      mode: bitcoin,
      chain: main ? 'main' : 'regtest',
      host: external ? 'bitcoin.example.net' : 'bitcoind',
      p2pPort: main ? 8333 : 18444,
      seedPeers: [],
    },
    ...(snapshot && { snapshot: { url: 'https://archive.example.net/chain.tar.zst', networkDirectory: chainDirectory, mode: 'auto', connections: 8 } }),
    chainDirectory,
    logs: options.logDays === undefined ? { driver: 'json-file' } : { driver: 'journald', days: options.logDays, maxSize: '20G' },
    signerConfig: {},
    nodeConfig: {},
  }
  const home = options.nodeRelease ? 'docker.io/blockstack' : 'ghcr.io/stacks-network'
  const image = (repository: string) => ({ repository, tag: '1', digest: `sha256:${'0'.repeat(64)}` })
  const images = {
    node: image(`${home}/stacks-core`),
    signer: image(`${home}/stacks-signer`),
    bitcoind: image('example/bitcoind'),
    sidecar: image('example/nginx'),
    prometheus: image('example/prometheus'),
    alertmanager: image('example/alertmanager'),
    grafana: image('example/grafana'),
    blackbox: image('example/blackbox'),
    nodeExporter: image('example/node-exporter'),
    sbtcSigner: image('example/sbtc-signer'),
    blocklist: image('example/blocklist-client'),
    postgres: image('example/postgres'),
    nodejs: image('example/node'),
    tools: { context: './docker/tools', name: 'sample-tools:000000000000' },
    sbtcBackup: { context: './docker/tools', dockerfile: 'sbtc-backup.Dockerfile', name: 'sample-sbtc-backup:000000000000', arguments: { POSTGRES_IMAGE: 'example/postgres:1' } },
  } as const
  const published = { nodePort: 20444, publishBitcoin: true }
  const link = tls && tlsLink(tls === 'single')
  const stack = {
    ...base, ...(link && { tls: link }), ...(options.monitoring && { monitoring: monitoringOf(options.monitoring) }),
    ...(options.firewall && { firewall: sampleFirewalls[options.firewall] }),
    ...(options.backup && { backup: backupOf(options.backup) }),
    ...(options.sbtc && { sbtc: sbtcOf(options.sbtc, identity) }),
  }
  const unnamed = link && tls !== 'single' ? splitHosts({ ...stack, tls: link }, images, published) : [singleHost(stack, images, published)]
  const hosts = options.firewall ? withBridges(stack.name, unnamed) : unnamed
  return { stack: { ...stack, hosts }, host: hosts[tls === 'signer' ? 1 : 0]! }
}

function backupOf(kind: Backup['target']['kind']): Backup {
  const targets = {
    path: { kind: 'path', path: '/mnt/backup/sample' },
    sftp: { kind: 'sftp', host: 'backup.example.net', port: 2222, user: 'sample', path: '/backups/sample', hostKey: 'ssh-ed25519 AAAA' },
    s3: { kind: 's3', endpoint: 'https://s3.example.net', bucket: 'backups', region: 'eu-1' },
  } as const
  return { target: targets[kind], recipients: kind === 's3' ? [] : ['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudcqt9xqxnqqdk'], keep: { daily: 7, weekly: 5, monthly: 12 }, at: '03:17' }
}

function sbtcOf(kind: NonNullable<SampleOptions['sbtc']>, known: boolean): Sbtc {
  const shared = kind === 'shared'
  const facts = networkFacts('mainnet', '4.0.4')
  return {
    release: '1.3.3', alone: kind === 'alone', shared, bitcoind: shared ? 'bitcoind' : 'sbtc-bitcoind', node: shared ? 'stacks-node' : 'sbtc-stacks-node',
    deployer: 'SM3VDXK3WZZSA84XXFKAFAF15NNZX32CTSG82JFQ4', signingSet: [`02${'ab'.repeat(32)}`], required: 1, p2pPort: 4122, quic: kind === 'beside',
    ...(known && { identity: { address: 'SP000000000000000000002Q6VF78', publicKey: `02${'ab'.repeat(32)}` } }),
    subnet: { network: '198.18.0.16/28', range: '198.18.0.24/29', gateway: '198.18.0.17', bitcoind: '198.18.0.18' },
    config: {}, blocklistConfig: {}, ...(!shared && { pair: { bitcoin: sbtcBitcoin(facts), nodeConfig: {} } }),
  }
}

function monitoringOf(mode: Monitoring['mode']): Monitoring {
  return {
    mode, registered: true, ports: { prometheus: 9090, alertmanager: 9093, grafana: 3000 }, retentionDays: 30,
    ...(mode === 'metrics' ? { port: 9155, receivers: [] } : { receivers: [{ kind: 'webhook' }] }),
  }
}

function tlsLink(single: boolean): TlsLink {
  const end = (side: 'node' | 'signer', port: number, localPort: number): TlsEnd => ({
    service: `${side}-tls`, host: single ? `${side}-tls` : `${side}.example.net`, tlsName: single ? `${side}-tls` : `${side}.example.net`, port, localPort, commonName: `${side}-tls.sample`,
  })
  return { node: end('node', 2443, 31000), signer: end('signer', 3443, 21443), certificates: single ? 'provided' : 'generated' }
}

/** Samples that together fill every field a view can have. */
export const sampleVariety: readonly SampleOptions[] = [
  {},
  { bitcoin: 'pruned', signerRelease: '3.1.0.0.5.0', nodeRelease: '3.1.0.0.13' },
  { bitcoin: 'external', snapshot: false, identity: false, network: 'testnet' },
  { tls: 'single' }, { tls: 'node' }, { tls: 'signer' },
  { monitoring: 'full' }, { monitoring: 'metrics' }, { tls: 'node', monitoring: 'full' }, { tls: 'signer', monitoring: 'full' }, { tls: 'signer', monitoring: 'metrics' },
  { backup: 'path' }, { backup: 'sftp', monitoring: 'full' }, { backup: 's3', tls: 'signer' }, { backup: 's3', tls: 'node' },
  { logDays: 90 }, { firewall: 'open' }, { tls: 'node', firewall: 'full' }, { tls: 'signer', firewall: 'full' },
  { sbtc: 'alone' }, { sbtc: 'alone', snapshot: false, identity: false }, { sbtc: 'beside', firewall: 'open' }, { sbtc: 'shared' }, { sbtc: 'shared', monitoring: 'full' },
  { sbtc: 'alone', backup: 'path' }, { sbtc: 'beside', backup: 'sftp', monitoring: 'full' },
]
