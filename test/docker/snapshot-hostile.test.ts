/** The snapshot and archives that want memory, inodes or tries without end: refused, and not fetched again. */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { chainstate, header, tar, zstd, type Entry } from './archives.ts'
import { memoryOf } from './memory.ts'
import { arrived, data, setting, snapshot, staging } from './snapshot-setting.ts'
import { needs, until, type Running } from './tools.ts'

const options = needs('zstd')
const megabyte = 1_000_000

/** So many bytes of the letter a, as a zstd frame of its own. */
function letters(count: number): Buffer {
  const made = spawnSync('sh', ['-c', `head -c ${count} /dev/zero | tr '\\0' a | zstd -q -c`], { maxBuffer: 1 << 26 })
  if (made.status !== 0) throw new Error(made.stderr.toString())
  return made.stdout
}

/** An archive whose first entry has a header of `type` with 300 MB. */
function largeHeader(type: string): Buffer {
  const size = 600_000 * 512
  return Buffer.concat([zstd(header({ name: '././@PaxHeader', type }, size)), letters(size), zstd(tar(chainstate('mainnet')))])
}

/** One record of a pax header. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const length = rest.length + String(rest.length).length
  return `${String(length).length === String(rest.length).length ? length : length + 1}${rest}`
}

const many = (count: number, entry: (index: number) => Entry): readonly Entry[] => Array.from({ length: count }, (_, index) => entry(index))

const cases: readonly (readonly [name: string, content: Buffer, message: RegExp])[] = [
  ['a pax header of 300 MB', largeHeader('x'), /the headers of one entry have more than 64 KiB/],
  ['a global pax header of 300 MB', largeHeader('g'), /the headers of one entry have more than 64 KiB/],
  ['a GNU long name of 300 MB', largeHeader('L'), /the headers of one entry have more than 64 KiB/],
  ['a GNU long link of 300 MB', largeHeader('K'), /the headers of one entry have more than 64 KiB/],
  ['headers of headers', zstd(tar([...many(4000, () => ({ name: '././@PaxHeader', type: 'x' })), ...chainstate('mainnet')])), /the headers of one entry have more than 64 KiB/],
  ['global headers that add up', zstd(tar([...many(4000, (index) => ({ name: 'pax', type: index % 2 ? '5' : 'g', ...(index % 2 ? { name: 'mainnet/' } : { content: record(`comment.${index}`, 'a'.repeat(50_000)) }) })), ...chainstate('mainnet')])),
    /its global headers have more than 64 KiB/],
  ['a number that is none', zstd(tar([{ name: 'pax', type: 'x', content: `${record('GNU.sparse.major', '1')}${record('GNU.sparse.minor', '0')}${record('GNU.sparse.realsize', 'x')}` }, ...chainstate('mainnet')])),
    /the archive is refused \(a header cannot be read: ValueError\)/],
  ['a time that no clock shows', zstd(tar([{ name: 'mainnet/', type: '5' }, { name: 'pax', type: 'x', content: record('mtime', '1e300') }, { name: 'mainnet/file', content: 'x' }, ...chainstate('mainnet')])),
    /'mainnet\/file' cannot be made: /],
  ['a name with a zero byte', zstd(tar([{ name: 'pax', type: 'x', content: record('path', 'mainnet/a\0b') }, { name: 'mainnet/file', content: 'x' }, ...chainstate('mainnet')])), /'mainnet\/a\\x00b' is no name of a file/],
  ['a name that no disk takes', zstd(tar([{ name: 'pax', type: 'x', content: record('path', `mainnet/${'x'.repeat(300)}`) }, { name: 'mainnet/file', content: 'x' }, ...chainstate('mainnet')])),
    /'mainnet\/x{192}…' cannot be made: File name too long/],
  ['a file as a folder', zstd(tar([{ name: 'mainnet/a', content: 'x' }, { name: 'mainnet/a/b', content: 'x' }, ...chainstate('mainnet')])), /'mainnet\/a\/b' cannot be made: /],
  ['30,000 empty files', zstd(tar([...chainstate('mainnet'), ...many(30_000, (index) => ({ name: `mainnet/chainstate/${index}` }))])), /entries in its first \d+ bytes, more than chain data can have/],
  ['folders in folders', zstd(tar([...chainstate('mainnet'), { name: `mainnet/${'a/'.repeat(40)}`, type: '5' }])), /lies more than 16 folders deep/],
  ['a hard link before its file', zstd(tar([{ name: 'mainnet/link', type: '1', link: 'mainnet/headers.sqlite' }, ...chainstate('mainnet')])), /is a link to a file that does not stand before it/],
  ['a window of 2 GiB', zstd(tar(chainstate('mainnet', 2 * megabyte)), '--ultra', '--long=31'), /it needs more than 128 MiB of memory to be unpacked/],
]

/** The most memory that `running` has taken when `done` holds. */
async function mostMemory(running: Running, done: () => Promise<unknown>): Promise<number> {
  let most = 0
  const timer = setInterval(() => { most = Math.max(most, memoryOf(running.process.pid ?? 0)) }, 10)
  try {
    await done()
  } finally {
    clearInterval(timer)
  }
  return most
}

