/** The snapshot: what it refuses, stays alive with, and gets over when the cause is mended. */

import { existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { archiveServer, type Faults } from './archive-server.ts'
import { chainstate, sha256, tar, zstd, type Entry } from './archives.ts'
import { snapshot } from './snapshot-setting.ts'
import { makeRoot, needs } from './tools.ts'

const data = '/var/lib/stacks-node'
const good = zstd(tar(chainstate('krypton', 200_000)))
const options = needs('zstd')

async function running(t: Test, content: Buffer, faults: Faults = {}, more: Readonly<Record<string, string>> = {}) {
  const root = makeRoot(t, [data])
  const server = await archiveServer(t, { '/chain.tar.zst': content, '/chain.sha256': sha256(content) }, faults)
  const env = { STACK_ROOT: root.path, SNAPSHOT_URL: `${server.origin}/chain.tar.zst`, NETWORK_DIR: 'krypton', SNAPSHOT_RETRY_SECONDS: '0.3', ...more }
  return { root, server, env, program: snapshot(t, env) }
}

const hostile: readonly (readonly [name: string, entry: Entry, message: RegExp])[] = [
  ['a way up', { name: '../escaped', content: 'x' }, /'\.\.\/escaped' would leave its directory/],
  ['a way up inside', { name: 'krypton/../../escaped', content: 'x' }, /would leave its directory/],
  ['an absolute name', { name: '/tmp/escaped', content: 'x' }, /'\/tmp\/escaped' would leave its directory/],
  ['a link that leads out', { name: 'krypton/link', type: '2', link: '../../../escaped' }, /'krypton\/link' is a link/],
  ['an absolute link', { name: 'krypton/link', type: '2', link: '/etc/passwd' }, /is a link/],
  ['a link that stays inside', { name: 'krypton/link', type: '2', link: 'chainstate' }, /is a link/],
  ['a hard link that leads out', { name: 'krypton/link', type: '1', link: '../../../../etc/passwd' }, /is a link/],
  ['a device', { name: 'krypton/device', type: '3' }, /is neither a file nor a folder \(CharacterDevice\)/],
  ['a pipe', { name: 'krypton/pipe', type: '6' }, /is neither a file nor a folder \(FIFO\)/],
  ['a sparse file', { name: 'krypton/sparse', type: 'S' }, /is neither a file nor a folder \(SparseFile\)/],
  ['a kind that nobody knows', { name: 'krypton/what', type: 'Z' }, /is neither a file nor a folder/],
  ['set-uid', { name: 'krypton/tool', content: 'x', mode: 0o4755 }, /is set-uid or set-gid/],
  ['set-gid', { name: 'krypton/tool', content: 'x', mode: 0o2755 }, /is set-uid or set-gid/],
  ['a stranger at the top', { name: 'mainnet/', type: '5' }, /'mainnet' is neither in krypton\//],
  ['a link at the top', { name: 'krypton', type: '2', link: '.' }, /'krypton' is a link/],
  ['a line end in a name', { name: 'krypton/a\nb', content: 'x' }, /is not a name that chain data has/],
  ['what a terminal obeys in a name', { name: 'krypton/\u001b[2J', content: 'x' }, /is not a name that chain data has/],
]

t.test('hostile archives', options, async (t) => {
  for (const [name, entry, message] of hostile) {
    for (const [order, entries] of [['last', [...chainstate('krypton'), entry]], ['first', [entry, ...chainstate('krypton')]]] as const) {
      await t.test(`${name}, ${order}`, async (t) => {
        const { root, program } = await running(t, zstd(tar(entries)))
        await program.says(message)
        t.notOk(root.has(`${data}/krypton`) || root.has(`${data}/.snapshot.json`), 'nothing is in place')
        t.notOk(root.has(`${data}/.snapshot/tree`) && existsSync(root.at(`${data}/.snapshot/tree/krypton/link`)))
        t.notOk(root.has(`${data}/escaped`) || root.has('/var/lib/escaped') || existsSync('/tmp/escaped'), 'nothing has escaped')
        t.equal(program.process.exitCode, null, 'it stays alive')
      })
    }
  }
})

t.test('archives that are no whole chainstate', options, async (t) => {
  const whole = tar(chainstate('krypton', 100_000))
  const cases: readonly (readonly [name: string, content: Buffer, message: RegExp])[] = [
    ['half of it', zstd(tar(chainstate('krypton').filter((one) => !one.name.includes('marf')))), /lacks burnchain\/sortition\/marf\.sqlite,/],
    ['no compression known', whole, /neither with zstd nor with gzip/],
    ['cut off', zstd(tar(chainstate('krypton', 100_000))).subarray(0, 50_000), /refused|cannot be decompressed/],
    ['a tar that ends early', zstd(whole.subarray(0, 50_000)), /refused: unexpected end of data/],
    ['a tar that ends between two entries', zstd(whole.subarray(0, 1024)), /refused: unexpected end of data/],
    ['something behind its end', zstd(Buffer.concat([whole, Buffer.from('x'.repeat(600_000))])), /something behind its end/],
    ['nothing', zstd(tar([])), /the archive is refused: it is empty/],
  ]
  for (const [name, content, message] of cases) {
    await t.test(name, async (t) => {
      const { root, program } = await running(t, content)
      await program.says(message)
      t.notOk(root.has(`${data}/krypton`) || root.has(`${data}/.snapshot/tree`))
    })
  }
})

t.test('a name that only a GNU or pax header tells', options, async (t) => {
  const long = `krypton/${'x/'.repeat(60)}../../../escaped`
  const gnu = [{ name: '././@LongLink', type: 'L', content: `${'../'.repeat(40)}escaped\0` }, { name: 'krypton/harmless', content: 'x' }]
  const record = (key: string, value: string) => {
    const rest = ` ${key}=${value}\n`
    const length = rest.length + String(rest.length + 3).length
    return `${length}${rest}`
  }
  const pax = [{ name: 'krypton/pax', type: 'x', content: record('path', long) }, { name: 'krypton/harmless', content: 'x' }]
  for (const entries of [gnu, pax]) {
    const { root, program } = await running(t, zstd(tar([...chainstate('krypton'), ...entries])))
    await program.says(/escaped' would leave its directory/)
    t.notOk(root.has(`${data}/krypton`))
  }
})

t.test('a chain of another network under the right name', options, async (t) => {
  const root = makeRoot(t, [])
  const base = root.at('/base.sqlite')
  for (const [mainnet, refused] of [[1, true], [0, false]] as const) {
    const database = new DatabaseSync(base)
    database.exec(`DROP TABLE IF EXISTS db_config; CREATE TABLE db_config (version TEXT NOT NULL, mainnet INTEGER NOT NULL, chain_id INTEGER NOT NULL); INSERT INTO db_config VALUES (14, ${mainnet}, 1)`)
    database.close()
    const content = readFileSync(base)
    const entries = chainstate('krypton').map((one) => (one.name.endsWith('vm/index.sqlite') ? { ...one, content } : one))
    const { program } = await running(t, zstd(tar(entries)))
    await program.says(refused ? /its chain is mainnet, and this stack is on krypton/ : /nothing more to do/)
  }
})

t.test('a wrong checksum: nothing is put in place', options, async (t) => {
  const { root, server, program } = await running(t, good)
  server.files.set('/chain.sha256', Buffer.from('ab'.repeat(32)))
  await program.says(/not what its publisher says: sha256 [0-9a-f]{64}, expected (ab){32}; next try in/)
  t.notOk(root.has(`${data}/krypton`))
  server.files.set('/chain.sha256', Buffer.from(`SHA256 (chain) = ${sha256(good).toUpperCase()}\n`))
  await program.until(() => root.has(`${data}/.snapshot.json`))
})

t.test('a checksum of the operator counts more than the published one', options, async (t) => {
  const { root, program } = await running(t, good, {}, { SNAPSHOT_SHA256: 'cd'.repeat(32) })
  await program.says(/not what SNAPSHOT_SHA256 says/)
  t.notOk(root.has(`${data}/krypton`))
})

t.test('no published checksum: said, then healed', options, async (t) => {
  const { root, server, program } = await running(t, good)
  server.files.delete('/chain.sha256')
  await program.says(/no checksum chain\.sha256 beside the archive \(the server answered 404 Not Found\): set SNAPSHOT_SHA256/)
  server.files.set('/chain.sha256', Buffer.from(sha256(good)))
  await program.until(() => root.has(`${data}/.snapshot.json`))
})

t.test('no space', options, async (t) => {
  const { root, program } = await running(t, good, {}, { SNAPSHOT_UNPACKED_RATIO: '1e12' })
  await program.says(/not enough space: the archive has 20\d\.\d kB and unpacks to about \d+\.\d [A-Z]B \(an estimate\); \d+\.\d GB are free, and \d+\.\d [A-Z]B are needed/)
  t.notOk(root.has(`${data}/.snapshot/archive.part`), 'nothing is fetched')
  t.match(program.said(), /^snapshot: waiting: not enough space: .*; next try in 300 milliseconds$/m)
})

t.test('a server that is away, or answers with an error', options, async (t) => {
  const { root, server, program } = await running(t, good, { status: 503 })
  await program.says(/the server answered 503 Service Unavailable; next try in 300 milliseconds/)
  server.faults.status = 404
  await program.says(/the server answered 404 Not Found/)
  delete server.faults.status
  await program.until(() => root.has(`${data}/.snapshot.json`))
  const away = await running(t, good, {}, { SNAPSHOT_URL: 'http://127.0.0.1:9/chain.tar.zst' })
  await away.program.says(/the server cannot be reached \(.*ECONNREFUSED/)
})
