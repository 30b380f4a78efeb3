/** docker/programs/backup with the dumps of an sBTC signer: stored beside the copy or alone, with the real restic, and back to sbtc-backup. */

import { createHash } from 'node:crypto'
import { readdirSync, statSync, utimesSync } from 'node:fs'
import t, { type Test } from 'tap'
import { backupSetting, insert, once, type Setting } from './backup-setting.ts'
import { needs } from './tools.ts'

const options = needs('restic', 'age-keygen')
const folder = '/var/lib/backup/sbtc'
const state = '/var/lib/backup/state.json'
const nameOf = (number: number) => `sbtc-signer-${String(number).padStart(6, '0')}-20260102T031700Z`

/** A dump as sbtc-backup leaves it; `content` other than what its manifest was written for is damage. */
function dump(setting: Setting, number: number, more: { readonly content?: string; readonly verdict?: boolean } = {}): string {
  const name = nameOf(number)
  const right = `encrypted dump ${number}`
  setting.write(`${folder}/${name}.manifest.json`, JSON.stringify({ sha256: createHash('sha256').update(right).digest('hex'), bytes: right.length, facts: {} }))
  setting.write(`${folder}/${name}.dump.age`, more.content ?? right)
  if (more.verdict !== false) setting.write(`${folder}/${name}.verdict.json`, '{"verdict": "good"}')
  return name
}

const store = async (t: Test, setting: Setting) => {
  const { code, out } = await setting.run('store', '--now')
  t.equal(code, 0, out)
  return out
}

t.test('dumps alone, where there is no Stacks signer', options, async (t) => {
  const setting = backupSetting(t)
  setting.write(`${folder}/.lock`, '')
  t.match(await setting.run('store', '--now'), { code: 1, out: /nothing to store yet: make logs S=sbtc-backup/ })
  const first = dump(setting, 1)
  setting.write(`${folder}/.part-x`, 'half a dump')
  t.match(await store(t, setting), /stored and verified as/)
  t.match(setting.json(state), { dump: first, error: null, stored: null })
  t.strictSame(setting.restic('ls', 'latest').split('\n').filter((line) => line.startsWith('/')).sort(),
    ['/sbtc', ...['dump.age', 'manifest.json', 'verdict.json'].map((end) => `/sbtc/${first}.${end}`)], 'whole files alone')
  t.match(await store(t, setting), `${first} is stored and verified already`)
  const second = dump(setting, 2)
  await store(t, setting)
  t.match(setting.json(state), { dump: second })

  await t.test('and back to what restores them', async (t) => {
    setting.write('/var/lib/sbtc-backup-work/identity', 'stays')
    t.match(await setting.run('fetch'), { code: 0, out: new RegExp(`no database in it; no secrets in it; ${second} of the sBTC signer`) })
    t.strictSame(await setting.run('arrive').then(({ code, out }) => [code, out]), [0, `${second}\n`])
    t.strictSame(readdirSync(setting.at('/var/lib/sbtc-backup-work/fetched')).sort(), [`${second}.dump.age`, `${second}.manifest.json`])
    t.equal(setting.read(`/var/lib/sbtc-backup-work/fetched/${second}.dump.age`), 'encrypted dump 2')
    t.notOk(setting.has('/var/lib/backup/restore'), 'it lies in one place alone')
    t.match(await setting.run('arrive'), { code: 1, out: /holds no dump/ })
    const [older] = JSON.parse(setting.restic('snapshots', '--json')) as { id: string }[]
    t.match(await setting.run('fetch', older!.id.slice(0, 8)), { code: 0 })
    t.match(await setting.run('arrive'), { code: 0, out: `${first}\n` }, 'of a backup that is named, its newest')
    t.strictSame(readdirSync(setting.at('/var/lib/sbtc-backup-work/fetched')).sort(), [`${first}.dump.age`, `${first}.manifest.json`])
  })

  await t.test('what is not as its manifest has it counts for nothing', async (t) => {
    const before = setting.json(state)['last_success']
    const third = dump(setting, 3, { content: 'encrypted dump 4' })
    t.match(await setting.run('store', '--now'), { code: 1, out: new RegExp(`sbtc/${third}.dump.age reads back other than it was stored`) })
    t.match(setting.json(state), { last_success: before, dump: second, error: /reads back other/ })
    dump(setting, 3)
    await store(t, setting)
    t.match(setting.json(state), { dump: third, error: null })
  })
})

t.test('beside the copy of a Stacks signer', options, async (t) => {
  const setting = backupSetting(t)
  once(setting, insert(0, 100))
  const name = dump(setting, 12)
  t.match(await setting.run('copy', '--now'), { code: 0 })
  await store(t, setting)
  t.match(setting.json(state), { dump: name, database: { height: 99 } })
  t.match(await setting.run('fetch'), { code: 0, out: new RegExp(`newest block 99; no secrets in it; ${name} of the sBTC signer`) })
  t.equal(JSON.parse(setting.read('/var/lib/backup/restore/fetched.json')).database.height, 99)
})

t.test('a new dump is stored as soon as it was looked at, and else when that takes too long', options, async (t) => {
  const setting = backupSetting(t)
  const first = dump(setting, 1)
  const running = setting.begin('store')
  t.teardown(() => { process.kill(-running.process.pid!, 'SIGKILL') })
  await running.until(() => setting.has(state) && setting.json(state)['dump'] === first)
  const second = dump(setting, 2, { verdict: false })
  // What hinders the copier is told after each look: when a second hindrance is told, there was a whole look in between.
  for (const hindrance of ['one', 'another']) {
    setting.write('/var/lib/backup/copy-state.json', JSON.stringify({ error: hindrance }))
    await running.until(() => setting.json(state)['copy_error'] === hindrance, () => setting.read(state))
  }
  t.match(setting.json(state), { dump: first }, 'old ones may be removed just now')
  const path = setting.at(`${folder}/${second}.dump.age`)
  const old = statSync(path).mtimeMs / 1000 - 1000
  utimesSync(path, old, old)
  await running.until(() => setting.json(state)['dump'] === second)
})