t.test('refused, in little memory, and not fetched again', options, async (t) => {
  for (const [name, content, message] of cases) {
    await t.test(name, async (t) => {
      const set = await setting(t, content)
      const running = snapshot(t, set.env)
      const most = await mostMemory(running, () => running.says(/it is not fetched again until/))
      t.match(running.said(), message)
      t.ok(most < 256 * 1024 * 1024, `${Math.round(most / megabyte)} MB of memory`)
      t.ok(set.server.counted.bytes < 1.2 * content.length + 5000, `${set.server.counted.bytes} bytes of ${content.length}`)
      t.notMatch(running.said(), /unexpected|Traceback/)
      t.notOk(set.root.has(`${data}/mainnet`) || set.root.has(`${staging}/tree`), 'nothing is left')
    })
  }
})

/** The process that unpacks for `running`; 0 while there is none. */
function unpacker({ process: { pid } }: Running): number {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '))
  return Number(children.find(Boolean) ?? 0)
}

/** Waits until `count` has been the same fifty times. */
async function settled(count: () => number): Promise<number> {
  let [last, same] = [-1, 0]
  await until(() => {
    [last, same] = count() === last ? [last, same + 1] : [count(), 0]
    return last > 0 && same >= 50
  }, () => `${last} bytes, the same ${same} times`)
  return last
}

t.test('a server that sends the whole, faster than it is unpacked', options, async (t) => {
  const large = zstd(tar([...chainstate('mainnet', 100), { name: 'mainnet/chainstate/large', content: randomBytes(150 * megabyte) }]))
  for (const faults of [{ ranges: false }, { ranges: false, chunked: true }]) {
    const set = await setting(t, large, faults, { SNAPSHOT_MODE: 'stream', SNAPSHOT_WINDOW_BYTES: String(4 * megabyte) })
    const running = snapshot(t, set.env)
    await running.until(() => unpacker(running) > 0)
    const child = unpacker(running)
    process.kill(child, 'SIGSTOP')
    const sent = await settled(() => set.server.counted.bytes)
    t.ok(sent < 60 * megabyte, `${Math.round(sent / megabyte)} MB are taken while nothing is unpacked`)
    process.kill(child, 'SIGCONT')
    await arrived(t, set, large)
  }
})

async function killUnpacking(t: Test, running: Running, times: number): Promise<void> {
  let killed = 0
  for (let time = 1; time <= times; time += 1) {
    await running.until(() => unpacker(running) > 0 && unpacker(running) !== killed)
    killed = unpacker(running)
    process.kill(killed, 'SIGKILL')
    await running.until(() => running.said().split('unpacking was killed').length > time)
  }
  t.equal(running.process.exitCode, null, 'it stays alive')
}

t.test('unpacking that is killed each time: three tries, and a restart tries again', options, async (t) => {
  const archive = zstd(tar(chainstate('mainnet', 2 * megabyte)))
  const set = await setting(t, archive, { slow: 10_000 }, { SNAPSHOT_MODE: 'stream' })
  const running = snapshot(t, set.env)
  await killUnpacking(t, running, 3)
  await running.says(/after 3 tries this archive is not fetched again: give this container more memory and restart it/)
  await running.says(/unpacking failed; after 3 tries/)
  const sent = set.server.counted.bytes
  const requests = set.server.requests.length
  await until(() => set.server.requests.length > requests + 2, () => `${set.server.requests.length} requests, ${requests} before`)
  t.ok(set.server.counted.bytes < sent + 10_000, 'only its first bytes are asked for')
  running.process.kill('SIGKILL')
  await running.ended
  delete set.server.faults.slow
  snapshot(t, set.env)
  await arrived(t, set, archive)
})
