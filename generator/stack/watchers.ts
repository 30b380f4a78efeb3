/** The services that watch a host: what gives out the numbers, and with MONITORING=full what reads them and tells. */

import { paths, ports, users } from '../catalogue/container.ts'
import { health } from './health.ts'
import type { ImageRef, Monitoring, PublishedPort, Sbtc, Service } from './model.ts'
import { volume } from './mounts.ts'
import { programCommand, runsProgram } from './programs.ts'

const loopback = (host: number, container: number, purpose: string, answer: PublishedPort['answer']): PublishedPort => ({ host, container, protocol: 'tcp', address: '127.0.0.1', purpose, answer })
/** The Prometheus images are built on busybox, whose wget ends with 0 for an answer below 300 alone. */
const wget = (port: number, path: string, startPeriod = '1m') => health(['wget', '-q', '-O', '/dev/null', `http://127.0.0.1:${port}${path}`], startPeriod)

const watcher = {
  environment: {}, ports: [], secrets: [], mounts: [], after: ['init'], stopsBefore: [], lifetime: 'long-running', capabilities: [], temporary: ['/tmp'],
  configFiles: [], stopGrace: '30s', pids: 128, networks: ['monitoring'],
} as const satisfies Partial<Service>

export interface WatchedHost {
  readonly signer: boolean
  readonly node: boolean
  /** bitcoind's RPC port, where there is one in the stack. */
  readonly bitcoinRpc?: number
  readonly publicKey?: string
  readonly sbtc?: Sbtc
}

/** Whether `metrics` has a bitcoind of the stack to ask, and so a password to keep. */
export const asksBitcoind = ({ bitcoinRpc, sbtc }: WatchedHost): boolean => bitcoinRpc !== undefined || sbtc?.pair !== undefined

/** What `metrics` reads of the sBTC signer and what it stands on; those of a pair of its own, too. */
function sbtcSources({ pair, required, node, bitcoind }: Sbtc, rpc: number): Service['environment'] {
  return {
    SBTC_SIGNER: `sbtc-signer:${ports.sbtcMetrics.number}`,
    SBTC_INFO: `sbtc-signer:${ports.sbtcEvents.number}`,
    SBTC_SIGNATURES: String(required),
    BLOCKLIST: `blocklist-client:${ports.blocklist.number}`,
    POSTGRES: `postgres:${ports.postgres.number}`,
    ...(pair && { SBTC_NODE: `${node}:${ports.nodeMetrics.number}`, SBTC_NODE_RPC: `${node}:${ports.nodeRpc.number}`, SBTC_BITCOIN_RPC: `${bitcoind}:${rpc}` }),
  }
}

/**
 * The only one beside its node, or sidecar, that shares a network with the signer. It hands on metrics and the heartbeat,
 * and nothing else: whoever reads them cannot reach the signer's event port.
 */
export function metricsService(nodejs: ImageRef, watched: WatchedHost, rpc: number, port: number | undefined): Service {
  const { sbtc } = watched
  return {
    ...watcher,
    name: 'metrics',
    purpose: `Gives out the numbers of ${watched.signer || watched.node ? 'signer' : 'the sBTC signer'}, node and bitcoind, and lets nothing else through`,
    ...runsProgram('metrics', nodejs),
    user: users.metrics,
    command: [],
    environment: {
      LISTEN: String(ports.metrics.number),
      ...(watched.signer && { SIGNER: `stacks-signer:${ports.signerMetrics.number}` }),
      ...(watched.node && { NODE: `stacks-node:${ports.nodeMetrics.number}`, NODE_RPC: `stacks-node:${ports.nodeRpc.number}` }),
      ...(watched.node && watched.publicKey && { SIGNER_IDENTITY: watched.publicKey }),
      ...(watched.bitcoinRpc && { BITCOIN_RPC: `bitcoind:${watched.bitcoinRpc}` }),
      ...(sbtc && sbtcSources(sbtc, rpc)),
    },
    networks: [...(watched.signer ? ['signer-metrics'] : []), ...(watched.node ? ['node-metrics'] : []), ...(sbtc ? ['sbtc-metrics', 'sbtc-database', 'sbtc-blocklist'] : []), 'monitoring', ...(port ? ['metrics-port'] : [])],
    ports: port ? [loopback(port, ports.metrics.number, 'Metrics, for a Prometheus on this host', 'METRICS_PORT')] : [],
    mounts: asksBitcoind(watched) ? [volume('metrics-config', paths.metricsConfig, true)] : [],
    health: health(programCommand('metrics', '--health'), '1m'),
    stopGrace: '10s',
  }
}

