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

Once a day, at ${at} UTC, \`backup-copy\` copies the signer's database, and \`backup\` stores the copy in \`${where}\`,
encrypted by restic. \`backup-copy\` mounts the signer's volume read-only and has no network: no backup can harm the database,
or make the signer wait for it. \`backup\` ${path ? 'has no network, and ' : 'has a way out, and '}sees neither that volume nor a secret in the clear.

A backup counts once it has been read back and compared, and the repository was checked: all of it is read, or of more than
1 GB a part each day, and all in a week. Only then are older ones given up: the last of each of ${keep.daily} days, ${keep.weekly} weeks and
${keep.monthly} months is kept. One that fails is tried again every half hour, and \`make status\` says why.

- **Keep \`secrets/backup-password\` elsewhere too.** Without it nobody can read the backups.
${sealed
    ? `- \`make backup\` also seals \`secrets/\` and the answers to the recipients in \`config/backup/recipients.txt\`. The daily backups
  carry what was sealed last: after a change in \`secrets/\`, \`make backup\` once.`
    : '- The secrets are in no backup: `BACKUP_AGE_RECIPIENT` in `answers.env` says to whose public key they are sealed.'}
${path ? `- \`${where}\` must be a folder that the user 2002 can write, on another disk than the volumes:
  \`install -d -m 700 -o 2002 -g 2002 ${where}\`. Once its disk is mounted again: \`make restart S=backup\`.
` : target.kind === 'sftp' ? `- The server needs no more than SFTP: in its \`authorized_keys\`, \`restrict,command="internal-sftp"\` before the key.
` : ''}
| | does |
|---|---|
| \`make backup\` | ${sealed ? 'seals the secrets, then ' : ''}copies, stores and verifies at once |
| \`make backup-list\` | lists the backups that are kept |
| \`make restore-drill${sealed ? ' IDENTITY=FILE' : ''}\` | brings the newest back into a scratch volume and checks it: each byte, the database${sealed ? ', and with an age identity whether the sealed key is this signer\'s' : ''} |
| \`make restore CONFIRM=yes\` | puts it in the place of the signer's database, which is set aside; refuses while the signer runs |

A database of yesterday does not know what was signed since. Before \`make restore\`, be sure that no other signer has used this
key meanwhile; it leaves the file \`restored\` in the signer's volume, for the guard of the signer's next start.

Without this directory, restic${sealed ? ' and age' : ''} alone bring everything back, on any machine:

\`\`\`sh
${s3 ? 'export AWS_ACCESS_KEY_ID=ID AWS_SECRET_ACCESS_KEY=KEY\n' : ''}restic --repo ${repository} dump latest /current/signer.sqlite > signer.sqlite${sealed
    ? `\nrestic --repo ${repository} dump latest /secrets.age | age --decrypt --identity FILE | tar -x` : ''}
\`\`\``
}
