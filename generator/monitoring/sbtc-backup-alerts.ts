/** Alerts about the backups of the sBTC signer's database; docker/programs/sbtc-backup/verdict.ts says which verdicts there are. */

import type { Alert, Severity } from './alert.ts'

/** What the last verification said, for how long it must say so, and what that means. */
const verdicts: readonly (readonly [verdict: string, name: string, hold: string, severity: Severity, summary: string, description: string])[] = [
  ['damaged', 'SbtcBackupDamaged', '0m', 'page', 'The newest backup of the sBTC signer is damaged', 'It does not restore, or lacks what it must hold. Older ones are kept.'],
  ['foreign', 'SbtcBackupForeign', '0m', 'page', 'The newest backup holds shares that are not this sBTC signer\'s', 'It is another operator\'s database, or nothing shows whose it is.'],
  ['wrong-network', 'SbtcBackupWrongNetwork', '0m', 'page', 'The newest backup of the sBTC signer is of another network', 'Database and chain do not belong together.'],
  ['stale', 'SbtcBackupStale', '0m', 'page', 'The newest backup lacks the key of the chain, or days of blocks', 'The signer took no part in the last rotation, or its database stands still.'],
  ['not-verified', 'SbtcBackupNotVerified', '2h', 'warn', 'The newest backup of the sBTC signer could not be verified', 'What lies in the way has nothing to do with the backup; it may be good or bad.'],
  ['chain-unreachable', 'SbtcBackupChainUnreachable', '2h', 'warn', 'Nothing tells which key the chain holds', 'The newest backup restores, and could not be compared.'],
  ['rotation-pending', 'SbtcBackupRotationPending', '6h', 'warn', 'A new key of the sBTC signers is not on the chain yet', 'The backup holds both keys. A rotation takes a tenure or more, not hours.'],
  ['no-key-on-chain', 'SbtcBackupNoKeyOnChain', '24h', 'note', 'The sBTC registry holds no key yet', 'The backup restores; there is nothing to compare it with.'],
]

export const sbtcBackupAlerts: readonly Alert[] = [
  ...verdicts.map(([verdict, name, hold, severity, summary, description]): Alert => ({
    name, needs: ['sbtcBackup'], expr: `sbtc_backup_verdict{verdict="${verdict}"} == 1`, for: hold, severity, concerns: 'backup', summary, description,
  })),
  {
    name: 'SbtcBackupFailing', needs: ['sbtcBackup'], expr: 'sbtc_backup_attempt_ok == 0', for: '1h', severity: 'warn', concerns: 'backup',
    summary: 'The backup of the sBTC signer does not work',
    description: 'The last try to dump, encrypt and copy its database failed, and so did those of the hour before.',
  },
  {
    name: 'SbtcBackupTooOld', needs: ['sbtcBackup'], expr: 'time() - sbtc_backup_last_success_timestamp_seconds > 26 * 3600', for: '10m', severity: 'warn', concerns: 'backup',
    summary: 'The last backup of the sBTC signer is more than a day old',
    description: 'It is {{ $value | humanizeDuration }} old.',
  },
  {
    name: 'SbtcBackupTooOld', needs: ['sbtcBackup'], expr: 'time() - sbtc_backup_last_success_timestamp_seconds > 50 * 3600', for: '10m', severity: 'page', concerns: 'backup',
    summary: 'The last backup of the sBTC signer is more than two days old',
    description: 'It is {{ $value | humanizeDuration }} old. Shares of a key that was made since then are nowhere else.',
  },
  {
    name: 'SbtcBackupMissing', needs: ['sbtcBackup'], expr: 'absent(sbtc_backup_last_success_timestamp_seconds)', for: '1h', severity: 'warn', concerns: 'backup',
    summary: 'There is no backup of the sBTC signer',
    description: 'None has ever been made and copied, or the note of it is gone.',
  },
  {
    name: 'SbtcBackupVerificationTooOld', needs: ['sbtcBackup'], expr: 'time() - sbtc_backup_verify_timestamp_seconds > 50 * 3600', for: '10m', severity: 'warn', concerns: 'backup',
    summary: 'No backup of the sBTC signer was verified for two days',
    description: 'The last verification was {{ $value | humanizeDuration }} ago: what was made since then may be good or bad.',
  },
]