export interface WatcherImages {
  readonly prometheus: ImageRef
  readonly alertmanager: ImageRef
  readonly grafana: ImageRef
  readonly blackbox: ImageRef
  readonly nodeExporter: ImageRef
  readonly nodejs: ImageRef
}

/** What MONITORING=full adds. `sidecars` are those of this host; `volumes` those whose disks are watched. */
export function fullServices(
  images: WatcherImages, { ports: published, retentionDays }: Monitoring, host: {
    readonly sidecars: readonly string[]; readonly heartbeat: boolean; readonly textfiles: readonly string[]; readonly volumes: readonly string[]; readonly dashboards: readonly string[]; readonly releases: Readonly<Record<string, string>>
  },
): readonly Service[] {
  const probes = host.heartbeat || host.sidecars.length > 0
  return [
    {
      ...watcher,
      name: 'prometheus',
      purpose: 'Reads and keeps the numbers, and judges them by the rules',
      image: images.prometheus,
      user: users.prometheus,
      entrypoint: ['/bin/prometheus'],
      command: [
        `--config.file=${paths.prometheusConfig}/prometheus.yml`, `--storage.tsdb.path=${paths.prometheusData}`,
        `--storage.tsdb.retention.time=${retentionDays}d`, `--web.listen-address=0.0.0.0:${ports.prometheus.number}`,
      ],
      networks: ['monitoring', 'dashboards'],
      ports: [loopback(published.prometheus, ports.prometheus.number, 'Prometheus', 'PROMETHEUS_PORT')],
      mounts: [volume('prometheus-config', paths.prometheusConfig, true), volume('prometheus-data', paths.prometheusData)],
      health: health(['/bin/promtool', 'check', 'healthy', `--url=http://127.0.0.1:${ports.prometheus.number}`], '10m'),
      // No source says how long Prometheus may take to close its database.
      stopGrace: '2m',
      openFiles: 16384,
      configFiles: ['prometheus', 'rules', 'scrape'].map((name) => `config/prometheus/${name}.yml`),
    },
    {
      ...watcher,
      name: 'alertmanager',
      purpose: 'Groups alerts, keeps back what follows from another, and tells people',
      image: images.alertmanager,
      user: users.prometheus,
      entrypoint: ['/bin/alertmanager'],
      // An empty address of the cluster keeps it from looking for others.
      command: [
        `--config.file=${paths.alertmanagerConfig}/alertmanager.yml`, `--storage.path=${paths.alertmanagerData}`,
        `--web.listen-address=0.0.0.0:${ports.alertmanager.number}`, '--cluster.listen-address=',
      ],
      networks: ['monitoring', 'dashboards'],
      ports: [loopback(published.alertmanager, ports.alertmanager.number, 'Alertmanager', 'ALERTMANAGER_PORT')],
      mounts: [volume('alertmanager-config', paths.alertmanagerConfig, true), volume('alertmanager-data', paths.alertmanagerData)],
      health: health(['/bin/amtool', 'cluster', 'show', `--alertmanager.url=http://127.0.0.1:${ports.alertmanager.number}`], '1m'),
      configFiles: ['config/alertmanager/alertmanager.yml'],
    },
    {
      ...watcher,
      name: 'grafana',
      purpose: 'Dashboards',
      image: images.grafana,
      user: users.grafana,
      entrypoint: ['grafana'],
      command: ['server', '--homepath=/usr/share/grafana', `--config=${paths.grafanaConfig}/grafana.ini`],
      networks: ['monitoring', 'dashboards'],
      ports: [loopback(published.grafana, ports.grafana.number, 'Grafana', 'GRAFANA_PORT')],
      mounts: [volume('grafana-config', paths.grafanaConfig, true), volume('grafana-data', paths.grafanaData)],
      health: wget(ports.grafana.number, '/api/health', '5m'),
      pids: 256,
      configFiles: ['grafana.ini', 'provisioning/dashboards/files.yml', 'provisioning/datasources/prometheus.yml', ...host.dashboards.map((name) => `dashboards/${name}.json`)]
        .map((name) => `config/grafana/${name}`),
    },
    ...(probes ? [blackboxService(images.blackbox, host.sidecars)] : []),
    nodeExporterService(images.nodeExporter, host.volumes, host.textfiles),
    {
      ...watcher,
      name: 'releases',
      purpose: `Asks twice a day whether there is a newer release of Stacks${host.releases['RUNS_SBTC'] ? ' or sBTC' : ''}`,
      ...runsProgram('releases', images.nodejs),
      user: users.metrics,
      command: [],
      // Node.js asks a proxy only when it is told to; Docker puts the proxy of its own settings into containers.
      environment: { LISTEN: String(ports.releases.number), NODE_USE_ENV_PROXY: '1', ...host.releases },
      networks: ['monitoring', 'releases'],
      health: health(programCommand('releases', '--health'), '1m'),
      stopGrace: '10s',
      pids: 64,
    },
  ]
}

