/** The copy of the signer's database: whole whatever the signer does, and nothing of the signer's is touched. */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, chownSync, copyFileSync, readFileSync, readdirSync, renameSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isDue } from '../../docker/programs/backup/copy.ts'
import { openNode } from '../support/other-user.ts'
import { repository } from '../support/repository.ts'
import { backupSetting, die, insert, once, sql, type Setting } from './backup-setting.ts'
import { needs, root as isRoot, start } from './tools.ts'

const options = needs('age-keygen')
const copy = '/var/lib/backup/current/copy.json'
const volume = '/var/lib/stacks-signer'
const heightOf = (setting: Setting) => (setting.json(copy)['database'] as { height: number }).height
const hashes = (setting: Setting) => readdirSync(setting.at(volume)).sort().filter((name) => !name.endsWith('-shm'))
  .map((name) => [name, createHash('sha256').update(readFileSync(setting.at(`${volume}/${name}`))).digest('hex')])

t.test('beside a signer that writes', options, async (t) => {
  const setting = backupSetting(t)
  once(setting, insert(0, 20000))
  const writer = start(t, process.execPath, [sql(setting, 'let n = 20000', 'console.log("ready")', 'while (!existsSync(`${process.argv[1]}.stop`)) db.prepare("INSERT INTO blocks VALUES (?, ?)").run(n++, "y".repeat(300))', 'console.log("wrote", n)')], {})
  await writer.says(/ready/)
  // A signer that is in the middle of something does not keep the copy, nor the copy the signer.
  for (let round = 0; round < 3; round++) {
    const { code, out } = await setting.run('copy', '--now')
    t.equal(code, 0, out)
  }
  setting.write('/sql-stop', '')
  for (const name of readdirSync(setting.path).filter((one) => /^sql-\d+\.mjs$/.test(one))) setting.write(`/${name}.stop`, '')
  const { code, out } = await writer.ended
  t.equal(code, 0, out)
  t.ok(heightOf(setting) >= 19999)
  t.strictSame(readdirSync(setting.at('/var/lib/backup/current')).sort(), ['copy.json', 'signer.sqlite'])
})

t.test('with no right to write, in each state that a signer leaves', { ...options, ...(!isRoot && { skip: 'needs root' }) }, async (t) => {
  const states: readonly (readonly [name: string, prepare: (setting: Setting) => void, height: number])[] = [
    ['closed', (s) => { once(s, insert(0, 500)) }, 499],
    ['killed, with its log', (s) => { once(s, insert(0, 500), 'db.exec("PRAGMA wal_checkpoint(TRUNCATE)")', insert(500, 600), die) }, 599],
    ['killed, its shared memory lost', (s) => { once(s, insert(0, 600), die); rmSync(s.at(`${volume}/signer.sqlite-shm`)) }, 599],
    ['killed in the middle of a rollback journal', (s) => { once(s, 'db.exec("PRAGMA journal_mode=DELETE")', insert(0, 500), 'db.exec("PRAGMA cache_size=5; BEGIN")', insert(500, 5000), die) }, 499],
  ]
  for (const [name, prepare, height] of states) {
    const setting = backupSetting(t)
    prepare(setting)
    const before = hashes(setting)
    // Another user than the volume's stands for the read-only mount.
    for (const place of ['', '/signer.sqlite', '/signer.sqlite-wal', '/signer.sqlite-shm', '/signer.sqlite-journal']) {
      if (setting.has(`${volume}${place}`)) chmodSync(setting.at(`${volume}${place}`), place ? 0o444 : 0o555)
    }
    chmodSync(setting.path, 0o755)
    chownSync(setting.at('/var/lib/backup'), 65534, 65534)
    copyFileSync(join(repository, 'dist/programs/backup.mjs'), setting.at('/backup.mjs'))
    const ran = spawnSync(openNode(setting.path), [setting.at('/backup.mjs'), 'copy', '--now'], { encoding: 'utf8', uid: 65534, gid: 65534, env: { PATH: process.env['PATH'], STACK_ROOT: setting.path } })
    t.equal(ran.status, 0, `${name}: ${ran.stderr}`)
    t.equal(heightOf(setting), height, name)
    t.strictSame(hashes(setting), before, `${name}: nothing of it is changed`)
  }
})

