/** Storing, verifying and bringing back, with the real restic and age: no good backup is lost, and no bad one is called good. */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { backupSetting, insert, newest, once, secretsTar, signerKey, sql, stay, type Setting } from './backup-setting.ts'
import { bucketDouble } from './bucket-double.ts'
import { freePort } from '../support/port.ts'
import { needs, root as isRoot, start } from './tools.ts'

const options = needs('restic', 'age', 'age-keygen')
const state = '/var/lib/backup/state.json'
const publicKey = '025f5c0d3a0d0a8a4e0e2a3e4e1d0d4b4b'

interface Snapshot { readonly id: string; readonly time: string; readonly tags?: readonly string[] }
const snapshots = (setting: Setting) => JSON.parse(setting.restic('snapshots', '--json')) as Snapshot[]
const verified = (setting: Setting) => snapshots(setting).filter(({ tags }) => tags?.includes('verified'))

async function backup(t: Test, setting: Setting): Promise<string> {
  const copied = await setting.run('copy', '--now')
  t.equal(copied.code, 0, copied.out)
  const stored = await setting.run('store', '--now')
  t.equal(stored.code, 0, stored.out)
  return stored.out
}

t.test('from the signer\'s volume and back', options, async (t) => {
  const setting = backupSetting(t)
  once(setting, insert(0, 3000))
  const sealed = setting.fed('seal', secretsTar(setting))
  t.strictSame([sealed.code, sealed.out], [0, 'backup: 3 files sealed; they go with the next backup\n'])
  t.notOk(readFileSync(setting.at('/var/lib/backup/secrets.age')).includes(signerKey), 'sealed')

  t.match(await backup(t, setting), /stored and verified as [0-9a-f]{8}, 1 kept in \/mnt\/backup/)
  const fares = setting.json(state)
  t.match(String(fares['last_success']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  t.equal(fares['last_success'], fares['last_verified'])
  t.equal(fares['error'], null)
  t.match(setting.read('/var/lib/backup-metrics/backup.prom'), /^stack_backup_last_success_timestamp_seconds \d{10}$/m)
  t.match((await setting.run('store', '--now')).out, /is stored and verified already/)

  await t.test('what an operator reads with restic and age alone', async (t) => {
    writeFileSync(setting.at('/again.age'), spawnSync('restic', ['--no-cache', '--repo', setting.at('/repository'), '--password-file', setting.at('/etc/backup/backup-password'), 'dump', 'latest', '/secrets.age'], { env: { PATH: process.env['PATH'], HOME: setting.path } }).stdout)
    const opened = spawnSync('age', ['--decrypt', '--identity', setting.identity, setting.at('/again.age')])
    mkdirSync(setting.at('/again'))
    spawnSync('tar', ['-x', '-C', setting.at('/again')], { input: opened.stdout })
    t.equal(setting.read('/again/secrets/signer-private-key'), `${signerKey}\n`)
    t.equal(setting.read('/again/answers.env'), 'STACK_NAME=sample\n')
  })

  await t.test('a drill', async (t) => {
    const drill = await setting.run('drill')
    t.equal(drill.code, 0, drill.out)
    t.match(drill.out, /database whole, \d+ bytes, newest block 2999; sealed secrets of /)
    t.match(setting.fed('check', readFileSync(setting.identity)).out, /the identity opens them: 3 files, and the key is a signer key/)
    const other = spawnSync('age-keygen', { encoding: 'utf8' }).stdout
    const wrong = setting.fed('check', other)
    t.strictSame([wrong.code, wrong.out], [1, 'backup: the age identity does not open it, or it is damaged\n'])
    t.notMatch(setting.fed('check', 'AGE-SECRET-KEY-1NONSENSE').out, /NONSENSE/)
    setting.settings({ public_key: publicKey })
    t.match(setting.fed('check', readFileSync(setting.identity)).out, /is the key of 0[23][0-9a-f]{64}, and this stack signs with 025f/)
    setting.settings()
  })

  await t.test('put back, but not under a running signer', async (t) => {
    const writer = start(t, process.execPath, [sql(setting, insert(3000, 3100), stay)], {})
    await writer.says(/open/)
    const fetched = await setting.run('fetch')
    t.equal(fetched.code, 0, fetched.out)
    const refused = await setting.run('restore')
    t.strictSame([refused.code, refused.out], [1, 'backup: a program has the signer\'s database open: make stop S=stacks-signer\n'])
    t.notOk(setting.has('/var/lib/stacks-signer/restored'))
    writer.process.kill('SIGKILL')
    await writer.ended
    const done = await setting.run('restore')
    t.equal(done.code, 0, done.out)
    t.match(setting.json('/var/lib/stacks-signer/restored'), { height: 2999, made: fares['stored'] }, 'the guard is told')
    const aside = readdirSync(setting.at('/var/lib/stacks-signer')).filter((name) => name.startsWith('before-restore-'))
    t.equal(aside.length, 1)
    t.ok(setting.has(`/var/lib/stacks-signer/${aside[0]}/signer.sqlite-wal`), 'with what was not yet in the database itself')
    t.notOk(setting.has('/var/lib/stacks-signer/signer.sqlite-wal'))
    t.equal(once(setting, newest).trim(), '2999')
    t.equal((await setting.run('restore')).code, 1, 'not twice')
  })
})

t.test('what stands in the signer\'s volume: in use in either mode, or no database at all', async (t) => {
  const volume = '/var/lib/stacks-signer'
  const prepared = (): Setting => {
    const setting = backupSetting(t, 'none')
    setting.write('/var/lib/backup/restore/current/signer.sqlite', 'brought back')
    const database = { bytes: 12, sha256: createHash('sha256').update('brought back').digest('hex'), height: 1 }
    setting.write('/var/lib/backup/restore/fetched.json', JSON.stringify({ snapshot: 'abcdef01', made: '2026-11-21T10:00:00Z', database }))
    return setting
  }
  const contents = (setting: Setting) => readdirSync(setting.at(volume)).sort().map((name) => [name, statSync(setting.at(`${volume}/${name}`)).mtimeMs, setting.read(`${volume}/${name}`)])
  for (const [mode, lines] of [['WAL', [insert(0, 10)]], ['DELETE', ['db.exec("PRAGMA journal_mode=DELETE; BEGIN IMMEDIATE")', insert(0, 10)]]] as const) {
    const setting = prepared()
    const writer = start(t, process.execPath, [sql(setting, ...lines, stay)], {})
    await writer.says(/open/)
    const before = contents(setting)
    t.match(await setting.run('restore'), { code: 1, out: /a program has the signer's database open/ }, mode)
    t.strictSame(contents(setting), before, `${mode}: nothing of it is changed, and nothing is left beside it`)
    writer.process.kill('SIGKILL')
    await writer.ended
    const left = contents(setting)
    t.match(await setting.run('restore'), { code: 0 }, mode)
    const aside = readdirSync(setting.at(volume)).find((name) => name.startsWith('before-restore-'))!
    t.strictSame(readdirSync(setting.at(`${volume}/${aside}`)).sort().map((name) => [name, statSync(setting.at(`${volume}/${aside}/${name}`)).mtimeMs, setting.read(`${volume}/${aside}/${name}`)]), left, `${mode}: set aside as it was`)
    t.strictSame(readdirSync(setting.at(volume)).sort(), [aside, 'restored', 'signer.sqlite'])
  }
  const setting = prepared()
  setting.write(`${volume}/signer.sqlite`, 'this is no database'.repeat(100))
  t.match(await setting.run('restore'), { code: 0 })
  t.equal(setting.read(`${volume}/signer.sqlite`), 'brought back')
})

t.test('a repository is made where there is none', options, async (t) => {
  const setting = backupSetting(t, 'none')
  once(setting, insert(0, 10))
  t.match(await backup(t, setting), /stored and verified as [0-9a-f]{8}, 1 kept in \/mnt\/backup/)
  t.equal(setting.json(state)['repository'], (JSON.parse(setting.restic('cat', 'config')) as { id: string }).id)
})

t.test('sealing refuses what is not this stack\'s secrets', options, async (t) => {
  const setting = backupSetting(t)
  const seal = (input: Buffer | string) => setting.fed('seal', input)
  t.match(seal('no tar').out, /is not a tar archive/)
  t.match(seal(secretsTar(setting, 'not a key')).out, /^backup: secrets\/signer-private-key holds no signer key\n$/)
  setting.settings({ public_key: publicKey })
  t.match(seal(secretsTar(setting)).out, /and this stack signs with/)
  setting.settings()
  setting.write('/stack/config/backup/recipients.txt', 'age1wrong\n')
  const wrong = seal(secretsTar(setting))
  t.match(wrong.out, /^backup: config\/backup\/recipients\.txt: age recipient 1 is not an age public key, which begins with age1; see BACKUP_AGE_RECIPIENT/)
  t.notMatch(wrong.out, signerKey)
  t.notOk(setting.has('/var/lib/backup/secrets.age'))
})

t.test('damage', options, async (t) => {
  const setting = backupSetting(t)
  once(setting, insert(0, 3000))
  await backup(t, setting)
  const [good] = verified(setting)
  const success = setting.json(state)['last_success']
  const measured = statSync(setting.at('/var/lib/backup-metrics/backup.prom')).mtimeMs

  /** Another copy, and a run that must fail and change nothing that counts. */
  const fails = async (name: string, said: RegExp) => {
    once(setting, insert(5000, 5010))
    await setting.run('copy', '--now')
    const { code, out } = await setting.run('store', '--now')
    t.equal(code, 1, `${name}: ${out}`)
    t.match(out, said, name)
    t.match(setting.json(state), { last_success: success }, name)
    t.match(String(setting.json(state)['error']), said, name)
    t.equal(statSync(setting.at('/var/lib/backup-metrics/backup.prom')).mtimeMs, measured, `${name}: the metrics grow old`)
  }

  const password = setting.read('/etc/backup/backup-password')
  setting.write('/etc/backup/backup-password', 'another one')
  await fails('a wrong password', /secrets\/backup-password does not open \/mnt\/backup/)
  setting.write('/etc/backup/backup-password', password)

  renameSync(setting.at('/repository'), setting.at('/elsewhere'))
  await fails('a disk that is not mounted', /cannot be written: is its disk mounted\?/)
  mkdirSync(setting.at('/repository'))
  await fails('an empty disk in its place', /holds no backups, and did before/)
  t.strictSame(readdirSync(setting.at('/repository')), [], 'none is begun there')
  rmSync(setting.at('/repository'), { recursive: true })
  renameSync(setting.at('/elsewhere'), setting.at('/repository'))
  t.strictSame(verified(setting).map(({ id }) => id), [good!.id])

  // A pack that the good snapshot rests on, with some bytes turned.
  const packs = readdirSync(setting.at('/repository/data')).flatMap((folder) => readdirSync(setting.at(`/repository/data/${folder}`)).map((name) => setting.at(`/repository/data/${folder}/${name}`)))
  const largest = packs.sort((a, b) => statSync(b).size - statSync(a).size)[0]!
  const whole = readFileSync(largest)
  const turned = Buffer.from(whole)
  for (let at = 1000; at < 1200; at++) turned[at]! ^= 0xff
  chmodSync(largest, 0o600)
  writeFileSync(largest, turned)
  await fails('turned bytes', /restic (dump|check)|reads back other/)
  const drill = await setting.run('drill')
  t.equal(drill.code, 1, drill.out)
  t.ok(verified(setting).some(({ id }) => id === good!.id), 'the old snapshot is not given up for the new one')
  t.equal(verified(setting).length, 1, 'the new one is not called good')

  writeFileSync(largest, whole)
  const { code, out } = await setting.run('store', '--now')
  t.equal(code, 0, out)
  t.equal(verified(setting).length, 2)
  t.equal(snapshots(setting).length, 2, 'those that were never verified are gone')
  t.equal(setting.json(state)['error'], null)
})

t.test('killed in the middle, then again', options, async (t) => {
  const setting = backupSetting(t)
  once(setting, insert(0, 600, 80_000))
  await setting.run('copy', '--now')
  const running = setting.begin('store', '--now')
  await running.until(() => existsSync(setting.at('/repository/data')) && readdirSync(setting.at('/repository/data')).some((folder) => readdirSync(setting.at(`/repository/data/${folder}`)).length > 0))
  process.kill(-running.process.pid!, 'SIGKILL')
  await running.ended
  t.strictSame(snapshots(setting), [], 'there is no half snapshot')
  t.notOk(setting.has('/var/lib/backup-metrics/backup.prom'))
  const { code, out } = await setting.run('store', '--now')
  t.equal(code, 0, out)
  t.equal(verified(setting).length, 1)
})

t.test('another restic dies while a backup is stored', options, async (t) => {
  const setting = backupSetting(t)
  once(setting, insert(0, 300))
  await backup(t, setting)
  const other = start(t, 'sh', ['-c', 'mkfifo "$HOME/never" && exec restic --no-cache --repo "$1" --password-file "$2" backup --stdin <> "$HOME/never"', 'sh', setting.at('/repository'), setting.at('/etc/backup/backup-password')], { HOME: setting.path })
  const locks = () => readdirSync(setting.at('/repository/locks'))
  await other.until(() => locks().length > 0)
  const [left] = locks()
  once(setting, insert(300, 400))
  await setting.run('copy', '--now')
  const running = setting.begin('store', '--now')
  await running.until(() => readdirSync(setting.at('/repository/snapshots')).length === 2)
  process.kill(other.process.pid!, 'SIGKILL')
  const { code, out } = await running.ended
  t.equal(code, 0, out)
  t.equal(verified(setting).length, 2)
  t.notOk(locks().includes(left!), 'what it left is gone')
})

t.test('clocks that jump, and what is kept', options, async (t) => {
  const setting = backupSetting(t)
  setting.settings({ keep_daily: '2', keep_weekly: '0', keep_monthly: '0' })
  once(setting, insert(0, 300))
  await backup(t, setting)
  const present = verified(setting)[0]!
  const copyOf = (time: string, ...tags: readonly string[]) => setting.restic('backup', '--host', 'sample', '--time', time, ...tags.flatMap((tag) => ['--tag', tag]), setting.at('/var/lib/backup/current'))
  copyOf('2099-01-01 03:00:00', 'verified')
  copyOf('2020-01-01 03:00:00', 'verified')
  copyOf('2020-01-02 03:00:00')
  t.match((await setting.run('list')).out, new RegExp(`newest that was verified: ${present.id.slice(0, 8)}\n$`), 'not the one from the future')
  await backup(t, setting)
  const years = snapshots(setting).map(({ time }) => time.slice(0, 4))
  t.notOk(years.includes('2020'), 'two days are kept, and nothing that was never verified')
  t.ok(snapshots(setting).length >= 2)
  t.match((await setting.run('drill')).out, /0 hours ago/)
})

t.test('to a server, by SFTP', { ...options, ...needs('restic', 'age-keygen', 'ssh-keygen', 'ssh') }, async (t) => {
  if (!existsSync('/usr/sbin/sshd')) {
    if (process.env['REQUIRE_ENGINES'] === '1') t.fail('sshd is not installed')
    else t.comment('SKIP: sshd is not installed')
    return
  }
  const setting = backupSetting(t)
  for (const name of ['host', 'other']) spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', setting.at(`/${name}`)])
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', setting.at('/etc/backup/backup-ssh-key')])
  const port = await freePort()
  if (isRoot) mkdirSync('/run/sshd', { recursive: true })
  setting.write('/authorized', `restrict,command="internal-sftp" ${setting.read('/etc/backup/backup-ssh-key.pub')}`)
  setting.write('/sshd_config', `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${setting.at('/host')}\nAuthorizedKeysFile ${setting.at('/authorized')}\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nPidFile none\nSubsystem sftp internal-sftp\n`)
  const server = start(t, '/usr/sbin/sshd', ['-D', '-e', '-f', setting.at('/sshd_config')], {})
  await server.says(/listening/)
  const user = spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim()
  setting.settings({ kind: 'sftp', where: 'the server', sftp_host: '127.0.0.1', sftp_port: String(port), sftp_user: user, sftp_path: setting.at('/repository/there') })
  const known = (name: string) => setting.write('/etc/backup/known_hosts', `# generated\n[127.0.0.1]:${port} ${setting.read(`/${name}.pub`).split(' ').slice(0, 2).join(' ')}\n`)
  once(setting, insert(0, 500))
  await setting.run('copy', '--now')
  const commandLines = watchCommandLines(t, setting.read('/etc/backup/backup-password'))

  known('other')
  const refused = await setting.run('store', '--now')
  t.equal(refused.code, 1, refused.out)
  t.notOk(setting.has('/repository/there'), 'a server that shows another key gets nothing')

  known('host')
  t.match(await backup(t, setting), /stored and verified/)
  t.ok(setting.has('/repository/there/config'))
  t.equal((await setting.run('drill')).code, 0)
  t.strictSame(commandLines(), [], 'no password on a command line')

  server.process.kill('SIGKILL')
  await server.ended
  await setting.run('copy', '--now')
  const away = await setting.run('store', '--now')
  t.equal(away.code, 1)
  t.match(String(setting.json(state)['error']), /restic/)
})

t.test('to a bucket', options, async (t) => {
  const setting = backupSetting(t)
  const bucket = await bucketDouble(t, 'my-backups', 'the-id')
  setting.write('/etc/backup/backup-s3-key-id', 'another-id')
  setting.write('/etc/backup/backup-s3-secret-key', 'the-secret-key')
  setting.settings({ kind: 's3', where: 'the bucket', s3_endpoint: `http://127.0.0.1:${bucket.port}`, s3_bucket: 'my-backups', s3_region: 'us-east-1' })
  once(setting, insert(0, 500))
  await setting.run('copy', '--now')
  const refused = await setting.run('store', '--now')
  t.equal(refused.code, 1, refused.out)
  t.ok(bucket.refused.length > 0)
  t.equal(bucket.objects.size, 0)
  setting.write('/etc/backup/backup-s3-key-id', 'the-id')
  t.match(await backup(t, setting), /stored and verified/)
  t.ok(bucket.objects.has('sample/config'))
  t.equal((await setting.run('drill')).code, 0)
})

/** Looks at all command lines while the rest goes on; gives those that hold `word`. */
function watchCommandLines(t: Test, word: string): () => readonly string[] {
  const found = new Set<string>()
  const timer = setInterval(() => {
    for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
      try {
        const line = readFileSync(join('/proc', name, 'cmdline'), 'utf8')
        if (line.includes(word)) found.add(line)
      } catch { /* it ended meanwhile */ }
    }
  }, 100)
  t.teardown(() => { clearInterval(timer) })
  return () => [...found]
}
