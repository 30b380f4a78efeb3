/** Backups that fail, are too old, or lack the secrets, dumps that are not proven, and logs that are not kept. */

import { plain } from '../evidence/text.ts'
import { backupState, dumpState, latest } from '../readings/backup.ts'
import { journalFault } from '../readings/logs.ts'
import { type Check, listed } from './check.ts'
import { lastWords } from './start.ts'

const hour = 3600

function tooOld(age: number | undefined, never: string): string | undefined {
  if (age === undefined) return never
  return age > latest ? `the last one was ${(age / hour).toFixed()} hours ago` : undefined
}

export const backupChecks: readonly Check[] = [
  {
    id: 'backup-failed', problem: 'The last backup failed', level: 'risk', needs: ['backup'],
    remedy: 'Correct what it says, then `make backup`. Those before are kept.',
    find: (seen) => backupState(seen).trouble || undefined,
  },
  {
    id: 'backup-old', problem: 'There is no good backup of the last day', level: 'risk', needs: ['backup'], because: ['backup-failed'],
    remedy: '`make backup`, and read what it says.',
    find: (seen) => tooOld(backupState(seen).age, 'none was ever finished'),
  },
  {
    id: 'backup-without-secrets', problem: 'Backups do not contain the secrets', level: 'risk', needs: ['backup-copy'],
    remedy: 'Write BACKUP_AGE_RECIPIENT into answers.env, generate again, then `make backup`.',
    find: (seen) => {
      const { age, secrets } = backupState(seen)
      return age !== undefined && secrets === '' ? 'the last backup holds no sealed secrets' : undefined
    },
  },
  {
    id: 'sbtc-backup-failed', problem: 'The last dump of the sBTC signer\'s database failed', level: 'risk', needs: ['sbtc-backup'],
    remedy: 'Correct what it says, then `make sbtc-backup`. Those before are kept.',
    find: (seen) => dumpState(seen).trouble || undefined,
  },
  {
    id: 'sbtc-backup-old', problem: 'There is no dump of the sBTC signer\'s database of the last day', level: 'risk', needs: ['sbtc-backup'], because: ['sbtc-backup-failed'],
    remedy: '`make sbtc-backup`, and read what it says.',
    find: (seen) => tooOld(dumpState(seen).age, 'none was ever made'),
  },
  {
    id: 'sbtc-backup-not-proven', problem: 'The newest dump is not proven to be good', level: 'risk', needs: ['sbtc-backup'],
    remedy: 'RUNBOOK.md or README.md say what each verdict means; `make sbtc-backup-verify` verifies it again.',
    find: (seen) => {
      const { verdict, proven, why } = dumpState(seen)
      return verdict && !proven ? `${verdict}: ${why}` : undefined
    },
  },
  {
    id: 'sbtc-backup-not-stored', problem: 'The newest dump is on this host alone', level: 'risk', needs: ['sbtc-backup'],
    remedy: '`make sbtc-backup`, and read what it says. `make status` shows too what the storing lacks.',
    find: (seen) => {
      const { verdict, stored, age = 0, dump } = dumpState(seen)
      return verdict && !stored && age > 2 * hour ? `${dump} is in no backup` : undefined
    },
  },
  {
    id: 'sbtc-upgrade-dump-failed', problem: 'The sBTC signer\'s database was not dumped before its new release, so that may not start', needs: ['sbtc-backup'], because: ['init-failed', 'disk-full'],
    remedy: 'Correct what it says, then `make up`. README.md, "Dumps of the sBTC signer\'s database", says how to start without.',
    find: (seen) => listed(lastWords(seen, 'sbtc-upgrade-dump', 'sbtc-backup: ').slice(-2).map((line) => plain(line.replace(/^sbtc-backup: /, ''), 200)), '; '),
  },
  {
    id: 'logs-not-kept', problem: 'The journal does not keep the logs for as long as LOG_RETENTION_DAYS says', level: 'risk',
    remedy: '`sudo make logs-install` puts config/journald.conf in place. If it is there, another file of /etc/systemd/journald.conf.d is read after it.',
    find: journalFault,
  },
  {
    id: 'logs-elsewhere', problem: 'The logs of a container go elsewhere', level: 'risk',
    remedy: 'Remove `logging` from docker-compose.override.yml, then `make up`. A container that is older than the files is recreated by `make up`, too.',
    find: (seen) => {
      const others = [...seen.containers.values()].filter(({ logDriver }) => logDriver !== seen.facts.logDriver)
      return listed(others.map(({ service, logDriver }) => `${service}: ${logDriver}, not ${seen.facts.logDriver}`).sort())
    },
  },
]
