/**
 * What a program that reaches the internet may leave in the volumes it shares: links, FIFOs and files of a key's form. Nothing
 * that runs as root follows them, and no secret comes out by what is said.
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import t, { type Test } from 'tap'
import { backupSetting, once, secretsTar, signerKey, insert, type Setting } from './backup-setting.ts'
import { bucketDouble } from './bucket-double.ts'
import { entriesOf, inFolder, inSubfolder, removeTree } from '../../docker/programs/shared/files.ts'
import { errorCode } from '../../generator/io/disk.ts'
import { init, sampleFile, stackJson } from './init-setting.ts'
import { copyGate, makeRoot, needs, programPath, start, type Root } from './tools.ts'

const options = needs('age', 'age-keygen')
const secret = '/run/secrets/signer-private-key'

function attacked(t: Test): Setting {
  const setting = backupSetting(t)
  setting.write(secret, `${signerKey}\n`)
  chmodSync(setting.at(secret), 0o600)
  for (const folder of ['/var/lib/sbtc-backup-work', '/elsewhere']) mkdirSync(setting.at(folder), { recursive: true })
  return setting
}

function link(setting: Setting, from: string, to: string): void {
  mkdirSync(dirname(setting.at(from)), { recursive: true })
  symlinkSync(setting.at(to), setting.at(from))
}

function fifo(setting: Setting, path: string): void {
  mkdirSync(dirname(setting.at(path)), { recursive: true })
  spawnSync('mkfifo', [setting.at(path)])
}

/** Whether the key stands in a regular file below a folder. */
function leaked(setting: Setting, folder: string): boolean {
  return readdirSync(setting.at(folder), { recursive: true, withFileTypes: true })
    .some((one) => one.isFile() && readFileSync(`${one.parentPath}/${one.name}`, 'utf8').includes(signerKey))
}

const dump = 'sbtc-signer-000041-20261121T100000Z'

t.test('a dump that was brought back', options, async (t) => {
  const brought = '/var/lib/backup/restore'
  const plants: Readonly<Record<string, (setting: Setting) => void>> = {
    'a link for its manifest': (s) => { s.write(`${brought}/sbtc/${dump}.dump.age`, 'x'); link(s, `${brought}/sbtc/${dump}.manifest.json`, secret) },
    'a link for the dump': (s) => { s.write(`${brought}/sbtc/${dump}.manifest.json`, '{}'); link(s, `${brought}/sbtc/${dump}.dump.age`, secret) },
    'a link for its folder': (s) => { s.write(`/elsewhere/${dump}.manifest.json`, signerKey); s.write(`/elsewhere/${dump}.dump.age`, signerKey); link(s, `${brought}/sbtc`, '/elsewhere') },
    'a FIFO': (s) => { s.write(`${brought}/sbtc/${dump}.dump.age`, 'x'); fifo(s, `${brought}/sbtc/${dump}.manifest.json`) },
  }
  for (const [name, plant] of Object.entries(plants)) {
    const setting = attacked(t)
    plant(setting)
    const { code, out } = await setting.run('arrive')
    t.equal(code, 1, name)
    t.match(out, /^backup: .*(link|regular file|not a directory)/, name)
    t.notOk(leaked(setting, '/var/lib/sbtc-backup-work'), name)
    t.notMatch(out, signerKey)
  }
  const setting = attacked(t)
  for (const end of ['.dump.age', '.manifest.json']) setting.write(`${brought}/sbtc/${dump}${end}`, end)
  link(setting, '/var/lib/sbtc-backup-work/fetched', '/elsewhere')
  t.equal((await setting.run('arrive')).code, 0)
  t.strictSame(readdirSync(setting.at('/elsewhere')), [], 'a link in the other volume is not followed either')
  t.equal(lstatSync(setting.at(`/var/lib/sbtc-backup-work/fetched/${dump}.dump.age`)).mode & 0o777, 0o600)
})