t.test('a bad database is no copy, and the one before stays', options, async (t) => {
  const setting = backupSetting(t)
  const first = await setting.run('copy', '--now')
  t.equal(first.code, 0)
  t.match(first.out, /there is no database yet/)
  t.equal(setting.json(copy)['database'], null)

  once(setting, insert(0, 5000))
  t.equal((await setting.run('copy', '--now')).code, 0)
  const good = setting.read(copy)
  const spoiled: readonly (readonly [spoil: () => void, said: RegExp])[] = [
    [() => { truncateSync(setting.at(`${volume}/signer.sqlite`), 300_000) }, /damaged/],
    [() => { setting.write(`${volume}/signer.sqlite`, 'this is no database, but it is long enough to be looked at'.repeat(50)) }, /damaged/],
    [() => { rmSync(setting.at(`${volume}/signer.sqlite`)) }, /the signer's database is gone; the copy and the backups before are kept/],
  ]
  for (const [spoil, said] of spoiled) {
    spoil()
    const { code, out } = await setting.run('copy', '--now')
    t.equal(code, 1)
    t.match(out, said)
    t.equal(setting.read(copy), good)
    t.match(String(setting.json('/var/lib/backup/copy-state.json')['error']), said)
    t.notOk(setting.has('/var/lib/backup/new'), 'nothing half made is left')
  }
})

t.test('killed between the two renames of a swap', options, async (t) => {
  const setting = backupSetting(t)
  once(setting, insert(0, 50))
  await setting.run('copy', '--now')
  renameSync(setting.at('/var/lib/backup/current'), setting.at('/var/lib/backup/old'))
  rmSync(setting.at(`${volume}/signer.sqlite`))
  t.match((await setting.run('copy', '--now')).out, /is gone/, 'the copy from before is known again')
  t.equal(heightOf(setting), 49)
})

t.test('a full disk', { ...options, ...(!isRoot && { skip: 'needs root' }) }, async (t) => {
  const setting = backupSetting(t)
  once(setting, insert(0, 9000))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', setting.at('/var/lib/backup')])
  if (mounted.status !== 0) {
    if (process.env['REQUIRE_ENGINES'] === '1') t.fail('cannot mount')
    else t.comment('SKIP: cannot mount')
    return
  }
  t.teardown(() => { spawnSync('umount', ['--lazy', setting.at('/var/lib/backup')]) })
  const refused = await setting.run('copy', '--now')
  t.equal(refused.code, 1)
  t.match(refused.out, /not enough room: \d+ MB are needed/)
  // And where the first look was wrong.
  // Its root, two locks, a folder and a file are all that this disk can have.
  spawnSync('mount', ['-o', 'remount,size=64m,nr_inodes=5', setting.at('/var/lib/backup')])
  rmSync(setting.at('/var/lib/backup/copy-state.json'))
  const late = await setting.run('copy', '--now')
  t.match(late, { code: 1, out: /no copy: .*ENOSPC/ })
  t.match(setting.json('/var/lib/backup/copy-state.json'), { error: /ENOSPC/ })
  t.notOk(setting.has('/var/lib/backup/new'), 'the room is given back')
})

t.test('the daily time', options, async (t) => {
  const cases: readonly (readonly [name: string, made: string | null, clock: string, want: boolean])[] = [
    ['never yet', null, '2026-11-21T12:00', true],
    ['made today after its time', '2026-11-21T03:18', '2026-11-21T12:00', false],
    ['before its time', '2026-11-20T03:18', '2026-11-21T03:16', false],
    ['at its time', '2026-11-20T03:18', '2026-11-21T03:17', true],
    ['a day was missed', '2026-11-18T03:18', '2026-11-21T03:10', true],
    ['a clock that went back', '2030-01-01T00:00', '2026-11-21T12:00', true],
    ['a clock that is a little off', '2026-11-21T12:10', '2026-11-21T12:00', false],
  ]
  for (const [name, made, clock, want] of cases) t.equal(isDue('03:17', made === null ? undefined : `${made}:00Z`, Date.parse(`${clock}:00Z`)), want, name)
})

t.test('the service makes the first copy at once, and shows that it lives', options, async (t) => {
  const setting = backupSetting(t)
  once(setting, insert(0, 50))
  const running = setting.begin('copy')
  await running.says(/newest block 49/)
  await running.until(() => setting.has('/alive'))
  t.equal((await setting.run('health')).code, 0)
  running.process.kill('SIGTERM')
  t.equal((await running.ended).code, 0)
  rmSync(join(setting.path, 'alive'))
  t.equal((await setting.run('health')).code, 1)
})
