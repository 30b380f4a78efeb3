/** The process that unpacks for docker/tools/snapshot.py: what it tells across the border, and how the two of them end. */

import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { chainstate, gzip, sha256, tar, zstd, type Entry } from './archives.ts'
import { arrived, data, marker, progress, setting, snapshot, staging, written } from './snapshot-setting.ts'
import { alive, needs, until, type Running } from './tools.ts'

const options = needs('zstd')
const archive = zstd(tar(chainstate('mainnet', 3_000_000)))

/** The process ids of those that `running` has started and that are at work. */
function children({ process: { pid } }: Running): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number))
}

t.test('killed for want of memory: said, and tried again with what is here', options, async (t) => {
  const set = await setting(t, archive, { slow: 5_000 })
  const running = snapshot(t, set.env)
  await running.until(() => written(set.root) > 20, progress(set))
  const [child] = children(running)
  t.equal(children(running).length, 1)
  process.kill(child ?? 0, 'SIGKILL')
  await running.says(/unpacking was killed, perhaps for want of memory; next try in/)
  t.notOk(set.root.has(`${data}/mainnet`))
  delete set.server.faults.slow
  await arrived(t, set, archive)
  t.ok(set.server.counted.bytes < 1.1 * archive.length, 'little comes twice')
})

t.test('it ends with its parent, however that ends', options, async (t) => {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const set = await setting(t, archive, { slow: 1_000 })
    const running = snapshot(t, set.env)
    await running.until(() => written(set.root) > 5, progress(set))
    const [child] = children(running)
    t.ok(child && alive(child))
    running.process.kill(signal)
    // Not `ended`: that waits for whoever still holds its output, as the child does.
    await until(() => !alive(child ?? 0), () => `it outlives ${signal}`)
  }
})

/** `content` with one bit turned over in the middle. */
function flipped(content: Buffer): Buffer {
  const middle = Math.floor(content.length / 2)
  return Buffer.concat([content.subarray(0, middle), Buffer.from([(content[middle] ?? 0) ^ 1]), content.subarray(middle + 1)])
}

const whole = tar(chainstate('mainnet', 400_000))
const long: readonly Entry[] = [
  { name: '././@LongLink', type: 'L', content: `mainnet/${'x'.repeat(300)}\0` }, { name: 'mainnet/harmless', content: 'x' },
]

t.test('what is wrong with an archive whose checksum is right', options, async (t) => {
  const cases: readonly (readonly [name: string, content: Buffer, message: RegExp])[] = [
    ['zstd, damaged', flipped(zstd(whole)), /the archive is refused \((zstd: .*|unexpected end of data|there is something behind its end)\): set another SNAPSHOT_URL/],
    ['zstd, cut off', zstd(whole).subarray(0, 100_000), /the archive is refused \(zstd: unexpected end of data\)/],
    ['zstd, cut off in its last byte', zstd(whole).subarray(0, -1), /the archive is refused \(zstd: unexpected end of data\)/],
    ['zstd, and then something else', Buffer.concat([zstd(whole), Buffer.from('else'.repeat(9))]), /the archive is refused \(zstd: Unknown frame descriptor\)/],
    ['gzip, damaged', flipped(gzip(whole)), /the archive is refused \(gzip: .*\)/],
    ['gzip, cut off', gzip(whole).subarray(0, 100_000), /the archive is refused \((gzip: )?unexpected end of data\)/],
    ['a name that no disk takes', zstd(tar([...chainstate('mainnet'), ...long])), /refused: 'mainnet\/x{192}…' cannot be made: File name too long; set another SNAPSHOT_URL/],
  ]
  for (const [name, content, message] of cases) {
    await t.test(name, async (t) => {
      const set = await setting(t, content)
      const running = snapshot(t, set.env)
      await running.says(message)
      t.match(running.said(), new RegExp(`verified: sha256 ${sha256(content)}|File name too long`))
      t.notOk(set.root.has(`${data}/mainnet`) || set.root.has(marker))
      t.equal(running.process.exitCode, null, 'it stays alive')
    })
  }
})

t.test('most of it comes when nobody unpacks any more, faster than it can be hashed', options, async (t) => {
  const damaged = zstd(Buffer.concat([tar(chainstate('mainnet')), randomBytes(60_000_000)]))
  const { root, env } = await setting(t, damaged)
  root.write('/archive/chain.tar.zst', damaged)
  root.write('/archive/chain.sha256', `${sha256(damaged)}  chain.tar.zst\n`)
  const running = snapshot(t, { ...env, SNAPSHOT_URL: `file://${root.at('/archive/chain.tar.zst')}` })
  await running.says(/the archive is refused \(there is something behind its end\)/)
  t.match(running.said(), `verified: sha256 ${sha256(damaged)}`)
})

t.test('a checksum that is wrong counts more than the damage', options, async (t) => {
  const set = await setting(t, flipped(archive))
  set.server.files.set('/a/chain.sha256', Buffer.from(sha256(archive)))
  const running = snapshot(t, { ...set.env, SNAPSHOT_RETRY_SECONDS: '1' })
  await running.says(/not what its publisher says: .* set aside/)
  t.notMatch(running.said(), /refused/)
  t.notOk(set.root.has(`${staging}/tree`))
})

t.test('a long window, several frames, and frames that are to be skipped', options, async (t) => {
  const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4])
  const frames = [whole.subarray(0, 1000), whole.subarray(1000, 300_000), whole.subarray(300_000)].map((part) => zstd(part))
  const content = Buffer.concat([zstd(whole.subarray(0, 0)), skipped, ...frames.flatMap((frame) => [frame, skipped])])
  const set = await setting(t, content)
  snapshot(t, set.env)
  await arrived(t, set, content)
  const windowed = zstd(tar(chainstate('mainnet', 2_000_000)), '--ultra', '--long=27')
  const other = await setting(t, windowed)
  snapshot(t, other.env)
  await arrived(t, other, windowed)
})
