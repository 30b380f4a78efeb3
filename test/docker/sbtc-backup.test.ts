/** The program sbtc-backup: a dump is whole or not there, and none that was proven is ever lost. */

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import t from 'tap'
import { insertShare, keyOf, makeWorld, newest, older, options, signers, type World } from './sbtc-setting.ts'
import { alive, root, until } from './tools.ts'

const final = (world: World) => readdirSync(join(world.folder, 'store')).filter((file) => !file.startsWith('.')).sort()
const hashes = (files: readonly string[]) => spawnSync('sha256sum', files, { encoding: 'utf8' }).stdout

t.test('a dump, its copy, its proof', options, async (t) => {
  const world = await makeWorld(t)
  const began = Math.floor(Date.now() / 1000)
  const made = await world.tool('backup', '--reason', 'upgrade')
  t.match(made, { code: 0, out: /\(upgrade\)[^]*1 copied to [^]*good: everything that can be compared agrees/ })

  const [dump] = world.dumps()
  t.match(basename(dump!), /^sbtc-signer-000001-\d{8}T\d{6}Z\.dump\.age$/)
  t.equal(statSync(dump!).mode & 0o777, 0o640)
  t.match(readFileSync(dump!, 'latin1').slice(0, 22), 'age-encryption.org/v1\n')
  t.notMatch(readFileSync(dump!, 'latin1'), 'dkg_shares')
  t.notMatch(made.out, 'a password')
  t.same(readFileSync(dump!), readFileSync(world.dumps('copy')[0]!), 'the copy is the same')

  const manifest = JSON.parse(readFileSync(dump!.replace('.dump.age', '.manifest.json'), 'utf8')) as Record<string, unknown>
  t.match(manifest, { network: 'mainnet', publicKey: signers[0], reason: 'upgrade', facts: { verified: [newest, older], blocks: { height: 960_300 } } })
  t.match(manifest['facts'], { rows: { 'public.__sbtc_migrations': 21, 'sbtc_signer.bitcoin_blocks': 3001, 'sbtc_signer.dkg_shares': 3 } })
  t.equal(Object.keys((manifest['facts'] as { rows: object }).rows).filter((name) => name.startsWith('sbtc_signer.')).length, 19)
  t.match(world.json('store/state.json'), { error: '', verdict: 'good', last_success: /Z$/, last_verified: /Z$/ })
  t.equal(world.metric('sbtc_backup_verify_ok'), 1)
  t.equal(world.metric('sbtc_backup_attempt_ok'), 1)
  t.equal(world.metric('sbtc_backup_verdict{verdict="good"}'), 1)
  t.equal(world.metric('sbtc_backup_verdict{verdict="damaged"}'), 0)
  t.equal(world.metric('sbtc_backup_dumps{state="open"}'), 1, 'when it was made, nothing had been proven yet')
  const success = world.metric('sbtc_backup_last_success_timestamp_seconds')!
  t.ok(success >= began && success <= Date.now() / 1000, `${success} is after ${began}`)
  t.same(readdirSync(join(world.folder, 'scratch')), [], 'nothing plain stays')

  // The operator's own key opens it, and pg_restore knows what is in it: the journal too.
  const plain = world.program(['age', '-d', '-i', 'keys/operator', dump!])
  t.match(world.program(['pg_restore', '-l'], plain).toString(), /TABLE public __sbtc_migrations/)
  world.program(['age-keygen', '-o', 'keys/stranger'])
  t.throws(() => world.program(['age', '-d', '-i', 'keys/stranger', dump!]), /no identity matched/)
})

t.test('what cannot be dumped leaves no name, and the last good one stays', options, async (t) => {
  const world = await makeWorld(t)
  t.equal((await world.tool('backup')).code, 0)
  const before = final(world)
  const good = hashes(world.dumps())
  const since = world.metric('sbtc_backup_last_success_timestamp_seconds')

  const fails = async (why: string, out: RegExp, more: Readonly<Record<string, unknown>> = {}) => {
    world.configure(more)
    t.match(await world.tool('backup'), { code: 1, out }, why)
    t.strictSame(final(world), before, `${why}: no new name`)
    t.equal(hashes(world.dumps()), good, `${why}: the good one is as it was`)
    t.notOk(readdirSync(join(world.folder, 'store')).some((file) => file.startsWith('.part-')), `${why}: no part is left`)
    t.match(world.json('store/state.json'), { error: out }, `${why}: the state tells`)
    t.equal(world.metric('sbtc_backup_attempt_ok'), 0, `${why}: and a number`)
    t.equal(world.metric('sbtc_backup_last_success_timestamp_seconds'), since, `${why}: the last success is the one before`)
  }
  const url = (name: string, folder = world.folder) => ({ database: `postgresql://signer@/${name}?host=${folder}` })
  await fails('no server', /did not answer|failed/, url('signer', '/nonexistent'))
  await fails('no such database', /database "other" does not exist/, url('other'))
  world.sql('CREATE DATABASE other', 'postgres')
  await fails('a database of something else', /relation "sbtc_signer.dkg_shares" does not exist/, url('other'))
  writeFileSync(join(world.folder, 'wrong'), 'wrong')
  await fails('a wrong password', /password authentication failed/, { passwordFile: join(world.folder, 'wrong') })
  await fails('a recipient that is none', /recipient/, { recipients: [`age1${'q'.repeat(58)}`] })
})