t.test('sealing', options, async (t) => {
  for (const name of ['store.lock', 'secrets.age', 'secrets.json']) {
    for (const target of ['/elsewhere/file', '/elsewhere/none', secret]) {
      const setting = attacked(t)
      setting.write('/elsewhere/file', 'as it was')
      link(setting, `/var/lib/backup/${name}`, target)
      const { code, out } = setting.fed('seal', secretsTar(setting))
      t.equal(code, name === 'store.lock' ? 1 : 0, `${name}: ${out}`)
      t.equal(setting.read('/elsewhere/file'), 'as it was')
      t.strictSame([lstatSync(setting.at('/elsewhere/file')).uid, lstatSync(setting.at(secret)).uid], Array(2).fill(process.getuid?.()), `${name}: no owner changes through a link`)
      t.notOk(existsSync(setting.at('/elsewhere/none')))
      t.notMatch(out, signerKey)
    }
  }
  const waits = attacked(t)
  fifo(waits, '/var/lib/backup/secrets.json')
  t.equal(waits.fed('seal', secretsTar(waits)).code, 0)
  const refused = attacked(t)
  refused.write('/stack/config/backup/recipients.txt', `${signerKey}\n`)
  const said = refused.fed('seal', secretsTar(refused))
  t.match(said, { code: 1, out: /age recipient 1 is not an age public key/ })
  t.notMatch(said.out, signerKey)
})

t.test('a drill', options, async (t) => {
  const setting = attacked(t)
  const identity = readFileSync(setting.identity)
  link(setting, '/var/lib/backup-drill/secrets.age', secret)
  const followed = setting.fed('check', identity)
  t.match(followed, { code: 1, out: /it is a symbolic link/ })
  t.notMatch(followed.out, signerKey)
  rmSync(setting.at('/var/lib/backup-drill/secrets.age'))
  fifo(setting, '/var/lib/backup-drill/secrets.age')
  t.match(setting.fed('check', identity), { code: 1, out: /is not a regular file/ })
  rmSync(setting.at('/var/lib/backup-drill/secrets.age'))
  setting.write('/var/lib/backup-drill/secrets.age', Buffer.alloc(40 << 20))
  t.match(setting.fed('check', identity), { code: 1, out: /larger than any/ })
})

t.test('a database that was brought back', options, async (t) => {
  const brought = '/var/lib/backup/restore'
  const prepared = (digest: string): Setting => {
    const setting = attacked(t)
    setting.write(`${brought}/fetched.json`, JSON.stringify({ snapshot: 'abcdef01', made: '2026-11-21T10:00:00Z', database: { sha256: digest, height: 1 } }))
    return setting
  }
  const digest = createHash('sha256').update(`${signerKey}\n`).digest('hex')
  const file = prepared(digest)
  link(file, `${brought}/current/signer.sqlite`, secret)
  const folder = prepared(digest)
  folder.write('/elsewhere/signer.sqlite', `${signerKey}\n`)
  link(folder, `${brought}/current`, '/elsewhere')
  for (const setting of [file, folder]) {
    t.match(await setting.run('restore'), { code: 1, out: /it is a symbolic link|not a directory/ })
    t.notOk(leaked(setting, '/var/lib/stacks-signer'))
  }
  const planted = prepared(createHash('sha256').update('database').digest('hex'))
  planted.write(`${brought}/current/signer.sqlite`, 'database')
  planted.write('/elsewhere/file', 'as it was')
  for (const name of ['restored', '.new-signer.sqlite']) link(planted, `/var/lib/stacks-signer/${name}`, '/elsewhere/file')
  const { code, out } = await planted.run('restore')
  t.equal(code, 0, out)
  t.equal(planted.read('/elsewhere/file'), 'as it was', 'what lies in the signer\'s volume is not written through')
  t.equal(planted.read('/var/lib/stacks-signer/signer.sqlite'), 'database')
})

