/** The snapshot and the room it takes: on the disk in each mode, on a disk too small for it, and in memory. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { chainstate, gzip, sha256, tar, zstd } from './archives.ts'
import { arrived, bundledSnapshot, data, marker, progress, setting, snapshot, staging, type Setting } from './snapshot-setting.ts'
import { memoryOf } from './memory.ts'
import { needs, root as isRoot } from './tools.ts'

const options = needs('zstd')
const megabyte = 1_000_000
const archive = zstd(tar(chainstate('mainnet', 20 * megabyte)))

/** A volume of so many megabytes where the data volume is; false where nothing can be mounted. */
function mounted(t: Test, { root }: Setting, megabytes: number, more = ''): boolean {
  const image = `${root.path}/disk.img`
  writeFileSync(image, '')
  const place = root.at(data)
  const ran = spawnSync('sh', ['-ec', `truncate -s ${megabytes}M "$0" && mkfs.ext4 -q -m 0 -O ^has_journal ${more} "$0" && mount -o loop "$0" "$1"`, image, place], { encoding: 'utf8' })
  if (ran.status === 0) {
    t.teardown(() => { spawnSync('umount', ['--lazy', place]) })
    rmSync(`${place}/lost+found`, { recursive: true })
    return true
  }
  if (process.env['REQUIRE_ENGINES'] === '1') t.fail(`no loop mount here: ${ran.stderr}`)
  return false
}

const mountable = isRoot ? options : { skip: 'mounting a small volume needs root' }

/** The most bytes that stood below the data volume while `running` was at it. */
function watchDisk({ root }: Setting): () => number {
  let most = 0
  const timer = setInterval(() => {
    const used = spawnSync('du', ['-s', '-B1', root.at(data)], { encoding: 'utf8' })
    most = Math.max(most, Number(used.stdout.split('\t')[0]))
  }, 30)
  return () => {
    clearInterval(timer)
    return most
  }
}

t.test('stream: no archive on the disk, over several connections', options, async (t) => {
  const set = await setting(t, archive, { slow: 60_000 }, { SNAPSHOT_MODE: 'stream', SNAPSHOT_CONNECTIONS: '4' })
  const most = watchDisk(set)
  snapshot(t, set.env)
  await arrived(t, set, archive)
  t.ok(most() < 1.05 * 20 * megabyte, `${most()} bytes`)
  t.ok(set.server.counted.most === 4 && set.server.counted.bytes < 1.05 * archive.length)
})

t.test('stream: broken connections are resumed, a killed one starts again and says so', options, async (t) => {
  const set = await setting(t, archive, { breakAfter: 800_000 }, { SNAPSHOT_MODE: 'stream' })
  const broken = snapshot(t, set.env)
  await arrived(t, set, archive)
  t.ok(set.server.counted.bytes < 1.1 * archive.length)
  t.notMatch(broken.said(), /from zero/)

  const other = await setting(t, archive, { slow: 20_000 }, { SNAPSHOT_MODE: 'stream' })
  const first = snapshot(t, other.env)
  await first.until(() => other.server.counted.bytes > 3 * megabyte, progress(other))
  first.process.kill('SIGKILL')
  await first.ended
  delete other.server.faults.slow
  const second = snapshot(t, other.env)
  await arrived(t, other, archive)
  t.match(second.said(), /starting from zero: a stream keeps nothing/)
})

t.test('auto: the archive is kept where both fit, streamed where they do not, refused where neither fits', mountable, async (t) => {
  for (const [megabytes, expected] of [[80, 'file'], [40, 'stream'], [15, 'refused']] as const) {
    await t.test(`${megabytes} MB`, async (t) => {
      const set = await setting(t, archive, { slow: 200_000 }, { SNAPSHOT_UNPACKED_RATIO: '1.05' })
      if (!mounted(t, set, megabytes)) return
      const running = snapshot(t, set.env)
      if (expected === 'refused') {
        await running.says(/not enough space: the archive has 20\.0 MB and unpacks to about 21\.0 MB \(an estimate\); \d+\.\d MB are free, and 21\.\d MB are needed; make room/)
        t.strictSame(set.server.counted.bytes, 1024, 'nothing but the first bytes was asked for')
        return
      }
      const part = () => readdirSync(set.root.at(staging)).includes('archive.part')
      await running.says(/downloading/)
      t.equal(part(), expected === 'file')
      t[expected === 'stream' ? 'match' : 'notMatch'](running.said(), /both together do not fit/)
      await running.until(() => set.root.has(marker), progress(set))
    })
  }
})

