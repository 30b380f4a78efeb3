/** Where backups go and how long they are kept, from the answers that concern them. */

import { createHash } from 'node:crypto'
import type { Answers } from '../answers/check.ts'
import { problemsOf } from '../answers/partial.ts'
import { listWords } from '../answers/list.ts'
import type { AnswerKey } from '../answers/schema.ts'
import { error, hasErrors, warning, type Problem, type Result } from '../problem.ts'
import type { Backup, BackupTarget } from './backup-target.ts'

type Kind = BackupTarget['kind']

/** What each kind of target needs, and what only some of them read. */
const needed: Readonly<Record<Kind, readonly AnswerKey[]>> = {
  path: ['BACKUP_PATH'],
  sftp: ['BACKUP_SFTP_HOST', 'BACKUP_SFTP_USER', 'BACKUP_PATH', 'BACKUP_SFTP_HOST_KEY'],
  s3: ['BACKUP_S3_ENDPOINT', 'BACKUP_S3_BUCKET'],
}
const optional: Readonly<Record<Kind, readonly AnswerKey[]>> = { path: [], sftp: ['BACKUP_SFTP_PORT'], s3: ['BACKUP_S3_REGION', 'BACKUP_S3_KEY_ID', 'BACKUP_S3_SECRET_KEY'] }
const always = ['BACKUP_PASSWORD', 'BACKUP_AGE_RECIPIENT', 'BACKUP_KEEP_DAILY', 'BACKUP_KEEP_WEEKLY', 'BACKUP_KEEP_MONTHLY', 'BACKUP_AT'] as const
const examples: Readonly<Partial<Record<AnswerKey, string>>> = {
  BACKUP_PATH: '/mnt/backup/my-signer', BACKUP_SFTP_HOST: 'backup.example.net', BACKUP_SFTP_USER: 'my-signer',
  BACKUP_SFTP_HOST_KEY: '\'ssh-ed25519 AAAA…\', as ssh-keyscan prints it; compare it with what the server\'s owner says',
  BACKUP_S3_ENDPOINT: 'https://s3.eu-central-1.amazonaws.com', BACKUP_S3_BUCKET: 'my-backups',
}

/** No value with BACKUP=off. */
export function backupSettings(answers: Answers): Result<Backup> {
  const { values, given } = answers
  const kind = values.BACKUP
  const kinds = Object.keys(needed) as readonly Kind[]
  const reads = (one: Kind): readonly AnswerKey[] => [...needed[one], ...optional[one]]
  const all = new Set(kinds.flatMap(reads))
  const used = kind === 'off' ? [] : reads(kind)
  const strange = [...all, ...(kind === 'off' ? always : [])].filter((key) => given.has(key) && !used.includes(key))
  const problems: Problem[] = strange.map((key) => warning('unused-answer', `${key} is not used with BACKUP=${kind}`, answers.place(key)))
  if (kind === 'off') return { problems }
  for (const key of needed[kind]) {
    if (!given.has(key)) problems.push(error('missing-answer', `BACKUP=${kind} needs ${key}`, answers.place('BACKUP'), `add a line like ${key}=${examples[key]}`))
  }
  problems.push(...problemsOf(() => badEndpoint(answers), () => badPath(answers)))
  // For an sBTC signer it is an error, and said as one.
  if (!given.has('BACKUP_AGE_RECIPIENT') && values.SBTC_SIGNER === 'off') {
    problems.push(warning('secrets-not-backed-up', 'the secrets will be in no backup: BACKUP_AGE_RECIPIENT is not given', answers.place('BACKUP'),
      'age-keygen on a machine of yours makes a pair; write its public key: BACKUP_AGE_RECIPIENT=age1…'))
  }
  if (hasErrors(problems) || answers.partial) return { problems }
  return { problems, value: {
    target: target(kind, answers),
    recipients: values.BACKUP_AGE_RECIPIENT === undefined ? [] : listWords(values.BACKUP_AGE_RECIPIENT),
    keep: { daily: values.BACKUP_KEEP_DAILY, weekly: values.BACKUP_KEEP_WEEKLY, monthly: values.BACKUP_KEEP_MONTHLY },
    at: values.BACKUP_AT ?? ownMinute(values.STACK_NAME),
  } }
}

function badEndpoint({ values, place }: Answers): readonly Problem[] {
  const at = place('BACKUP_S3_ENDPOINT')
  return [
    ...(values.BACKUP_S3_ENDPOINT?.includes('?') ? [error('bad-value', 'BACKUP_S3_ENDPOINT expects an address without ?: the bucket is added to it', at)] : []),
    ...(values.BACKUP_S3_ENDPOINT?.toLowerCase().startsWith('file:')
      ? [error('bad-value', 'BACKUP_S3_ENDPOINT expects an address that begins with https:// or http://', at, 'for a folder of this machine write BACKUP=path')] : []),
  ]
}

function badPath({ values, place }: Answers): readonly Problem[] {
  return values.BACKUP_PATH?.split('/').some((part) => part === '.' || part === '..')
    ? [error('bad-value', 'BACKUP_PATH expects a path without . and ..', place('BACKUP_PATH'))] : []
}

function target(kind: Kind, { values }: Answers): BackupTarget {
  switch (kind) {
    case 'path': return { kind, path: values.BACKUP_PATH! }
    case 'sftp': return { kind, host: values.BACKUP_SFTP_HOST!, port: values.BACKUP_SFTP_PORT, user: values.BACKUP_SFTP_USER!, path: values.BACKUP_PATH!, hostKey: values.BACKUP_SFTP_HOST_KEY! }
    case 's3': return { kind, endpoint: values.BACKUP_S3_ENDPOINT!.replace(/\/+$/, ''), bucket: values.BACKUP_S3_BUCKET!, ...(values.BACKUP_S3_REGION && { region: values.BACKUP_S3_REGION }) }
  }
}

/** A minute of the day for each name: the same at each run, and another for most other names. */
function ownMinute(name: string): string {
  const minute = createHash('sha256').update(`backup ${name}`).digest().readUInt32BE() % 1440
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':')
}

/** Where the backups lie, for people. */
export function targetText(target: BackupTarget): string {
  switch (target.kind) {
    case 'path': return target.path
    case 'sftp': return `${target.user}@${target.host}:${target.path}`
    case 's3': return `${target.endpoint}/${target.bucket}`
  }
}

/** The secrets that the backup reads, by their names in `secrets/`. */
export function backupSecrets(target: BackupTarget): readonly { readonly name: string; readonly purpose: string }[] {
  return [
    { name: 'backup-password', purpose: 'Encrypts the backups; keep a copy elsewhere, without it none can be read' },
    ...(target.kind === 'sftp' ? [{ name: 'backup-ssh-key', purpose: 'Logs in at the server of the backups' }] : []),
    ...(target.kind === 's3' ? [
      { name: 'backup-s3-key-id', purpose: 'Access key ID for the bucket of the backups' },
      { name: 'backup-s3-secret-key', purpose: 'Secret access key for the bucket of the backups' },
    ] : []),
  ]
}
