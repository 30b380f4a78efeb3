import { nothing, type Case } from './case.ts'
import type { Severity } from '../../../generator/monitoring/alert.ts'

const verdict = (name: string) => `sbtc_backup_verdict{verdict="${name}"}`
const verdicts: readonly (readonly [alert: string, name: string, minutes: number, severity: Severity])[] = [
  ['SbtcBackupDamaged', 'damaged', 1, 'page'], ['SbtcBackupForeign', 'foreign', 1, 'page'], ['SbtcBackupWrongNetwork', 'wrong-network', 1, 'page'],
  ['SbtcBackupStale', 'stale', 1, 'page'], ['SbtcBackupNotVerified', 'not-verified', 122, 'warn'], ['SbtcBackupChainUnreachable', 'chain-unreachable', 122, 'warn'],
  ['SbtcBackupRotationPending', 'rotation-pending', 362, 'warn'], ['SbtcBackupNoKeyOnChain', 'no-key-on-chain', 1442, 'note'],
]
const made = 'sbtc_backup_last_success_timestamp_seconds'
const looked = 'sbtc_backup_verify_timestamp_seconds'

export const sbtcBackupCases: readonly Case[] = [
  ...verdicts.flatMap(([alert, name, minutes, severity]): Case[] => [
    { alert, name: 'it is good', series: { [verdict(name)]: '0x1500', [verdict('good')]: '1x1500' }, at: `${minutes}m`, fires: nothing },
    { alert, name: 'it is so', series: { [verdict(name)]: '1x1500', [verdict('good')]: '0x1500' }, at: `${minutes}m`, fires: [{ severity, labels: { verdict: name } }] },
  ]),
  { alert: 'SbtcBackupFailing', name: 'it works', series: { sbtc_backup_attempt_ok: '1x120' }, at: '120m', fires: nothing },
  { alert: 'SbtcBackupFailing', name: 'it failed once', series: { sbtc_backup_attempt_ok: '1x30 0x15 1x75' }, at: '100m', fires: nothing },
  { alert: 'SbtcBackupFailing', name: 'it fails', series: { sbtc_backup_attempt_ok: '0x120' }, at: '62m', fires: [{ severity: 'warn' }] },
  // Time begins at 0 here.
  { alert: 'SbtcBackupTooOld', name: 'of today', series: { [made]: '0x1500' }, at: '1440m', fires: nothing },
  { alert: 'SbtcBackupTooOld', name: 'of yesterday', series: { [made]: '0x2000' }, at: '1700m', fires: [{ severity: 'warn' }] },
  { alert: 'SbtcBackupTooOld', name: 'of the day before', series: { [made]: '0x4000' }, at: '3100m', fires: [{ severity: 'warn' }, { severity: 'page' }] },
  { alert: 'SbtcBackupMissing', name: 'there is one', series: { [made]: '0x120' }, at: '120m', fires: nothing },
  { alert: 'SbtcBackupMissing', name: 'there has never been one', series: { 'up{job="host"}': '1x120' }, at: '62m', fires: [{ severity: 'warn' }] },
  { alert: 'SbtcBackupVerificationTooOld', name: 'of yesterday', series: { [looked]: '0x2000' }, at: '1700m', fires: nothing },
  { alert: 'SbtcBackupVerificationTooOld', name: 'of the day before', series: { [looked]: '0x4000' }, at: '3100m', fires: [{ severity: 'warn' }] },
]
