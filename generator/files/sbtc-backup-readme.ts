/** The README's section about the dumps of the sBTC signer's database. */

import { targetText } from '../stack/backup.ts'
import type { Backup } from '../stack/backup-target.ts'
import type { Stack } from '../stack/model.ts'

/** Each verdict as `make sbtc-backup-verify` prints it, and what it is of the dump. docker/programs/sbtc-backup/verdict.ts gives them. */
export const verdictRows = [
  ['good', 'everything that can be compared agrees with the chain'],
  ['rotation-pending', 'it is good, and holds a new key that is not on the chain yet'],
  ['no-key-on-chain', 'it restores, and the registry holds no key yet'],
  ['stale', 'the key of the chain is not in it, or its newest block is old'],
  ['wrong-network', 'it is of another network or chain'],
  ['damaged', 'it does not restore, or lacks what it must hold'],
  ['foreign', 'it holds shares that are not this signer\'s'],
  ['chain-unreachable', 'it restores, and the node gives no reliable answer; it is asked again after a minute, then less often'],
  ['not-verified', 'it could not be restored for the test; this is tried again after a minute, then less often'],
] as const

/** Markdown without a line end at its end. `alone`: there is no other backup in this stack. */
export function sbtcBackupSection({ name, sbtc }: Stack, { target, keep, at }: Backup, alone: boolean): string {
  const where = targetText(target)
  return `## Dumps of the sBTC signer's database

The shares of a key are in each signer's database and nowhere else. \`sbtc-backup\` dumps the database at ${at} UTC, and within
a minute of a new verified key. It encrypts the dump to \`BACKUP_AGE_RECIPIENT\` and to a key of this host.

Then it verifies the dump: it restores it into an empty PostgreSQL, and compares keys, shares, signer set, threshold and
blocks with the dump before and with ${sbtc!.node}. \`backup\` stores the dump in \`${where}\`
and reads it back.

Older dumps are deleted only after a newer one is verified. The newest 7 stay, the last of each of ${keep.daily} days, ${keep.weekly} weeks and
${keep.monthly} months, and the last of each key.

Before a new release of sbtc-signer starts, \`sbtc-upgrade-dump\` dumps the database, since that release may change it. If this
fails, sbtc-signer does not start: see \`make logs S=sbtc-upgrade-dump\`, then run \`docker compose up -d\` again. Only
\`docker compose up -d --no-deps sbtc-signer\` starts it without a dump.

| | does |
|---|---|
| \`make sbtc-backup\` | dumps, verifies and stores at once; \`REASON=WORD\` says why |
| \`make sbtc-backup-verify\` | verifies the newest dump again, or \`DUMP=NAME\`; \`FEWER_ROWS=yes\` accepts that rows are missing |
| \`make sbtc-backup-list\` | lists the dumps of this host with their verdicts, and the backups |
| \`make sbtc-restore-drill IDENTITY=FILE\` | fetches the newest stored dump and verifies it with your age key, as after the loss of the host |
| \`make sbtc-restore CONFIRM=yes\` | fills the signer's empty database: from the newest backup with \`IDENTITY=FILE\`, from \`SNAPSHOT=ID\`, or from \`DUMP=NAME\` of this host |

| verdict | of the dump |
|---|---|
${verdictRows.map(([verdict, text]) => `| \`${verdict}\` | ${text} |`).join('\n')}

- **Keep ${alone ? '`secrets/backup-password` and ' : ''}the sBTC signer's key elsewhere, and not beside the dumps.** That key opens the shares in them, so it is in no backup.
${target.kind === 'path' && alone ? `- \`${where}\` must be a folder that the user 2002 can write, on another disk than the volumes:
  \`install -d -m 700 -o 2002 -g 2002 ${where}\`. Once its disk is mounted again: \`make restart S=backup\`.
` : ''}- Once a quarter: \`make sbtc-restore-drill IDENTITY=FILE\`, with the age key from where it is kept.

On a new host, with this directory and \`secrets/\`, and with the old signer off for good:

1. \`make pull\`, and not yet \`make up\`: nothing is ever restored over the tables that a signer has made.
2. \`make sbtc-restore CONFIRM=yes IDENTITY=FILE DESPITE=chain-unreachable\`. The node starts only with its signer, so nothing here
   knows the chain yet: compare the key that is shown with that of \`make sbtc-set API=https://…\`. All else is verified.
3. \`make up\`.

If the database is there and damaged: \`docker compose down\`, \`docker volume rm ${name}_postgres-data\`, then the same.`
}
