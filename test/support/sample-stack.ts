/** A small stack, for tests of the files that are made from a stack. The values are simple, the hosts are the real ones. */

import { backupImage, sbtcBackupImage } from '../../generator/stack/built-images.ts'
import { singleHost, splitHosts } from '../../generator/stack/host.ts'
import { machineHost } from '../../generator/catalogue/container.ts'
import { networkFacts } from '../../generator/catalogue/networks.ts'
import { sbtcBitcoin } from '../../generator/stack/sbtc-configs.ts'
import { bridged, machineCalls, withBridges } from '../../generator/stack/firewall.ts'
import type { Backup } from '../../generator/stack/backup-target.ts'
import type { Firewall, Host, Monitoring, Sbtc, Stack, TlsEnd, TlsLink, Volume } from '../../generator/stack/model.ts'

export const sampleFirewalls = {
  open: { ssh: { port: 22, from: [] }, open: [], addresses: { node: ['192.0.2.7'], signer: ['192.0.2.8'] } },
  full: {
    ssh: { port: 22, from: ['198.51.100.0/24', '2001:db8:1::/48'] },
    open: [{ port: '51820', protocol: 'udp' }, { port: '60000-61000', protocol: 'udp', from: '10.0.0.0/8' }, { port: '9100', protocol: 'tcp', from: '2001:db8::9' }],
    addresses: { node: ['203.0.113.7', '2001:db8::7'], signer: ['203.0.113.8'] },
  },
} as const satisfies Readonly<Record<string, Firewall>>

export const sampleFolders: Readonly<Record<string, NonNullable<Volume['directory']>>> = {
  'bitcoin-data': { path: '/srv/disk1/bitcoin', answer: 'BITCOIN_DATA_DIR' }, 'stacks-node-data': { path: '/srv/disk2/stacks', answer: 'STACKS_DATA_DIR' }, 'stacks-signer-data': { path: '/srv/disk2/signer', answer: 'SIGNER_DATA_DIR' },
}

export interface SampleOptions {
  readonly bitcoin?: 'full' | 'pruned' | 'external' | 'machine'
  readonly snapshot?: boolean
  readonly identity?: boolean
  readonly network?: Stack['network']
  readonly nodeRelease?: string
  readonly signerRelease?: string
  /** `single`: TLS sidecars on one host. `node`, `signer`: this one of two hosts. */
  readonly tls?: 'single' | 'node' | 'signer'
  readonly monitoring?: Monitoring['mode']
  /** `open`: the defaults. `full`: a value for every field. */
  readonly firewall?: keyof typeof sampleFirewalls
  readonly sidekick?: true
  /** With a number, logs go to the journal for so many days. Without, to Docker's files. */
  readonly logDays?: number
  /** The target of backups. All but `s3` also encrypt the secrets. */
  readonly backup?: Backup['target']['kind']
  /** Data in folders of the machine, instead of named volumes. */
  readonly folders?: boolean
  /** `alone`: an sBTC signer without a Stacks signer. `beside`: both, with their own nodes. `shared`: both, with the same nodes. */
  readonly sbtc?: 'alone' | 'beside' | 'shared'
  /** One more event observer, on the machine. */
  readonly observers?: boolean
  /** Secrets are encrypted for git. */
  readonly sealed?: true
}

