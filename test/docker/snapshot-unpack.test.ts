/** The snapshot and what it unpacks: forms of archives, and damage in ones whose checksum is right. */

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { chainstate, gzip, sha256, tar, zstd, type Entry } from './archives.ts'
import { arrived, data, marker, setting, snapshot, staging } from './snapshot-setting.ts'
import { needs } from './tools.ts'

const options = needs('zstd')
const archive = zstd(tar(chainstate('mainnet', 3_000_000)))

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
    ['zstd, damaged', flipped(zstd(whole)), /the archive is refused: (zstd: .*|unexpected end of data|there is something behind its end|TAR_.*); set another SNAPSHOT_URL/],
    ['zstd, cut off', zstd(whole).subarray(0, 100_000), /the archive is refused: zstd: unexpected end of file/],
    ['zstd, cut off in its last byte', zstd(whole).subarray(0, -1), /the archive is refused: zstd: unexpected end of file/],
    ['zstd, and then something else', Buffer.concat([zstd(whole), Buffer.from('else'.repeat(9))]), /the archive is refused: there is something behind its end/],
    ['gzip, damaged', flipped(gzip(whole)), /the archive is refused: gzip: /],
    ['gzip, cut off', gzip(whole).subarray(0, 100_000), /the archive is refused: gzip: unexpected end of file/],
    ['a name that no disk takes', zstd(tar([...chainstate('mainnet'), ...long])), /refused: 'mainnet\/x{192}…' cannot be made \(ENAMETOOLONG\); set another SNAPSHOT_URL/],
  ]
  for (const [name, content, message] of cases) {
    await t.test(name, async (t) => {
      const set = await setting(t, content)
      const running = snapshot(t, set.env)
      await running.says(message)
      t.match(running.said(), new RegExp(`verified: sha256 ${sha256(content)}|ENAMETOOLONG`))
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
  await running.says(/the archive is refused: there is something behind its end/)
  t.match(running.said(), `verified: sha256 ${sha256(damaged)}`)
})

t.test('a checksum that is wrong counts more than the damage', options, async (t) => {
  const set = await setting(t, flipped(archive))
  set.server.files.set('/a/chain.sha256', Buffer.from(sha256(archive)))
  const running = snapshot(t, { ...set.env, SNAPSHOT_RETRY_SECONDS: '1' })
  await running.says(/not what its publisher says: /)
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

t.test('sizes about those of the pieces in which it is unpacked, beside small files, all as they were', options, async (t) => {
  const piece = 1 << 18
  const sizes = [piece, piece + 1, 3 * piece - 512, 4 * piece + 511, 511, 0, piece + 5000]
  const large: readonly Entry[] = sizes.map((size, index) => ({ name: `mainnet/large-${index}`, content: randomBytes(size) }))
  const content = zstd(tar([...chainstate('mainnet'), ...large]))
  const set = await setting(t, content)
  snapshot(t, set.env)
  await arrived(t, set, content)
  for (const [index, { content }] of large.entries()) t.ok(readFileSync(set.root.at(`${data}/mainnet/large-${index}`)).equals(content as Buffer), `${sizes[index]} bytes`)
})
