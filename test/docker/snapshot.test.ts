/** The snapshot against an archive server with faults: what it brings, what it never touches, how it ends. */

import { readdirSync } from 'node:fs'
import t from 'tap'
import { chainstate, gzip, sha256, tar, zstd } from './archives.ts'
import { arrived, data, readMarker, setting, snapshot } from './snapshot-setting.ts'
import { needs } from './tools.ts'

const archive = zstd(tar(chainstate('mainnet', 3_000_000)))
const options = needs('zstd', 'gzip')

t.test('fetches, verifies and unpacks; a later start finds that it is done', options, async (t) => {
  const set = await setting(t, archive)
  const health = async () => (await snapshot(t, set.env, '--health').ended).code
  t.equal(await health(), 1)
  const running = snapshot(t, set.env)
  await arrived(t, set, archive)
  const { code, out } = await running.ended
  t.equal(code, 0)
  t.equal(out.trimEnd().split('\n').at(-1)?.replace(/\d{4}-\S+Z/, 'DATE'), `snapshot: in place: ${set.env['SNAPSHOT_URL']} (sha256 ${sha256(archive)}, DATE); nothing more to do`, 'its last line is its state')
  t.equal(await health(), 0)

  const requests = set.server.requests.length
  t.equal((await snapshot(t, set.env).ended).code, 0)
  t.equal(set.server.requests.length, requests, 'a second start asks for nothing')
})

t.test('other forms of archive', options, async (t) => {
  const forms: Readonly<Record<string, Buffer>> = {
    'gzip': gzip(tar(chainstate('mainnet'))),
    'the contents at the top': zstd(tar(chainstate(''))),
    './ before every name': zstd(tar([{ name: './', type: '5' }, ...chainstate('./mainnet')])),
    'two zstd frames': Buffer.concat([zstd(tar(chainstate('mainnet')).subarray(0, 2048)), zstd(tar(chainstate('mainnet')).subarray(2048))]),
  }
  for (const [name, content] of Object.entries(forms)) {
    await t.test(name, async (t) => {
      const set = await setting(t, content)
      snapshot(t, set.env)
      await arrived(t, set, content)
    })
  }
})

t.test('chain data that exists is never touched', options, async (t) => {
  const set = await setting(t, archive)
  set.root.write(`${data}/mainnet/headers.sqlite`, 'mine')
  const running = snapshot(t, set.env)
  await running.says(/already there; nothing more to do/)
  t.strictSame(readMarker(set.root), { source: 'existing' })
  t.strictSame(readdirSync(set.root.at(`${data}/mainnet`)), ['headers.sqlite'])
  t.equal(set.root.read(`${data}/mainnet/headers.sqlite`), 'mine')
  t.strictSame(set.server.requests, [])
})

t.test('chain data that appears while it fetches is left alone', options, async (t) => {
  const set = await setting(t, archive, { slow: 3000 })
  const running = snapshot(t, set.env)
  await running.says(/downloading/)
  set.root.write(`${data}/mainnet/headers.sqlite`, 'mine')
  await running.says(/already there; nothing more to do/)
  t.strictSame(readdirSync(set.root.at(`${data}/mainnet`)), ['headers.sqlite'])
})

t.test('a connection that breaks again and again is resumed, at a new address each time', options, async (t) => {
  const set = await setting(t, archive, { breakAfter: 700_000 })
  const env = { ...set.env, SNAPSHOT_URL: `${set.server.origin}/redirect/a/chain.tar.zst` }
  snapshot(t, env)
  await arrived(t, { ...set, env }, archive)
  const ranges = set.server.requests.filter((one) => one.startsWith('/a/chain.tar.zst'))
  t.ok(ranges.length >= 4)
  t.ok(ranges.every((one) => /^\S+signature=\d+ bytes=\d+-\d+$/.test(one)))
  t.equal(new Set(ranges.map((one) => one.split(' ')[0])).size, ranges.length, 'no address is used twice')
  t.ok(set.server.counted.bytes < 1.1 * archive.length + 20_000, 'little comes twice')
})

t.test('a server without ranges: from zero, and whole in the end', options, async (t) => {
  const set = await setting(t, archive, { ranges: false, breakAfter: 1_000_000 })
  const running = snapshot(t, set.env)
  await running.says(/starting from zero/)
  delete set.server.faults.breakAfter
  await arrived(t, set, archive)
})

t.test('a server that tells no size', options, async (t) => {
  const set = await setting(t, archive, { chunked: true })
  snapshot(t, set.env)
  await arrived(t, set, archive)
})

t.test('SIGTERM in the middle ends it at once', options, async (t) => {
  const set = await setting(t, archive, { slow: 1000 })
  const running = snapshot(t, set.env)
  await running.says(/downloading/)
  running.process.kill('SIGTERM')
  t.equal((await running.ended).code, 143, 'not 0, for its work is not done')
  t.ok(set.server.counted.bytes < archive.length / 2, 'long before it would have ended by itself')
})

t.test('two at once: one works, the other waits and finds it done', options, async (t) => {
  const set = await setting(t, archive, { slow: 4000 })
  const one = snapshot(t, set.env)
  await one.says(/downloading/)
  const other = snapshot(t, set.env)
  await other.says(/another snapshot process/)
  await arrived(t, set, archive)
  await other.says(/nothing more to do/)
  t.ok(set.server.counted.bytes < 1.1 * archive.length, 'and fetches nothing')
})

t.test('an archive from a file', options, async (t) => {
  const set = await setting(t, archive)
  set.root.write('/archive/chain.tar.zst', archive)
  set.root.write('/archive/chain.sha256', sha256(archive))
  const env = { ...set.env, SNAPSHOT_URL: `file://${set.root.at('/archive/chain.tar.zst')}` }
  snapshot(t, env)
  await arrived(t, { ...set, env }, archive)
})
