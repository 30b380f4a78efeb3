/** The snapshot against servers that are busy, moody or wrong: what comes twice, what is set aside, what is said. */

import t from 'tap'
import { pieceLength } from '../../docker/programs/snapshot/pieces.ts'
import { chainstate, sha256, tar, zstd } from './archives.ts'
import { arrived, data, marker, progress, setting, snapshot, staging, written } from './snapshot-setting.ts'
import { needs } from './tools.ts'

const archive = zstd(tar(chainstate('mainnet', 12_000_000)))
const small = zstd(tar(chainstate('mainnet', 2_000_000)))
const options = needs('zstd')

t.test('several connections at once, as many as the answer says', options, async (t) => {
  for (const connections of [1, 5]) {
    const set = await setting(t, archive, { slow: 40_000 }, { SNAPSHOT_CONNECTIONS: String(connections) })
    snapshot(t, set.env)
    await arrived(t, set, archive)
    t.equal(set.server.counted.most, connections)
  }
})

t.test('killed five times on its way, it asks for little twice', options, async (t) => {
  // Each connection's segment that is under way comes twice, and what waits in its socket. Of an archive of this size the
  // segments are the smallest part, and at this speed little waits.
  const large = zstd(tar(chainstate('mainnet', 16_500_000)))
  const set = await setting(t, large, { slow: 6_000 }, { SNAPSHOT_CONNECTIONS: '4' })
  for (let kill = 1; kill <= 5; kill += 1) {
    const running = snapshot(t, set.env)
    await running.until(() => written(set.root) * pieceLength(large.length) > 0.3 * large.length * (1 + kill / 10), progress(set))
    running.process.kill('SIGKILL')
    await running.ended
  }
  delete set.server.faults.slow
  snapshot(t, set.env)
  await arrived(t, set, large)
  t.ok(set.server.counted.bytes <= 1.1 * large.length, `${(set.server.counted.bytes / large.length).toFixed(3)} of the archive was sent`)
})

t.test('a server that is too busy is left alone for as long as it says', options, async (t) => {
  const set = await setting(t, archive, { burst: { code: 429, count: 6, after: 2, retryAfter: '2' } })
  const began = Date.now()
  const running = snapshot(t, set.env)
  await arrived(t, set, archive)
  t.ok(Date.now() - began > 2000, 'Retry-After was waited for')
  t.match(running.said(), /the server answered 429 Too Many Requests; next try in 2 seconds with \d of 8 connections/)
  t.ok(set.server.counted.codes.filter((code) => code === 429).length <= 8)
  t.ok(set.server.counted.bytes < 1.1 * archive.length)
})

t.test('bursts of 500 and 503', options, async (t) => {
  for (const code of [500, 503]) {
    const set = await setting(t, small, { burst: { code, count: 5, after: 1 } })
    const running = snapshot(t, set.env)
    await arrived(t, set, small)
    t.match(running.said(), new RegExp(`the server answered ${code} .*next try in`))
  }
})

t.test('a connection that stalls for ever is dropped', options, async (t) => {
  const set = await setting(t, archive, { stall: 3 }, { SNAPSHOT_STALL_SECONDS: '1' })
  const running = snapshot(t, set.env)
  await arrived(t, set, archive)
  t.match(running.said(), /a connection brought nothing for 1 s; next try in/)
})

t.test('without that limit, a connection at rest takes the work over', options, async (t) => {
  const set = await setting(t, archive, { stall: 3 }, { SNAPSHOT_STALL_SECONDS: '600' })
  snapshot(t, set.env)
  await arrived(t, set, archive)
})

t.test('addresses that expire are asked for anew', options, async (t) => {
  const set = await setting(t, archive, { expire: true, breakAfter: 600_000 })
  const env = { ...set.env, SNAPSHOT_URL: `${set.server.origin}/redirect/a/chain.tar.zst` }
  snapshot(t, env)
  await arrived(t, { ...set, env }, archive)
  t.notOk(set.server.counted.codes.includes(403), 'no address is used twice')
})

t.test('a flipped byte: said, and fetched once more', options, async (t) => {
  const flipped = Buffer.from(small)
  flipped[1_000_000] = (flipped[1_000_000] ?? 0) ^ 1
  const set = await setting(t, flipped)
  set.server.files.set('/a/chain.sha256', Buffer.from(sha256(small)))
  const env = { ...set.env, SNAPSHOT_RETRY_SECONDS: '1' }
  const running = snapshot(t, env)
  await running.says(new RegExp(`not what its publisher says: sha256 ${sha256(flipped)}, expected ${sha256(small)}; next try`))
  t.notOk(set.root.has(`${data}/mainnet`) || set.root.has(`${staging}/tree`) || set.root.has(marker))
  await running.says(/it is not fetched again until there is another one, or another checksum, at the address/)
  t.ok(set.server.counted.bytes < 2.1 * small.length, 'twice, and no more')
  set.server.files.set('/a/chain.tar.zst', small)
  await arrived(t, { ...set, env }, small)
})

t.test('a checksum that is put right later: what is here is not fetched again', options, async (t) => {
  const set = await setting(t, small)
  const { files } = set.server
  const running = snapshot(t, { ...set.env, SNAPSHOT_RETRY_SECONDS: '3' })
  // Put right by the time of the next try, however soon that is.
  files.get = (path) => Map.prototype.get.call(files, path === '/a/chain.sha256' && !running.said().includes('not what its') ? 'wrong' : path) as Buffer | undefined
  files.set('wrong', Buffer.from('ab'.repeat(32)))
  await running.says(/not what its publisher says/)
  await arrived(t, set, small)
  t.match(running.said(), /the archive that is here has the checksum that is now expected/)
  t.ok(set.server.counted.bytes < 1.1 * small.length, 'nothing comes twice')
})

t.test('a truncated file with the right Content-Length', options, async (t) => {
  const set = await setting(t, small, { truncate: 1_500_000 })
  const running = snapshot(t, set.env)
  await running.says(/not what its publisher says/)
  t.notOk(set.root.has(`${data}/mainnet`) || set.root.has(marker))
})

t.test('a right archive with hostile contents is not fetched again and again', options, async (t) => {
  const hostile = zstd(tar([...chainstate('mainnet', 500_000), { name: '../escaped', content: 'x' }]))
  const set = await setting(t, hostile)
  const running = snapshot(t, set.env)
  await running.says(/would leave its directory/)
  const asked = set.server.requests.length
  await running.until(() => set.server.requests.length >= asked + 5, progress(set))
  t.notOk(set.root.has(`${data}/mainnet`))
  t.ok(set.server.counted.bytes < 1.2 * hostile.length, `${set.server.counted.bytes} bytes`)
})

t.test('no ranges: killed and broken, from zero, and whole in the end', options, async (t) => {
  const set = await setting(t, small, { ranges: false, slow: 40_000 })
  const first = snapshot(t, set.env)
  await first.until(() => set.server.counted.bytes > 600_000, progress(set))
  first.process.kill('SIGKILL')
  await first.ended
  set.server.faults.breakAfter = 800_000
  delete set.server.faults.slow
  const second = snapshot(t, set.env)
  await second.says(/starting from zero: the server cannot resume/)
  delete set.server.faults.breakAfter
  await arrived(t, set, small)
  t.equal(set.server.counted.most, 1, 'one connection')
})