/** It reaches the sidecars of its host, whose certificates it looks at, and through `metrics` the signer's heartbeat. */
function blackboxService(image: ImageRef, sidecars: readonly string[]): Service {
  return {
    ...watcher,
    name: 'blackbox',
    purpose: sidecars.length > 0 ? 'Asks for the signer\'s heartbeat, and looks at the certificates of the TLS link' : 'Asks for the signer\'s heartbeat',
    image,
    user: users.prometheus,
    entrypoint: ['/bin/blackbox_exporter'],
    command: [`--config.file=${paths.blackboxConfig}/blackbox.yml`, `--web.listen-address=0.0.0.0:${ports.blackbox.number}`],
    networks: ['monitoring', ...(sidecars.length > 0 ? ['tls-probe'] : [])],
    mounts: [volume('blackbox-config', paths.blackboxConfig, true)],
    health: wget(ports.blackbox.number, '/-/healthy'),
    stopGrace: '10s',
    pids: 64,
    configFiles: ['config/blackbox/blackbox.yml'],
  }
}

/** What these collectors read is the machine's, even in a container. */
const collectors = ['cpu', 'diskstats', 'filesystem', 'loadavg', 'meminfo', 'pressure', 'stat', 'time', 'timex', 'uname', 'vmstat']

/** It mounts nothing of the machine but the stack's own volumes: their disks are those that must not fill. */
function nodeExporterService(image: ImageRef, volumes: readonly string[], textfiles: readonly string[]): Service {
  return {
    ...watcher,
    name: 'node-exporter',
    purpose: 'The numbers of the machine, and of the disks under the volumes',
    image,
    user: users.prometheus,
    entrypoint: ['/bin/node_exporter'],
    command: [
      '--collector.disable-defaults', ...collectors.map((name) => `--collector.${name}`),
      ...(textfiles.length > 0 ? ['--collector.textfile', ...textfiles.map((name) => `--collector.textfile.directory=${paths.textfiles}/${name}`)] : []),
      `--collector.filesystem.mount-points-include=^${paths.watchedVolumes}/`, `--web.listen-address=0.0.0.0:${ports.nodeExporter.number}`,
    ],
    mounts: [...volumes.map((name) => volume(name, `${paths.watchedVolumes}/${name}`, true)), ...textfiles.map((name) => volume(name, `${paths.textfiles}/${name}`, true))],
    health: wget(ports.nodeExporter.number, '/'),
    stopGrace: '10s',
    pids: 64,
  }
}