/** Mainnet on one host, unless the options say otherwise. */
export function sampleStack(options: SampleOptions = {}): { readonly stack: Stack; readonly host: Host } {
  const { bitcoin = 'full', snapshot = true, identity = true, network = 'mainnet', tls } = options
  const { chainDirectory, bitcoinChain: chain, bitcoinP2pPort: p2pPort } = networkFacts(network, options.nodeRelease ?? '4.0.4')
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
    bitcoin: bitcoin === 'external' ? { kind: 'external', chain, host: 'bitcoin.example.net', port: p2pPort }
      : bitcoin === 'machine' ? { kind: 'external', chain, host: machineHost, port: p2pPort, here: true }
      : { kind: 'own', pruned: bitcoin === 'pruned', chain, p2pPort, seedPeers: [] },
    ...(snapshot && { snapshot: { url: 'https://archive.example.net/chain.tar.zst', networkDirectory: chainDirectory, mode: 'auto', connections: 8 } }),
    chainDirectory,
    logs: options.logDays === undefined ? { driver: 'json-file' } : { driver: 'journald', days: options.logDays, maxSize: '20G' },
    signerConfig: {},
    nodeConfig: {},
    observers: options.observers ? [{ endpoint: 'host.docker.internal:3700', machinePort: 3700, keys: ['*'], timeoutMs: 10_000, retries: true }] : [],
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
    sidekick: image('example/sidekick'),
    ...(options.backup && { backup: backupImage('sample', backupOf(options.backup).target, { nodejs: image('example/node'), nodejsFull: image('example/node-full'), restic: image('example/restic') }) }),
    sbtcBackup: sbtcBackupImage('sample', image('example/postgres'), image('example/node')),
  } as const
  const published = { nodePort: 20444, publishBitcoin: true }
  const link = tls && tlsLink(tls === 'single')
  const stack = {
    ...base, ...(link && { tls: link }), ...(options.monitoring && { monitoring: monitoringOf(options.monitoring) }),
    ...(options.sidekick && { sidekick: { manager: 'SP000000000000000000002Q6VF78.signer-manager', port: 3998, network: 'mainnet' } }),
    ...(options.firewall && { firewall: sampleFirewalls[options.firewall] }),
    ...(options.backup && { backup: backupOf(options.backup) }),
    ...(options.sbtc && { sbtc: sbtcOf(options.sbtc, identity) }),
    ...(options.sealed && { secretRecipients: ['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudcqt9xqxnqqdk'] }),
  }
  const unnamed = link && tls !== 'single' ? splitHosts({ ...stack, tls: link }, images, published) : [singleHost(stack, images, published)]
  const placed = options.folders ? unnamed.map((one) => ({ ...one, volumes: one.volumes.map((volume) => (sampleFolders[volume.name] ? { ...volume, directory: sampleFolders[volume.name]! } : volume)) })) : unnamed
  const hosts = withBridges(stack.name, placed, (network) => bridged(network, options.firewall !== undefined, machineCalls(stack).map(({ network: called }) => called)))
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

/** Options of stacks that together fill every field of the views. */
export const sampleVariety: readonly SampleOptions[] = [
  {},
  { bitcoin: 'pruned', signerRelease: '3.1.0.0.5.0', nodeRelease: '3.1.0.0.13' },
  { bitcoin: 'external', snapshot: false, identity: false, network: 'testnet' }, { bitcoin: 'external', network: 'staking-testnet' },
  { folders: true, monitoring: 'full', backup: 'path' }, { bitcoin: 'machine' }, { bitcoin: 'machine', firewall: 'open', tls: 'node' },
  { tls: 'single' }, { tls: 'node' }, { tls: 'signer' },
  { monitoring: 'full' }, { monitoring: 'metrics' }, { sidekick: true }, { sidekick: true, monitoring: 'metrics' }, { tls: 'node', monitoring: 'full' }, { tls: 'signer', monitoring: 'full' }, { tls: 'signer', monitoring: 'metrics' },
  { backup: 'path' }, { backup: 'sftp', monitoring: 'full' }, { backup: 's3', tls: 'signer' }, { backup: 's3', tls: 'node' },
  { observers: true }, { observers: true, tls: 'node', firewall: 'open' }, { logDays: 90 }, { firewall: 'open' }, { tls: 'node', firewall: 'full' }, { tls: 'signer', firewall: 'full' },
  { sbtc: 'alone' }, { sbtc: 'alone', snapshot: false, identity: false }, { sbtc: 'beside', firewall: 'open' }, { sbtc: 'shared' }, { sbtc: 'shared', monitoring: 'full' },
  { sbtc: 'alone', backup: 'path' }, { sbtc: 'beside', backup: 'sftp', monitoring: 'full' }, { sealed: true }, { tls: 'node', sealed: true },
]
