/** Who gets what from init: a row for each program that has a volume. What a host does not have is left out of its rows. */

import { bitcoinMetricsUser, paths, users } from '../catalogue/container.ts'
import type { Consumer, DataVolume } from '../stack-file/schema.ts'
import type { Host, Stack } from './model.ts'
import { bitcoinUser } from './sbtc-configs.ts'

type Row = Omit<Consumer, 'uid' | 'gid'> & { readonly user: string }

/** The rows of `host`, with only the volumes and the secrets that it has. */
export function consumersOf(stack: Stack, host: Host): Consumer[] {
  const mounts = host.services.find(({ name }) => name === 'init')?.mounts ?? []
  const mounted = new Set(mounts.map(({ target }) => target))
  /** The volume, where a folder of the machine stands in its place. */
  const placed = (path: string) => {
    const source = mounts.find(({ target }) => target === path)?.source ?? {}
    const { name, directory } = host.volumes.find((volume) => 'volume' in source && volume.name === source.volume) ?? {}
    return name && directory ? { directory: { ...directory, volume: name } } : {}
  }
  return rows(stack, new Set(host.secrets.map(({ name }) => name))).flatMap(({ name, user, config, data, ...row }) => {
    const volumes = { ...(config && mounted.has(config.path) && { config }), ...(data && mounted.has(data.path) && { data: { ...data, ...placed(data.path) } }) }
    const [uid, gid] = user.split(':').map(Number)
    return volumes.config || volumes.data ? [{ name, uid: uid!, gid: gid!, ...row, ...volumes }] : []
  })
}

