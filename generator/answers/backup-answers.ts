/** The answers about backups; part of the one list in schema.ts. */

import type { AnswerDefinition } from './definition.ts'

const group = 'backup'
const since = '0.1.0'
const folder = '/[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*'
const name = '[A-Za-z0-9][A-Za-z0-9._-]{0,62}'

export const backupAnswers = [
  {
    key: 'BACKUP', type: { kind: 'choice', values: ['off', 'path', 'sftp', 's3'] }, group, default: 'off',
    title: 'Whether the signer\'s database is backed up, and to where',
    text: 'And with SBTC_SIGNER=on dumps of that of the sBTC signer. Once a day, encrypted by restic: to a folder on another disk, to a server by SFTP, or to an S3 bucket.',
    example: 'sftp', since,
  },
  {
    key: 'BACKUP_PATH', type: { kind: 'pattern', pattern: folder, expects: 'an absolute path of letters, digits, dots, dashes and underscores' }, group,
    absent: 'required with BACKUP=path and BACKUP=sftp',
    title: 'Folder for the backups',
    text: 'With path one of this machine, which the user 2002 must be able to write; with sftp one of the server. One folder for each stack.',
    example: '/mnt/backup/my-signer', since,
  },
  {
    key: 'BACKUP_SFTP_HOST', type: { kind: 'host' }, group,
    absent: 'required with BACKUP=sftp',
    title: 'Server for the backups',
    text: 'It need offer no more than SFTP. The key that logs in goes into secrets/backup-ssh-key.',
    example: 'backup.example.net', since,
  },
  {
    key: 'BACKUP_SFTP_PORT', type: { kind: 'port' }, group, default: '22',
    title: 'Port of the server\'s sshd',
    text: 'With BACKUP=sftp.',
    example: '22', since,
  },
  {
    key: 'BACKUP_SFTP_USER', type: { kind: 'user' }, group,
    absent: 'required with BACKUP=sftp',
    title: 'User on the server',
    text: 'With BACKUP=sftp.',
    example: 'my-signer', since,
  },
  {
    key: 'BACKUP_SFTP_HOST_KEY', type: { kind: 'pattern', pattern: '(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+=*', expects: 'a public key like ssh-ed25519 AAAAC3…' }, group,
    absent: 'required with BACKUP=sftp',
    title: 'Public key by which the server is known',
    text: 'As ssh-keyscan prints it behind the name, compared with what the server\'s owner says. Another server is refused.',
    example: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUm', since,
  },
  {
    key: 'BACKUP_S3_ENDPOINT', type: { kind: 'url' }, group,
    absent: 'required with BACKUP=s3',
    title: 'Address of the S3 service',
    text: 'The backups lie in the bucket below the stack\'s name.',
    example: 'https://s3.eu-central-1.amazonaws.com', since,
  },
  {
    key: 'BACKUP_S3_BUCKET', type: { kind: 'pattern', pattern: name, expects: 'the name of a bucket' }, group,
    absent: 'required with BACKUP=s3',
    title: 'Bucket for the backups',
    text: 'It must be there.',
    example: 'my-backups', since,
  },
  {
    key: 'BACKUP_S3_REGION', type: { kind: 'pattern', pattern: name, expects: 'the name of a region' }, group,
    absent: 'found out',
    title: 'Region of the bucket',
    text: 'Only where the service wants one.',
    example: 'eu-central-1', since,
  },
  {
    key: 'BACKUP_S3_KEY_ID', type: { kind: 'secret', form: 'password', file: 'backup-s3-key-id' }, group,
    absent: 'read from secrets/backup-s3-key-id',
    title: 'Access key ID for the bucket',
    text: 'With BACKUP=s3.',
    example: '', since,
  },
  {
    key: 'BACKUP_S3_SECRET_KEY', type: { kind: 'secret', form: 'password', file: 'backup-s3-secret-key' }, group,
    absent: 'read from secrets/backup-s3-secret-key',
    title: 'Secret access key for the bucket',
    text: 'With BACKUP=s3.',
    example: '', since,
  },
  {
    key: 'BACKUP_PASSWORD', type: { kind: 'secret', form: 'password', file: 'backup-password' }, group,
    absent: 'made on the first run',
    title: 'Password that encrypts the backups',
    text: 'Keep a copy elsewhere: without it no backup can be read, by nobody. Given for a repository that is there already.',
    example: '', since,
  },
  {
    key: 'BACKUP_AGE_RECIPIENT', type: { kind: 'recipients' }, group,
    absent: 'the secrets are in no backup, with a warning',
    title: 'Public keys to which the secrets are encrypted',
    text: 'Public keys of age, with commas; age-keygen makes a pair. make backup encrypts secrets/ to them. An sBTC signer needs one, because its dumps are encrypted to it. Their private keys belong on no machine of the stack.',
    example: 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudcqt9xqxnqqdk', since,
  },
  {
    key: 'BACKUP_KEEP_DAILY', type: { kind: 'number', least: 1, most: 366 }, group, default: '7',
    title: 'For how many days a backup of each is kept',
    text: 'Days on which there is one. What was never verified counts for nothing. For the dumps of an sBTC signer the same.',
    example: '14', since,
  },
  {
    key: 'BACKUP_KEEP_WEEKLY', type: { kind: 'number', least: 0, most: 520 }, group, default: '5',
    title: 'For how many weeks a backup of each is kept',
    text: 'The last of the week.',
    example: '8', since,
  },
  {
    key: 'BACKUP_KEEP_MONTHLY', type: { kind: 'number', least: 0, most: 120 }, group, default: '12',
    title: 'For how many months a backup of each is kept',
    text: 'The last of the month.',
    example: '24', since,
  },
  {
    key: 'BACKUP_AT', type: { kind: 'pattern', pattern: '([01][0-9]|2[0-3]):[0-5][0-9]', expects: 'a time of day like 03:17' }, group,
    absent: 'a minute that follows from STACK_NAME, so that a fleet does not come all at once',
    title: 'When the backup is made, in UTC',
    text: 'One that was missed is made at the next start.',
    example: '03:17', since,
  },
] as const satisfies readonly AnswerDefinition[]