t.test('a place of copies that is not mounted', options, async (t) => {
  const world = await makeWorld(t)
  rmSync(join(world.folder, 'copy/sbtc-backup-target'))
  t.match(await world.tool('backup'), { code: 1, out: /no file sbtc-backup-target: is it mounted/ })
  t.equal(world.dumps().length, 1, 'the dump is there')
  t.equal(world.dumps('copy').length, 0, 'and nothing was put where the copies are not')
  t.match(world.json('store/state.json'), { uncopied: true, error: /mounted/ })
  t.equal(world.metric('sbtc_backup_last_success_timestamp_seconds'), undefined, 'this is no success')
  writeFileSync(join(world.folder, 'copy/sbtc-backup-target'), '')
  t.match(await world.tool('backup', '--reason', 'copy'), { code: 0, out: /1 copied/ })
  t.equal(world.dumps().length, 1, 'no second dump was needed')
  t.equal(hashes(world.dumps()).split(' ')[0], hashes(world.dumps('copy')).split(' ')[0])
})

t.test('a dump that is broken off by kill -9, at many moments', options, async (t) => {
  const world = await makeWorld(t)
  t.equal((await world.tool('backup')).code, 0)
  const good = hashes(world.dumps())
  world.sql("INSERT INTO sbtc_signer.stacks_blocks SELECT sha256(convert_to('more ' || n, 'UTF8')), n, sha256('a'), sha256('b') FROM generate_series(1, 300000) n")
  let killed = 0
  const parts = () => readdirSync(join(world.folder, 'store')).filter((file) => file.startsWith('.part-'))
  // Counted from its beginning, and from the first byte that it writes, whenever that is.
  for (const [from, pause] of [...[30, 150, 300, 500, 900, 1800].map((pause) => ['start', pause] as const), ...[0, 20, 50, 100, 200].map((pause) => ['write', pause] as const)]) {
    const left = parts()
    const { pid, ended, until } = world.begin(['backup'])
    if (from === 'write') await until(() => parts().some((part) => !left.includes(part)))
    await new Promise((resolve) => { setTimeout(resolve, pause) })
    process.kill(pid, 'SIGKILL')
    await ended
    killed += parts().length > 0 ? 1 : 0
    t.match(hashes(world.dumps()), good.trim(), `${pause} ms from its ${from}: the good one is as it was`)
    for (const dump of world.dumps().slice(1)) t.doesNotThrow(() => world.program(['age', '-d', '-i', 'keys/operator', dump]), 'what has a name is whole')
  }
  t.ok(killed > 0, 'some were killed while they wrote')
  t.match(await world.tool('backup'), { code: 0, out: /good/ })
  t.strictSame(parts(), [], 'the next one clears away what was left')
  const numbers = world.dumps().map((file) => basename(file).split('-')[2])
  t.equal(new Set(numbers).size, numbers.length, 'no number is given twice')
})