function rows({ monitoring, sbtc }: Stack, secrets: ReadonlySet<string>): readonly Row[] {
  const http = ['http-get.sh']
  const tls = secrets.has('node-tls-key') || secrets.has('signer-tls-key')
  const existing = (...names: readonly string[]) => ({ secrets: names.filter((name) => secrets.has(name)) })
  const closed = (path: string): DataVolume => ({ path, mode: '0700', content: 'leave' })
  const given = (path: string): DataVolume => ({ path, mode: '0700', content: 'own' })
  const metricsAuth = monitoring && { [`rpcauth=${bitcoinMetricsUser}`]: 'BITCOIN_METRICS_RPCAUTH' } as const
  const sbtcAuth = { [`rpcauth=${bitcoinUser}`]: 'SBTC_BITCOIN_RPCAUTH' } as const
  const sidecar = (name: 'node-tls' | 'signer-tls', path: string): Row => ({
    name, user: users.sidecar, config: { path, configs: { [`nginx/${name}.conf`]: {} }, scripts: http, certificates: ['ca.pem', `${name}.pem`], keys: { [`${name}.key`]: `${name}-key` } },
  })
  return [
    {
      name: 'bitcoind', user: users.bitcoind, data: closed(paths.bitcoinData),
      config: { path: paths.bitcoinConfig, configs: { 'bitcoin.conf': { ...metricsAuth, ...(sbtc?.shared && sbtcAuth) } } },
    },
    {
      name: 'stacks-node', user: users.stacksNode, data: closed(paths.nodeData),
      config: {
        path: paths.nodeConfig, configs: { 'node-config.toml': { auth_token: 'AUTH_TOKEN' } }, withoutObservers: { 'node-config-alone.toml': 'node-config.toml' },
        scripts: ['stacks-node.sh', 'observes.sh', ...http],
      },
    },
    {
      name: 'stacks-signer', user: users.stacksSigner, guarded: true, data: given(paths.signerData),
      config: {
        path: paths.signerConfig, configs: { 'signer-config.toml': { stacks_private_key: 'SIGNER_PRIVATE_KEY', auth_password: 'AUTH_TOKEN' } },
        scripts: ['stacks-signer.sh', ...http],
      },
    },
    sidecar('node-tls', paths.nodeTls),
    sidecar('signer-tls', paths.signerTls),
    { name: 'metrics', user: users.metrics, config: { path: paths.metricsConfig, ...existing('bitcoin-metrics-password') } },
    { name: 'prometheus', user: users.prometheus, config: { path: paths.prometheusConfig, folder: 'prometheus' }, data: given(paths.prometheusData) },
    {
      name: 'alertmanager', user: users.prometheus, data: given(paths.alertmanagerData),
      config: { path: paths.alertmanagerConfig, folder: 'alertmanager', ...existing('alert-webhook-url', 'alert-slack-url', 'alert-pagerduty-key', 'alert-telegram-token', 'alert-smtp-password') },
    },
    { name: 'blackbox', user: users.prometheus, config: { path: paths.blackboxConfig, folder: 'blackbox', ...(tls && { certificates: ['ca.pem'] }) } },
    {
      name: 'backup', user: users.stacksSigner, data: given(paths.backupData),
      config: { path: paths.backupConfig, folder: 'backup', ...existing('backup-password', 'backup-s3-key-id', 'backup-s3-secret-key'), ...(secrets.has('backup-ssh-key') && { keys: { 'backup-ssh-key': 'backup-ssh-key' } }) },
    },
    { name: 'backup-metrics', user: users.stacksSigner, data: { path: paths.backupMetrics, mode: '0755', content: 'leave' } },
    { name: 'grafana', user: users.grafana, data: given(paths.grafanaData), config: { path: paths.grafanaConfig, folder: 'grafana', ...existing('grafana-admin-password') } },
    { name: 'sidekick', user: users.sidekick, data: given(paths.sidekickData), config: { path: paths.sidekickConfig, scripts: ['sidekick.sh'], ...existing('sidekick-auth-token') } },
    {
      name: 'sbtc-bitcoind', user: users.bitcoind, data: closed(paths.sbtcBitcoinData),
      config: { path: paths.sbtcBitcoinConfig, configs: { 'sbtc-bitcoin.conf': { ...metricsAuth, ...sbtcAuth } } },
    },
    {
      name: 'sbtc-stacks-node', user: users.stacksNode, data: closed(paths.sbtcNodeData),
      config: { path: paths.sbtcNodeConfig, configs: { 'sbtc-node-config.toml': {} }, scripts: ['stacks-node.sh', ...http] },
    },
    {
      name: 'sbtc-signer', user: users.sbtcSigner,
      config: { path: paths.sbtcSignerConfig, configs: { 'sbtc-signer.toml': {
        private_key: 'SBTC_PRIVATE_KEY', POSTGRES_PASSWORD: 'POSTGRES_PASSWORD', SBTC_BITCOIN_RPC_PASSWORD: 'SBTC_BITCOIN_RPC_PASSWORD', EMILY_API_KEY: 'EMILY_API_KEY',
      } } },
    },
    { name: 'blocklist-client', user: users.blocklist, config: { path: paths.blocklistConfig, configs: { 'blocklist-client.toml': { value: 'EMILY_API_KEY' } } } },
    {
      name: 'postgres', user: users.postgres, data: closed(paths.postgresData),
      config: { path: paths.postgresConfig, folder: 'postgres', scripts: ['postgres.sh'], ...existing('postgres-password') },
    },
    {
      // The dumps are encrypted, and `backup`, which stores them, is of this group.
      name: 'sbtc-backup', user: users.sbtcBackup, data: { path: paths.sbtcBackupData, mode: '0750', content: 'own' },
      config: { path: paths.sbtcBackupConfig, configs: { 'sbtc-backup.json': {} }, ...existing('postgres-password') },
    },
    { name: 'sbtc-backup-work', user: users.sbtcBackup, data: { path: paths.sbtcBackupWork, mode: '0750', content: 'leave' } },
    { name: 'sbtc-backup-metrics', user: users.sbtcBackup, data: { path: paths.sbtcBackupMetrics, mode: '0755', content: 'own' } },
  ]
}
