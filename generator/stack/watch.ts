/** Adds to one host what watches it: services, networks, volumes and secrets. */

import { paths, ports } from '../catalogue/container.ts'
import type { Monitoring, SecretFile, Service, Stack, StackNetwork } from './model.ts'
import { receiverSecret } from './monitoring.ts'
import type { Side } from './host.ts'
import { dashboardsOf } from '../monitoring/dashboards.ts'
import { asksBitcoind, fullServices, metricsService, type WatchedHost, type WatcherImages } from './watchers.ts'

type Placed = Side['volumes'][number]

/** `side` as it is where nothing is watched. */
export function watched(stack: Omit<Stack, 'hosts'>, side: Side, images: WatcherImages): Side {
  const { monitoring } = stack
  if (!monitoring) return side
  const runs = (name: string) => side.services.some((service) => service.name === name)
  const host = {
    signer: runs('stacks-signer'), node: runs('stacks-node'),
    ...(runs('bitcoind') && { bitcoinRpc: bitcoinRpcPort(stack) }), ...(stack.identity && { publicKey: stack.identity.publicKey }),
    ...(stack.sbtc && { sbtc: stack.sbtc }),
  }
  const full = monitoring.mode === 'full'
  const sidecars = full ? ['node-tls', 'signer-tls'].filter(runs) : []
  const members: Readonly<Record<string, readonly string[]>> = {
    'stacks-signer': ['signer-metrics'], 'stacks-node': ['node-metrics'], bitcoind: ['node-metrics'],
    'sbtc-signer': ['sbtc-metrics'], 'sbtc-stacks-node': ['sbtc-metrics'], 'sbtc-bitcoind': ['sbtc-metrics'],
    ...Object.fromEntries(sidecars.map((name) => [name, ['tls-probe']])),
  }
  const volumes = [...side.volumes, ...ownVolumes(host, full, sidecars.length > 0)]
  // What carries the signer; all other volumes are small, and most lie on one disk with these.
  const disks = side.volumes.map(({ name }) => name).filter((name) => name.endsWith('-data'))
  return {
    services: [
      ...side.services.map((service): Service => ({ ...service, networks: [...service.networks, ...(members[service.name] ?? [])] })),
      metricsService(images.nodejs, host, bitcoinRpcPort(stack), monitoring.port),
      ...(full ? fullServices(images, monitoring, {
        sidecars, heartbeat: host.signer, textfiles: [...(runs('backup') ? ['backup-metrics'] : []), ...(stack.sbtc && stack.backup ? ['sbtc-backup-metrics'] : [])], volumes: disks, dashboards: dashboardsOf({ signer: host.signer || host.node, sbtc: stack.sbtc !== undefined }),
        releases: { ...((host.node || stack.sbtc?.pair) && { RUNS_NODE: stack.nodeRelease }), ...(stack.sbtc && { RUNS_SBTC: stack.sbtc.release }), ...(host.signer && { RUNS_SIGNER: stack.signerRelease }) },
      }) : []),
    ],
    networks: [...side.networks, ...networks(host, monitoring, sidecars.length > 0)],
    volumes,
    secrets: [...side.secrets, ...secrets(host, monitoring)],
  }
}

/** Where bitcoind answers calls, on the chain that this stack follows. */
export function bitcoinRpcPort({ bitcoin }: Pick<Stack, 'bitcoin'>): number {
  return bitcoin.chain === 'main' ? ports.bitcoinRpcMain.number : ports.bitcoinRpcRegtest.number
}

function networks(host: WatchedHost, { mode, port }: Monitoring, probe: boolean): readonly StackNetwork[] {
  return [
    ...(host.signer ? [{ name: 'signer-metrics', purpose: 'The signer and what hands on its metrics', internal: true }] : []),
    ...(host.node ? [{ name: 'node-metrics', purpose: `${host.bitcoinRpc ? 'Node, bitcoind' : 'The node'} and what hands on ${host.bitcoinRpc ? 'their' : 'its'} metrics`, internal: true }] : []),
    ...(host.sbtc ? [{ name: 'sbtc-metrics', purpose: `The sBTC signer${host.sbtc.pair ? ', its nodes' : ''} and what hands on ${host.sbtc.pair ? 'their' : 'its'} metrics`, internal: true }] : []),
    { name: 'monitoring', purpose: mode === 'full' ? 'Prometheus and what it reads' : 'What a Prometheus reads; it joins this network', internal: true },
    ...(port ? [{ name: 'metrics-port', purpose: 'The port on 127.0.0.1 for a Prometheus of this host', internal: false }] : []),
    ...(probe ? [{ name: 'tls-probe', purpose: 'The sidecars and what looks at their certificates', internal: true }] : []),
    ...(mode === 'full' ? [
      { name: 'dashboards', purpose: 'The ports on 127.0.0.1, and where alerts go out', internal: false },
      { name: 'releases', purpose: host.sbtc ? 'The lists of Stacks and sBTC releases' : 'The list of Stacks releases', internal: false },
    ] : []),
  ]
}

function ownVolumes(host: WatchedHost, full: boolean, probes: boolean): readonly Placed[] {
  return [
    ...(asksBitcoind(host) ? [{ name: 'metrics-config', purpose: 'The password to bitcoind of what reads its numbers, filled by init', target: paths.metricsConfig }] : []),
    ...(full ? [
      { name: 'prometheus-config', purpose: 'Prometheus\' configuration and rules, filled by init', target: paths.prometheusConfig },
      { name: 'prometheus-data', purpose: 'What Prometheus has read', target: paths.prometheusData },
      { name: 'alertmanager-config', purpose: 'Alertmanager\'s configuration and the receivers\' secrets, filled by init', target: paths.alertmanagerConfig },
      { name: 'alertmanager-data', purpose: 'Silences, and who was told of what', target: paths.alertmanagerData },
      { name: 'grafana-config', purpose: 'Grafana\'s configuration, dashboards and password, filled by init', target: paths.grafanaConfig },
      { name: 'grafana-data', purpose: 'Grafana\'s users and what was clicked together', target: paths.grafanaData },
      ...(host.signer || probes ? [{ name: 'blackbox-config', purpose: 'The blackbox exporter\'s configuration, filled by init', target: paths.blackboxConfig }] : []),
    ] : []),
  ]
}

const receiverPurposes: Readonly<Record<string, string>> = {
  'alert-webhook-url': 'Where alerts are sent as JSON', 'alert-slack-url': 'Lets Alertmanager write to Slack', 'alert-pagerduty-key': 'Lets Alertmanager page by PagerDuty',
  'alert-telegram-token': 'Lets Alertmanager write by the Telegram bot', 'alert-smtp-password': 'Lets Alertmanager send mail',
}

function secrets(host: WatchedHost, { mode, receivers }: Monitoring): readonly SecretFile[] {
  const told = receivers.flatMap((one) => receiverSecret(one) ?? [])
  return [
    ...(asksBitcoind(host) ? [{ name: 'bitcoin-metrics-password', purpose: 'Lets `metrics` ask bitcoind for its numbers, and for nothing else' }] : []),
    ...(mode === 'full' ? [{ name: 'grafana-admin-password', purpose: 'Password of the user admin of Grafana, at its first start' }] : []),
    ...told.map((name) => ({ name, purpose: receiverPurposes[name]! })),
  ]
}