t.test('init in the volumes of signer and guard', options, async (t) => {
  const prepared = (): Setting => {
    const setting = attacked(t)
    for (const folder of ['/etc/stacks-signer', '/var/lib/stacks-signer']) mkdirSync(setting.at(folder), { recursive: true })
    setting.write('/stack/config/signer-config.toml', 'stacks_private_key = "@SIGNER_PRIVATE_KEY@"\nauth_password = "@AUTH_TOKEN@"\n')
    setting.write(stackJson, sampleFile())
    setting.write('/run/secrets/auth-token', 'sixteen-signs-and-more\n')
    copyGate(setting)
    return setting
  }
  const linked = prepared()
  linked.write('/elsewhere/wanted', 'as it was')
  link(linked, '/var/lib/stacks-signer/guard', '/elsewhere')
  t.match(await init(linked), { code: 0 })
  t.strictSame([linked.read('/elsewhere/wanted'), readdirSync(linked.at('/elsewhere'))], ['as it was', ['wanted']])
  t.ok(lstatSync(linked.at('/var/lib/stacks-signer/guard')).isDirectory())
  t.equal(lstatSync(linked.at('/elsewhere')).uid, process.getuid?.())

  const waiting = prepared()
  mkdirSync(waiting.at('/var/lib/stacks-signer/guard'))
  fifo(waiting, '/var/lib/stacks-signer/guard/wanted')
  t.match(await init(waiting), { code: 0 }, 'a FIFO holds nothing up')
  t.match(waiting.read('/var/lib/stacks-signer/guard/wanted'), /^v1 active /)
})

/** What init needs of a host with a signer, besides `folders`. */
function signerHost(t: Test, folders: readonly string[]): Root {
  const root = makeRoot(t, ['/etc/stacks-signer', ...folders])
  root.write('/stack/config/signer-config.toml', 'stacks_private_key = "@SIGNER_PRIVATE_KEY@"\nauth_password = "@AUTH_TOKEN@"\n')
  root.write(stackJson, sampleFile())
  root.write(secret, `${signerKey}\n`)
  root.write('/run/secrets/auth-token', 'sixteen-signs-and-more\n')
  copyGate(root)
  return root
}

const asRoot = { ...(process.getuid?.() !== 0 && { skip: 'needs root' }) }

