/** What a host with a signer has for backups: two services that share nothing but the copies. */

import { paths, users } from '../catalogue/container.ts'
import { backupSecrets } from './backup.ts'
import { health } from './health.ts'
import type { Backup } from './backup-target.ts'
import type { BuiltImage, ImageRef, Service } from './model.ts'
import { volume } from './mounts.ts'
import { programCommand, runsProgram } from './programs.ts'
import type { Side } from './side.ts'

const common = {
  environment: {}, ports: [], secrets: [], after: ['init'], stopsBefore: [], lifetime: 'long-running', capabilities: [], temporary: ['/tmp'],
  configFiles: [], pids: 128, user: users.stacksSigner, health: health(programCommand('backup', 'health'), '5m'),
} as const satisfies Partial<Service>

export interface BackupImages {
  readonly nodejs: ImageRef
  /** Absent without backups. */
  readonly backup?: BuiltImage
}

/**
 * The side of a signer with its backups. What makes the copies has no network, and of the signer's volume it can only read:
 * it cannot harm the database. What stores them has no part of that volume, and a way out only where the target needs one.
 * `dumps`: those of an sBTC signer beside it are stored too.
 */
export function backedUp(backup: Backup | undefined, side: Side, { nodejs, backup: restic }: BackupImages, measured: boolean, dumps: boolean): Side {
  if (!backup || !restic) return side
  const store = stored(backup, restic, measured, dumps)
  return {
    ...store,
    services: [
      ...side.services,
      {
        ...common,
        name: 'backup-copy',
        purpose: 'Copies the signer\'s database once a day; reads only, and has no network',
        ...runsProgram('backup', nodejs),
        command: ['copy'],
        environment: { BACKUP_AT: backup.at },
        networks: [],
        mounts: [volume('stacks-signer-data', paths.signerData, true), volume('backup-data', paths.backupData)],
        stopGrace: '10s',
      },
      ...store.services,
    ],
    networks: [...side.networks, ...store.networks],
    volumes: [...side.volumes, ...store.volumes],
    secrets: [...side.secrets, ...store.secrets],
  }
}

/** What stores copies and dumps, and proves that they can be read back. */
export function stored(backup: Backup, image: BuiltImage, measured: boolean, dumps: boolean): Side {
  const { target } = backup
  const remote = target.kind !== 'path'
  return {
    services: [
      {
        ...common,
        name: 'backup',
        purpose: `Stores and verifies the copies${dumps ? ' and dumps' : ''}; sees neither the signer's volume nor an unencrypted secret`,
        ...runsProgram('backup', image),
        command: ['store'],
        networks: remote ? ['backup'] : [],
        mounts: [
          volume('backup-config', paths.backupConfig, true),
          volume('backup-data', paths.backupData),
          ...(dumps ? [volume('sbtc-backup-data', `${paths.backupData}/sbtc`, true)] : []),
          ...(measured ? [volume('backup-metrics', paths.backupMetrics)] : []),
          // A disk that is not there must not keep the signer from starting: the engine makes an empty folder in its place, which nobody may write.
          ...(target.kind === 'path' ? [{ source: { path: target.path }, target: paths.backupRepository, readOnly: false, mayBeMissing: true }] : []),
        ],
        // A backup that is cut off leaves nothing that counts.
        stopGrace: '10s',
        configFiles: backupConfigFiles(backup),
      },
    ],
    networks: remote ? [{ name: 'backup', purpose: 'The backups and their target', internal: false }] : [],
    volumes: [
      { name: 'backup-config', purpose: 'Settings and password of the backups, filled by init', target: paths.backupConfig },
      { name: 'backup-data', purpose: 'The newest copy of the signer\'s database, and how the backups fare', target: paths.backupData },
      ...(measured ? [{ name: 'backup-metrics', purpose: 'When the last good backup was, for the node exporter', target: paths.backupMetrics }] : []),
    ],
    secrets: backupSecrets(target),
  }
}

/** The files of config/backup/. */
export function backupConfigFiles({ target, recipients }: Backup): readonly string[] {
  return ['backup.env', ...(target.kind === 'sftp' ? ['known_hosts'] : []), ...(recipients.length > 0 ? ['recipients.txt'] : [])].map((name) => `config/backup/${name}`)
}
