/** The README's section about backups. As a text of its own it costs the command a third of what a template's branches would. */

import { targetText } from '../stack/backup.ts'
import type { Backup } from '../stack/backup-target.ts'
import type { Stack } from '../stack/model.ts'

/** Markdown without a line end at its end. */
export function backupSection({ name }: Stack, { target, recipients, keep, at }: Backup): string {
  const where = targetText(target)
  const sealed = recipients.length > 0
  const path = target.kind === 'path'
  const s3 = target.kind === 's3'
  const repository = s3 ? `s3:${target.endpoint}/${target.bucket}/${name}` : path ? target.path : `sftp://${target.user}@${target.host}:${target.port}/${target.path}`
  return `## Backups

Once a day, at ${at} UTC, \`backup-copy\` copies the signer's database. \`backup\` encrypts the copy with restic and stores it in
\`${where}\`. \`backup-copy\` mounts the signer's volume read-only and has no network: no backup can harm the
database, and the signer never waits for one. \`backup\` ${path ? 'has no network. It ' : ''}sees neither that volume nor an unencrypted secret.

Each backup is read back and compared, and the repository is checked. A repository of more than 1 GB is checked in parts,
all of it within a week. Then older backups are deleted: the last of each of ${keep.daily} days, ${keep.weekly} weeks and ${keep.monthly} months stays.
A backup that fails is tried again every half hour; \`make status\` says why.

- **Keep \`secrets/backup-password\` elsewhere too.** Without it nobody can read the backups.
${sealed
    ? `- \`make backup\` also encrypts \`secrets/\` and the answers to the recipients in \`config/backup/recipients.txt\`. The
  daily backups have these files as they were then: run \`make backup\` after each change in \`secrets/\`.`
    : '- The secrets are in no backup: `BACKUP_AGE_RECIPIENT` in `answers.env` names the public key to which they are encrypted.'}
${path ? `- \`${where}\` must be a folder that the user 2002 can write, on another disk than the volumes:
  \`install -d -m 700 -o 2002 -g 2002 ${where}\`. Once its disk is mounted again: \`make restart S=backup\`.
` : target.kind === 'sftp' ? `- The server needs no more than SFTP: in its \`authorized_keys\`, \`restrict,command="internal-sftp"\` before the key.
` : ''}
| | does |
|---|---|
| \`make backup\` | ${sealed ? 'encrypts the secrets, then ' : ''}copies, stores and verifies at once |
| \`make backup-list\` | lists the backups that are kept |
| \`make restore-drill${sealed ? ' IDENTITY=FILE' : ''}\` | restores the newest backup into a temporary volume and checks it${sealed ? '; with an age identity, the key too' : ''} |
| \`make restore CONFIRM=yes\` | replaces the signer's database and keeps the old one; only while the signer does not run |

A database of yesterday does not know what was signed since. Before \`make restore\`, be sure that no other signer has used
this key since. After it, the guard watches before the signer starts.

Without this directory, restore with restic${sealed ? ' and age' : ''} on any machine:

\`\`\`sh
${s3 ? 'export AWS_ACCESS_KEY_ID=ID AWS_SECRET_ACCESS_KEY=KEY\n' : ''}restic --repo ${repository} dump latest /current/signer.sqlite > signer.sqlite${sealed
    ? `\nrestic --repo ${repository} dump latest /secrets.age | age --decrypt --identity FILE | tar -x` : ''}
\`\`\``
}