t.test('a full disk', root ? options : { skip: 'only root can mount a small disk' }, async (t) => {
  const world = await makeWorld(t)
  const [store, scratch] = [join(world.folder, 'small'), join(world.folder, 'tight')]
  for (const [place, size] of [[store, '900k'], [scratch, '24m']] as const) {
    mkdirSync(place)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700,uid=${statSync(join(world.folder, 'store')).uid}`, 'none', place], { encoding: 'utf8' })
    if (mounted.status !== 0) throw new Error(mounted.stderr)
    t.teardown(() => { spawnSync('umount', ['-l', place]) })
  }
  world.configure({ store })
  t.equal((await world.tool('backup')).code, 0)
  const good = hashes(world.dumps('small'))
  world.sql("INSERT INTO sbtc_signer.stacks_blocks SELECT sha256(convert_to('more ' || n, 'UTF8')), n, sha256('a'), sha256('b') FROM generate_series(1, 30000) n")
  for (const _ of [1, 2]) {
    t.match(await world.tool('backup'), { code: 1, out: /no backup: .*the disk is full \(ENOSPC\)/ })
    t.equal(hashes(world.dumps('small')), good)
    t.notOk(readdirSync(store).some((file) => file.startsWith('.part-')))
  }
  // The scratch disk is full: that says nothing of the dump.
  world.configure({ store, scratch })
  t.match(await world.tool('verify'), { code: 17, out: /not-verified: .*(No space left|the disk is full)/ })
  t.equal(world.metric('sbtc_backup_verify_ok'), 0)
  t.match(await (world.configure({ store }), world.tool('list')), { out: /good$/m }, 'and takes back nothing')
})

/** Waits until the scheduler has gone through some whole turns: in each it asks the signer's database two things at most. */
async function turns(world: World, wait: (done: () => boolean) => Promise<void>): Promise<void> {
  const asked = () => Number(world.sql("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'signer'", 'postgres'))
  const before = asked()
  await wait(() => asked() >= before + 24)
}

t.test('the scheduler: a first dump, and one more when a new verified key appears', options, async (t) => {
  const world = await makeWorld(t)
  world.configure({ at: new Date(Date.now() - 3600_000).toISOString().slice(11, 16) })
  world.sql('ALTER SCHEMA sbtc_signer RENAME TO elsewhere')
  const { stop, until } = world.begin(['serve'], { SBTC_BACKUP_PAUSE_SECONDS: '0.3' })
  await turns(world, until)
  t.strictSame(world.dumps(), [], 'a signer that has made no tables has nothing to dump')
  world.sql('ALTER SCHEMA elsewhere RENAME TO sbtc_signer')
  await until(() => existsSync(join(world.folder, 'store/state.json')) && world.json('store/state.json')['verdict'] === 'good')
  t.equal(world.dumps().length, 1)
  world.sql(insertShare('rotated', 5, 'unverified'))
  await turns(world, until)
  t.equal(world.dumps().length, 1, 'a key that is not verified is no reason')
  world.sql(`UPDATE sbtc_signer.dkg_shares SET dkg_shares_status = 'verified' WHERE aggregate_key = '\\x${keyOf('rotated')}'`)
  await until(() => world.dumps().length === 2 && world.json('store/state.json')['verdict'] === 'rotation-pending')
  const { code, out } = await stop()
  t.match([code, out], [143, /\(first\)[^]*\(new-key\)[^]*rotation-pending/])
  t.notMatch(out, /did not work/, 'and that is no failure')
  t.equal(world.dumps('copy').length, 2)

  // The clock went back by decades after the last dump: the next one comes at once, and stands behind it all the same.
  const state = join(world.folder, 'store/state.json')
  writeFileSync(state, JSON.stringify({ ...world.json('store/state.json'), last_dump: '2099-01-01T00:00:00Z' }))
  const last = world.dumps().at(-1)!
  for (const end of ['.dump.age', '.manifest.json', '.verdict.json']) {
    const base = last.replace('.dump.age', '')
    renameSync(`${base}${end}`, `${base.replace(/-\d{8}T/, '-20990101T')}${end}`)
  }
  const again = world.begin(['serve'], { SBTC_BACKUP_PAUSE_SECONDS: '0.3' })
  await again.until(() => again.said().includes('(clock)'))
  await turns(world, again.until)
  t.match(await again.stop(), { out: /sbtc-signer-000003-20.*\(clock\)/ })
  t.equal(world.dumps().length, 3, 'and it is the only one')
})

t.test('the scheduler ends at once when it is told to, and leaves nothing behind', options, async (t) => {
  const world = await makeWorld(t)
  const [standIn, pid] = [join(world.folder, 'work/pg_dump'), join(world.folder, 'work/pid')]
  writeFileSync(standIn, `#!/bin/sh\nprintf 'the first bytes'\necho $$ >${pid}\nexec sleep 600\n`, { mode: 0o755 })
  const path = world.program(['sh', '-c', 'printf %s "$PATH"']).toString()
  const { stop, until: reaches } = world.begin(['serve'], { PATH: `${join(world.folder, 'work')}:${path}` })
  const dumping = () => (existsSync(pid) ? Number(readFileSync(pid, 'utf8')) : 0)
  await reaches(() => dumping() > 0)
  const { code, out } = await stop()
  t.equal(code, 143, out)
  t.notMatch(out, /no backup|did not work/, 'to be told so is no failure')
  await until(() => !alive(dumping()), () => 'pg_dump runs on')
  t.strictSame(readdirSync(join(world.folder, 'store')), ['.lock'])
  t.match(await world.tool('backup'), { code: 0, out: /000001/ }, 'and the lock is free')
})

t.test('the scheduler tries again soon after a failure', options, async (t) => {
  const world = await makeWorld(t)
  world.configure({ at: new Date(Date.now() - 3600_000).toISOString().slice(11, 16) })
  t.equal((await world.tool('backup')).code, 0)
  const store = join(world.folder, 'store')
  chmodSync(store, 0o500)
  world.sql(insertShare('rotated', 5))
  const { said, stop, until } = world.begin(['serve'], { SBTC_BACKUP_PAUSE_SECONDS: '0.5' })
  await until(() => said().split('no backup: ').length > 2)
  t.equal(world.dumps().length, 1)
  chmodSync(store, 0o700)
  await until(() => said().includes('(new-key)'))
  t.match(await stop(), { out: /no backup: [^]*ermission denied[^]*no backup: [^]*\(new-key\)/ })
  t.equal(world.dumps().length, 2)
})

t.test('the scheduler looks again soon at what it could not prove', options, async (t) => {
  const world = await makeWorld(t)
  world.configure({ at: new Date(Date.now() - 3600_000).toISOString().slice(11, 16) })
  // As while a new release of the signer starts: its node is away.
  world.chain.down = true
  const { said, stop, until } = world.begin(['serve'], { SBTC_BACKUP_PAUSE_SECONDS: '0.5' })
  await until(() => said().includes('chain-unreachable'))
  world.chain.down = false
  await until(() => said().includes('good: everything'))
  const { out } = await stop()
  t.equal(world.dumps().length, 1)
  t.equal(out.split('good: everything').length, 2, 'and no more once it is proven')
})

t.test('the policy lets go only what newer proven ones stand for', options, async (t) => {
  const world = await makeWorld(t)
  world.configure({ keep: { last: 2, daily: 1, weekly: 1, monthly: 1 } })
  for (const _ of [1, 2]) t.equal((await world.tool('backup')).code, 0)
  const proven = world.dumps()
  // Then nothing can be proven for a while: nothing goes, however many come.
  world.chain.down = true
  for (const _ of [1, 2, 3]) t.match(await world.tool('backup'), { code: 16, out: /chain-unreachable/ })
  t.equal(world.dumps().length, 5)
  t.strictSame(world.dumps().slice(0, 2), proven)
  world.chain.down = false
  t.match(await world.tool('backup'), { code: 0 })
  t.match(await world.tool('backup'), { code: 0, out: /goes/ })
  t.strictSame(world.dumps().map((file) => Number(basename(file).split('-')[2])), [6, 7])
  t.strictSame(world.dumps('copy').map((file) => basename(file)), world.dumps().map((file) => basename(file)), 'the copies follow')
  // A host that is new counts on from the copies.
  for (const name of readdirSync(join(world.folder, 'store'))) renameSync(join(world.folder, 'store', name), join(world.folder, 'work', name))
  t.match(await world.tool('backup'), { code: 0, out: /sbtc-signer-000008/ })
})

t.test('a release of the signer that never started here starts after a dump, or not at all', options, async (t) => {
  const world = await makeWorld(t)
  world.sql('ALTER SCHEMA sbtc_signer RENAME TO elsewhere')
  t.match(await world.tool('before', '1.3.3'), { code: 0, out: /1\.3\.3 may start/ }, 'a new signer has nothing to lose')
  t.strictSame(world.dumps(), [])
  world.sql('ALTER SCHEMA elsewhere RENAME TO sbtc_signer')
  t.match(await world.tool('before', '1.3.3'), { code: 0, out: /has started here before/ })
  t.strictSame(world.dumps(), [])
  world.configure({ recipients: ['age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq'] })
  for (const _ of [1, 2]) t.match(await world.tool('before', '1.4.0'), { code: 1, out: /no backup: [^]*1\.4\.0 does not start without a dump/ }, 'each time it is asked')
  t.strictSame(world.dumps(), [])
  world.configure({})
  t.match(await world.tool('before', '1.4.0'), { code: 0, out: /\(upgrade\)[^]*1\.4\.0 may start/ })
  t.match(world.json(world.dumps()[0]!.replace(`${world.folder}/`, '').replace('.dump.age', '.manifest.json')), { reason: 'upgrade', facts: { verified: [newest, older] } })
  t.match(await world.tool('before', '1.4.0'), { code: 0, out: /has started here before/ })
  t.equal(world.dumps().length, 1)
  t.match(await world.tool('before', '1.3.3'), { code: 0, out: /\(upgrade\)/ }, 'and the way back is another release, too')
})
