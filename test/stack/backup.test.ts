/** What the answers about backups become, and what is said where they do not fit. */

import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { backupSettings } from '../../generator/stack/backup.ts'

const recipient = 'BACKUP_AGE_RECIPIENT=age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudcqt9xqxnqqdk\n'

function settings(text: string, name = 'my-signer') {
  const read = readAnswers('a.env', `STACK_NAME=${name}\nNETWORK=mainnet\n${text}`)
  const checked = checkAnswers('a.env', read.entries, { secretsAllowed: false, outputDirectory: '.' })
  if (!checked.value) return { problems: checked.problems.map(({ message }) => message) }
  const { value, problems } = backupSettings(checked.value)
  return { value, problems: problems.map(({ severity, message }) => `${severity}: ${message}`) }
}

t.test('off says nothing, and names what is of no use', async (t) => {
  t.strictSame(settings(''), { value: undefined, problems: [] })
  t.strictSame(settings('BACKUP_PATH=/mnt/b\nBACKUP_KEEP_DAILY=3\n').problems, ['warning: BACKUP_PATH is not used with BACKUP=off', 'warning: BACKUP_KEEP_DAILY is not used with BACKUP=off'])
})

t.test('each target', async (t) => {
  t.strictSame(settings(`BACKUP=path\nBACKUP_PATH=/mnt/b\nBACKUP_AT=03:17\n${recipient}`), { problems: [], value: {
    target: { kind: 'path', path: '/mnt/b' }, recipients: ['age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudcqt9xqxnqqdk'], keep: { daily: 7, weekly: 5, monthly: 12 }, at: '03:17',
  } })
  t.strictSame(settings(`BACKUP=s3\nBACKUP_S3_ENDPOINT=https://s3.example.net/\nBACKUP_S3_BUCKET=b-1\n${recipient}`).value?.target, { kind: 's3', endpoint: 'https://s3.example.net', bucket: 'b-1' })
  t.strictSame(settings(`BACKUP=sftp\n${recipient}`).problems, ['BACKUP_SFTP_HOST', 'BACKUP_SFTP_USER', 'BACKUP_PATH', 'BACKUP_SFTP_HOST_KEY'].map((key) => `error: BACKUP=sftp needs ${key}`))
  t.strictSame(settings('BACKUP=path\nBACKUP_PATH=/mnt/b\n').problems, ['warning: the secrets will be in no backup: BACKUP_AGE_RECIPIENT is not given'])
})

t.test('what cannot be', async (t) => {
  for (const text of ['BACKUP=path\nBACKUP_PATH=relative\n', 'BACKUP=path\nBACKUP_PATH=/\n', 'BACKUP=path\nBACKUP_PATH=/mnt/../etc\n', 'BACKUP=path\nBACKUP_PATH="/mnt/a b"\n', 'BACKUP=s3\nBACKUP_S3_ENDPOINT=file:///x\nBACKUP_S3_BUCKET=b-1\n',
    'BACKUP=path\nBACKUP_PATH=/b\nBACKUP_AT=25:00\n', 'BACKUP=path\nBACKUP_PATH=/b\nBACKUP_KEEP_DAILY=0\n']) t.equal(settings(`${text}${recipient}`).value, undefined, text)
})

t.test('a minute for each name, always the same', async (t) => {
  const at = (name: string) => settings(`BACKUP=path\nBACKUP_PATH=/b\n${recipient}`, name).value?.at
  const minutes = Array.from({ length: 50 }, (_, index) => at(`signer-${index}`))
  for (const minute of minutes) t.match(minute, /^([01]\d|2[0-3]):[0-5]\d$/)
  t.equal(at('signer-7'), minutes[7])
  t.ok(new Set(minutes).size > 40)
})