t.test('init gives away what lies in a volume, and nothing that a link there leads to', asRoot, async (t) => {
  const root = signerHost(t, ['/var/lib/stacks-signer/inner', '/elsewhere/inner'])
  root.write('/elsewhere/inner/file', 'x')
  for (const [name, to] of [['folder', '/elsewhere'], ['file', '/elsewhere/inner/file'], ['nothing', '/none'], ['inner/up', '/elsewhere/inner']] as const) symlinkSync(root.at(to), root.at(`/var/lib/stacks-signer/${name}`))
  // A name that is not UTF-8, and one that a terminal would obey.
  const odd = Buffer.concat([Buffer.from(root.at('/var/lib/stacks-signer/')), Buffer.from([0x66, 0xff, 0x6f])])
  for (const path of [odd, root.at('/var/lib/stacks-signer/\u001b[2J')]) writeFileSync(path, 'x')
  spawnSync('mkfifo', [root.at('/var/lib/stacks-signer/fifo')])
  const { code, out } = await init(root)
  t.equal(code, 0, out)
  for (const name of ['folder', 'file', 'nothing', 'inner', 'inner/up', 'fifo', '\u001b[2J']) t.equal(lstatSync(root.at(`/var/lib/stacks-signer/${name}`)).uid, 2002, name)
  t.equal(lstatSync(odd).uid, 2002, 'a name that is not UTF-8')
  for (const path of ['/elsewhere', '/elsewhere/inner', '/elsewhere/inner/file']) t.equal(lstatSync(root.at(path)).uid, 0, path)

  await t.test('what does not belong into a config volume goes, and not what a link there leads to', async (t) => {
    for (const [name, to] of [['http-get.sh', '/elsewhere/inner/file'], ['strange', '/elsewhere'], ['host-id', '/elsewhere/inner/file']] as const) {
      rmSync(root.at(`/etc/stacks-signer/${name}`), { force: true })
      symlinkSync(root.at(to), root.at(`/etc/stacks-signer/${name}`))
    }
    mkdirSync(root.at('/etc/stacks-signer/old/inner'), { recursive: true })
    symlinkSync(root.at('/elsewhere'), root.at('/etc/stacks-signer/old/inner/link'))
    writeFileSync(Buffer.concat([Buffer.from(root.at('/etc/stacks-signer/')), Buffer.from([0xff])]), 'x')
    t.match(await init(root), { code: 0 })
    t.strictSame(readdirSync(root.at('/etc/stacks-signer')).sort(), ['guard', 'host-id', 'http-get.sh', 'signer-config.toml', 'stacks-signer.sh'])
    t.strictSame(readdirSync(root.at('/etc/stacks-signer')).filter((name) => !lstatSync(root.at(`/etc/stacks-signer/${name}`)).isFile()), [])
    t.equal(root.read('/elsewhere/inner/file'), 'x')
  })

  await t.test('folders without an end are an error, and no crash', async (t) => {
    let place = root.at('/var/lib/stacks-signer')
    for (let depth = 0; depth < 150; depth += 1) place = `${place}/d`
    mkdirSync(place, { recursive: true })
    t.match(await init(root), { code: 1, out: /there are more than 100 folders in each other, from d\/d\// })
  })
})

t.test('a folder is not opened through a link, whenever the link came', async (t) => {
  const root = t.testdir({ elsewhere: { file: 'x' }, volume: { link: t.fixture('symlink', '../elsewhere'), folder: { link: t.fixture('symlink', '../../elsewhere') } } })
  const code = (action: () => unknown): unknown => { try { return action() } catch (error) { return errorCode(error) } }
  inFolder(`${root}/volume`, (place) => {
    t.equal(code(() => inSubfolder(place, 'link', () => 'opened')), 'ENOTDIR')
    t.equal(code(() => inFolder(`${root}/volume/link`, () => 'opened')), 'ENOTDIR')
    removeTree(place, 'link')
    removeTree(place, 'folder')
    t.strictSame(entriesOf(place), [])
  })
  t.equal(readFileSync(`${root}/elsewhere/file`, 'utf8'), 'x')
})

t.test('init, while somebody puts links in the place of folders', asRoot, async (t) => {
  const root = signerHost(t, ['/var/lib/stacks-signer', '/elsewhere'])
  for (const name of ['a', 'b', 'c']) root.write(`/elsewhere/${name}`, 'x')
  const attack = start(t, 'sh', ['-c', `cd "$1" && while :; do rm -rf d guard; mkdir d guard; : >d/a; : >d/b; : >guard/wanted; rm -rf d guard; ln -s "$2" d; ln -s "$2" guard; echo turn; done`, 'sh', root.at('/var/lib/stacks-signer'), root.at('/elsewhere')], {})
  await attack.says(/turn/)
  for (let run = 0; run < 20; run += 1) {
    // What the attack takes away while init writes it is an error of its own.
    const { code, out } = await init(root)
    t.ok(code === 0 || code === 1 && /^init: \/[^\n]*\n$/m.test(out), out)
  }
  attack.process.kill('SIGKILL')
  t.strictSame(readdirSync(root.at('/elsewhere')).sort(), ['a', 'b', 'c'])
  for (const name of ['', 'a', 'b', 'c']) t.equal(lstatSync(root.at(`/elsewhere/${name}`)).uid, 0, name)
  for (const name of ['a', 'b', 'c']) t.equal(root.read(`/elsewhere/${name}`), 'x')
})

t.test('the keys of a bucket are in no file', { ...options, ...needs('restic') }, async (t) => {
  const setting = backupSetting(t)
  const bucket = await bucketDouble(t, 'my-backups', 'the-id')
  setting.write('/etc/backup/backup-s3-key-id', 'the-id')
  setting.write('/etc/backup/backup-s3-secret-key', 'the-secret-key')
  setting.settings({ kind: 's3', where: 'the bucket', s3_endpoint: `http://127.0.0.1:${bucket.port}`, s3_bucket: 'my-backups' })
  once(setting, insert(0, 50))
  await setting.run('copy', '--now')
  mkdirSync(setting.at('/tmp'))
  const stored = await start(t, process.execPath, [programPath('backup'), 'store', '--now'], { STACK_ROOT: setting.path, TMPDIR: setting.at('/tmp') }).ended
  t.equal(stored.code, 0, stored.out)
  t.strictSame(readdirSync(setting.at('/tmp'), { recursive: true }).filter((name) => String(name).startsWith('s3-')), [])
})