t.test('a mode that is asked for is not left', mountable, async (t) => {
  const set = await setting(t, archive, {}, { SNAPSHOT_UNPACKED_RATIO: '1.05', SNAPSHOT_MODE: 'file' })
  if (!mounted(t, set, 40)) return
  const running = snapshot(t, set.env)
  await running.says(/not enough space: .* and 41\.0 MB are needed/)
})

t.test('a disk that is full before the end', mountable, async (t) => {
  const set = await setting(t, gzip(tar(chainstate('mainnet', 20 * megabyte))), { slow: 40_000 }, { SNAPSHOT_UNPACKED_RATIO: '0.1', SNAPSHOT_RETRY_SECONDS: '1' })
  if (!mounted(t, set, 30)) return
  mkdirSync(set.root.at(`${data}/other`))
  set.root.write(`${data}/other/file`, 'mine')
  const running = snapshot(t, set.env)
  await running.says(/the disk is nearly full, so it stops here|the disk ran full/)
  const { bavail, bsize } = statfsSync(set.root.at(data))
  t.ok(bavail * bsize > 0 && !set.root.has(`${data}/mainnet`) && !set.root.has(marker))
  t.equal(set.root.read(`${data}/other/file`), 'mine')
  running.process.kill('SIGKILL')
  await running.ended
  const { SNAPSHOT_UNPACKED_RATIO: _, ...env } = set.env
  await snapshot(t, { ...env, SNAPSHOT_UNPACKED_RATIO: '1', SNAPSHOT_MODE: 'auto' }).until(() => set.root.has(marker), progress(set))
})

t.test('a disk that has no inodes left before the end', mountable, async (t) => {
  const entries = Array.from({ length: 1000 }, (_, index) => ({ name: `mainnet/chainstate/${index}`, content: randomBytes(4000) }))
  const set = await setting(t, zstd(tar([...chainstate('mainnet'), ...entries])), { slow: 10_000 }, { SNAPSHOT_RETRY_SECONDS: '60', SNAPSHOT_CONNECTIONS: '1' })
  if (!mounted(t, set, 100, '-N 4000')) return
  for (let number = 0; statfsSync(set.root.at(data)).ffree > 300; number += 1) set.root.write(`${data}/others/${number}`, '')
  const running = snapshot(t, set.env)
  await running.says(/the file system has nearly no inodes left, so it stops here, with 2 % of them left: make room for more files/)
  await running.until(() => !set.root.has(`${staging}/tree`))
  set.root.write(`${data}/file`, 'there is room for others')
  t.notOk(set.root.has(`${data}/mainnet`) || set.root.has(marker))
  t.ok(set.root.has(`${data}/others/100`))
})

t.test('the size that a zstd header tells is no estimate', options, async (t) => {
  const set = await setting(t, archive)
  set.root.write('/tree.tar', tar(chainstate('mainnet', 3 * megabyte)))
  spawnSync('zstd', ['-q', set.root.at('/tree.tar')])
  const told = readFileSync(set.root.at('/tree.tar.zst'))
  set.server.files.set('/a/chain.tar.zst', told).set('/a/chain.sha256', Buffer.from(sha256(told)))
  const running = snapshot(t, set.env)
  await running.says(/unpacks to 3\.0 MB; /)
})

t.test('sizes unknown: said, and unpacked as it comes', options, async (t) => {
  const set = await setting(t, archive, { chunked: true, ranges: false })
  const running = snapshot(t, set.env)
  await arrived(t, set, archive)
  t.match(running.said(), /the server does not send the size of the archive, so it may not fit/)
})

t.test('memory', options, async (t) => {
  const large = zstd(tar([...chainstate('mainnet', 100), { name: 'mainnet/chainstate/large', content: randomBytes(200 * megabyte) }]))
  // The longest window that is allowed takes 128 MiB more.
  const windowed = zstd(tar([...chainstate('mainnet', 100), { name: 'mainnet/chainstate/large', content: randomBytes(200 * megabyte) }]), '-1', '--long=27')
  for (const [mode, content, most] of [['file', large, 256], ['stream', large, 256], ['stream', windowed, 256]] as const) {
    const set = await setting(t, content, {}, { SNAPSHOT_MODE: mode, SNAPSHOT_CONNECTIONS: '16' })
    const running = bundledSnapshot(t, set.env)
    let taken = 0
    const timer = setInterval(() => { taken = Math.max(taken, memoryOf(running.process.pid ?? 0)) }, 20)
    await arrived(t, set, content)
    clearInterval(timer)
    t.ok(taken > 10 * megabyte && taken < most * 1024 * 1024, `${mode}: ${Math.round(taken / megabyte)} MB`)
  }
})
