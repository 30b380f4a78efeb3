/** The dumps of the sBTC signer's database: what makes and proves them, and its settings. */

import { paths, ports, users } from '../catalogue/container.ts'
import { error, warning, type Problem } from '../problem.ts'
import type { Answers } from '../answers/check.ts'
import { health } from './health.ts'
import type { BuiltImage, Service, Stack } from './model.ts'
import { volume } from './mounts.ts'
import { programCommand, runsProgram } from './programs.ts'
import { databaseName } from './sbtc-configs.ts'
import type { Side } from './side.ts'

/** How many of the newest proven dumps stay whatever the answers say of days, weeks and months. */
const last = 7

/** Dumps leave the database's server only encrypted to the operator, without whom a lost host takes its backups along. */
export function sbtcBackupProblems({ values, given, place }: Answers): readonly Problem[] {
  if (values.SBTC_SIGNER === 'off') return []
  if (values.BACKUP === 'off') {
    return [warning('sbtc-not-backed-up', 'the database of the sBTC signer has no backup: its key shares are lost with this disk', place('BACKUP') ?? place('SBTC_SIGNER'),
      'write BACKUP=path, sftp or s3')]
  }
  if (given.has('BACKUP_AGE_RECIPIENT')) return []
  return [error('missing-answer', `SBTC_SIGNER=on with BACKUP=${values.BACKUP} needs BACKUP_AGE_RECIPIENT: the dumps of its database are encrypted to it`, place('BACKUP'),
    'age-keygen on a machine of yours makes a pair; write its public key: BACKUP_AGE_RECIPIENT=age1…')]
}

/** What the sBTC signer starts after, where its database is dumped: a newer one may change its tables, and there is no way back but a dump. */
export const beforeUpgrade = 'sbtc-upgrade-dump'

/** No network with a way out: the dumps leave the host by what stores them. `release` is that of the sBTC signer. */
export function dumped(image: BuiltImage, release: string): Side {
  const volumes = [
    { name: 'sbtc-backup-config', purpose: 'Settings of the dumps and the password of the database, filled by init', target: paths.sbtcBackupConfig },
    { name: 'sbtc-backup-data', purpose: 'The encrypted dumps of the sBTC signer\'s database, and what was found of each', target: paths.sbtcBackupData },
    { name: 'sbtc-backup-work', purpose: 'Where dumps are restored for the test, and the key of this host by which it opens them', target: paths.sbtcBackupWork },
    { name: 'sbtc-backup-metrics', purpose: 'How the dumps fare, for a node exporter', target: paths.sbtcBackupMetrics },
  ]
  const program: Service = {
    name: 'sbtc-backup',
    purpose: 'Dumps the sBTC signer\'s database once a day and for each new key, and tries each dump out',
    ...runsProgram('sbtc-backup', image),
    user: users.sbtcBackup,
    command: ['serve'],
    environment: {},
    // The database, and the node that tells which key is on the chain.
    networks: ['sbtc-database', 'sbtc-node-link'],
    ports: [],
    mounts: volumes.map(({ name, target }) => volume(name, target, name === 'sbtc-backup-config')),
    secrets: [],
    after: ['init', 'postgres'],
    stopsBefore: [],
    lifetime: 'long-running',
    capabilities: [],
    health: health(programCommand('sbtc-backup', 'health'), '5m'),
    // A dump that is cut off leaves nothing that counts.
    stopGrace: '10s',
    pids: 256,
    temporary: ['/tmp'],
    configFiles: ['config/sbtc-backup.json'],
  }
  const { health: _, ...once } = program
  return {
    services: [program, {
      ...once,
      name: beforeUpgrade,
      purpose: 'Dumps the database before another release of the sBTC signer starts, then ends',
      command: ['before', release],
      networks: ['sbtc-database'],
      lifetime: 'one-shot',
    }],
    networks: [],
    volumes,
    secrets: [],
  }
}

/** What docker/programs/sbtc-backup/config.ts reads, without any secret. Undefined where there are no dumps. */
export function sbtcBackupConfig({ sbtc, backup, network }: Omit<Stack, 'hosts'>): Readonly<Record<string, unknown>> | undefined {
  if (!sbtc || !backup) return undefined
  return {
    network,
    deployer: sbtc.deployer,
    ...(sbtc.identity && { publicKey: sbtc.identity.publicKey }),
    database: `postgresql://${databaseName}@postgres:${ports.postgres.number}/${databaseName}`,
    passwordFile: `${paths.sbtcBackupConfig}/postgres-password`,
    store: paths.sbtcBackupData,
    scratch: paths.sbtcBackupWork,
    metrics: paths.sbtcBackupMetrics,
    // Not beside the dumps: those leave the host.
    identity: `${paths.sbtcBackupWork}/identity`,
    recipients: backup.recipients,
    chain: [`http://${sbtc.node}:${ports.nodeRpc.number}`],
    keep: { last, ...backup.keep },
    at: backup.at,
  }
}
