/** The secrets of a stack with backups, as the command finds, makes and keeps them. */

import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { command, testKey } from '../support/command.ts'

const answers = `STACK_NAME=s\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\nSIGNER_PRIVATE_KEY=${testKey}\nBACKUP=path\nBACKUP_PATH=/mnt/backup/s\n`

t.test('the password of a repository that is there already is taken as it is given', async (t) => {
  const root = t.testdir({ 'a.env': `${answers}BACKUP_PASSWORD=correct horse battery staple\n` })
  const file = join(root, 'out/secrets/backup-password')
  const first = await command(root, ['a.env', 'out'])
  t.equal(first.code, 0, first.err)
  t.match(first.out, /secrets\/backup-password +from the answers/)
  t.equal(readFileSync(file, 'utf8').trim(), 'correct horse battery staple')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.notMatch(readFileSync(join(root, 'out/answers.env'), 'utf8'), /battery/)

  writeFileSync(join(root, 'a.env'), `${answers}BACKUP_PASSWORD=another horse, another staple\n`)
  const other = await command(root, ['a.env', 'out'])
  t.equal(other.code, 2)
  t.match(other.err, /BACKUP_PASSWORD differs from the stored secrets\/backup-password, and an existing secret is never changed/)
  t.equal(readFileSync(file, 'utf8').trim(), 'correct horse battery staple')
})

t.test('without one it is made, once, and to be kept elsewhere', async (t) => {
  const root = t.testdir({ 'a.env': answers })
  const made = await command(root, ['a.env', 'out'])
  t.match(made.out, /secrets\/backup-password +new; keep a copy elsewhere/)
  const password = readFileSync(join(root, 'out/secrets/backup-password'), 'utf8')
  t.match(password, /^\w{32,}\n?$/)
  t.equal((await command(join(root, 'out'), [])).code, 0)
  t.equal(readFileSync(join(root, 'out/secrets/backup-password'), 'utf8'), password)
  rmSync(join(root, 'out/secrets'), { recursive: true })
  t.equal((await command(join(root, 'out'), [])).code, 0)
  t.throws(() => readFileSync(join(root, 'out/secrets/backup-password')), 'where secrets/ is elsewhere, none is made')
})
