/** `config/backup/`: what the backups' programs read. It holds no secret; passwords are named by where init puts them. */

import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderKeyValue } from '../render/key-value.ts'
import { targetText } from '../stack/backup.ts'
import type { BackupTarget } from '../stack/backup-target.ts'
import type { Host, Stack } from '../stack/model.ts'
import { findService } from './views.ts'

export function backupFiles(stack: Stack, host: Host): readonly PlannedFile[] {
  const { backup } = stack
  if (!backup || !findService(host, 'backup')) return []
  const file = (name: string, content: string): PlannedFile => ({ path: `${host.directory}config/backup/${name}`, content, mode: 0o644 })
  const comment = header.map((line) => `# ${line}\n`).join('')
  const { target } = backup
  return [
    file('backup.env', renderKeyValue([...header, 'What make backup goes by. No secret.'], [{ entries: [
      ['stack', stack.name],
      ['public_key', stack.identity?.publicKey ?? ''],
      ['kind', target.kind],
      ['where', targetText(target)],
      ...targetEntries(target),
      ['keep_daily', backup.keep.daily], ['keep_weekly', backup.keep.weekly], ['keep_monthly', backup.keep.monthly],
    ] }])),
    ...(target.kind === 'sftp' ? [file('known_hosts', `${comment}${knownName(target)} ${target.hostKey}\n`)] : []),
    ...(backup.recipients.length > 0 ? [file('recipients.txt', `${comment}${backup.recipients.map((one) => `${one}\n`).join('')}`)] : []),
  ]
}

function targetEntries(target: BackupTarget): readonly (readonly [string, string | number])[] {
  switch (target.kind) {
    case 'path': return []
    case 'sftp': return [['sftp_host', bare(target.host)], ['sftp_port', target.port], ['sftp_user', target.user], ['sftp_path', target.path]]
    case 's3': return [['s3_endpoint', target.endpoint], ['s3_bucket', target.bucket], ...(target.region ? [['s3_region', target.region] as const] : [])]
  }
}

/** As ssh looks it up: with the port where it is not that of SSH. */
function knownName({ host, port }: BackupTarget & { readonly kind: 'sftp' }): string {
  return port === 22 ? bare(host) : `[${bare(host)}]:${port}`
}

/** Without the brackets around an address of IPv6. */
const bare = (host: string): string => host.replace(/^\[|\]$/g, '')
