/** The snapshot and archives that want memory, inodes or tries without end: refused, and not fetched again. */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { ReadEntry } from 'tar/read-entry'
import { ArchiveClient } from '../../docker/programs/snapshot/archive-client.ts'
import { ConnectionLimiter } from '../../docker/programs/snapshot/connection-limiter.ts'
import { fetchWhole } from '../../docker/programs/snapshot/fetch-archive.ts'
import { SafeTarFilter } from '../../docker/programs/snapshot/safe-tar-filter.ts'
import { archiveServer } from './archive-server.ts'
import { chainstate, header, tar, zstd, type Entry } from './archives.ts'
import { memoryOf } from './memory.ts'
import { arrived, bundledSnapshot, data, setting, staging } from './snapshot-setting.ts'
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
  ['headers of headers', zstd(tar([...many(4000, () => ({ name: '././@PaxHeader', type: 'x', content: record('comment', 'a'.repeat(20)) })), ...chainstate('mainnet')])), /the headers of one entry have more than 64 KiB/],
  ['a sparse file of another kind', zstd(tar([{ name: 'pax', type: 'x', content: `${record('GNU.sparse.major', '1')}${record('GNU.sparse.minor', '0')}${record('GNU.sparse.realsize', '9999999999999')}` }, { name: 'mainnet/file', content: 'x' }, ...chainstate('mainnet')])),
    /it has sparse files/],
  ['a name with a line end', zstd(tar([{ name: 'pax', type: 'x', content: record('path', 'mainnet/a\nb') }, { name: 'mainnet/file', content: 'x' }, ...chainstate('mainnet')])), /a header cannot be read/],
  ['a name with a zero byte', zstd(tar([{ name: 'pax', type: 'x', content: record('path', 'mainnet/a\0b') }, { name: 'mainnet/file', content: 'x' }, ...chainstate('mainnet')])), /path=mainnet\/a\\u\{0\}b' is not a name that chain data has/],
  ['a name that no disk takes', zstd(tar([{ name: 'pax', type: 'x', content: record('path', `mainnet/${'x'.repeat(300)}`) }, { name: 'mainnet/file', content: 'x' }, ...chainstate('mainnet')])),
    /'mainnet\/x{192}…' cannot be made \(ENAMETOOLONG\)/],
  ['a file as a folder', zstd(tar([{ name: 'mainnet/a', content: 'x' }, { name: 'mainnet/a/b', content: 'x' }, ...chainstate('mainnet')])), /'mainnet\/a\/b' cannot be made \(E[A-Z]+\)/],
  ['30,000 empty files', zstd(tar([...chainstate('mainnet'), ...many(30_000, (index) => ({ name: `mainnet/chainstate/${index}` }))])), /entries in its first \d+ bytes, more than chain data can have/],
  ['folders in folders', zstd(tar([...chainstate('mainnet'), { name: `mainnet/${'a/'.repeat(40)}`, type: '5' }])), /lies more than 16 folders deep/],
  ['a hard link before its file', zstd(tar([{ name: 'mainnet/link', type: '1', link: 'mainnet/headers.sqlite' }, ...chainstate('mainnet')])), /'mainnet\/link' is a link/],
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
      const running = bundledSnapshot(t, set.env)
      const most = await mostMemory(running, () => running.says(/it is not fetched again until/))
      t.match(running.said(), message)
      t.ok(most < 256 * 1024 * 1024, `${Math.round(most / megabyte)} MB of memory`)
      t.ok(set.server.counted.bytes < 1.2 * content.length + 5000, `${set.server.counted.bytes} bytes of ${content.length}`)
      t.notMatch(running.said(), /unexpected|Traceback/)
      t.notOk(set.root.has(`${data}/mainnet`) || set.root.has(`${staging}/tree`), 'nothing is left')
    })
  }
})

/** Waits until `count` has been the same fifty times. */
async function settled(count: () => number): Promise<number> {
  let [last, same] = [-1, 0]
  await until(() => {
    [last, same] = count() === last ? [last, same + 1] : [count(), 0]
    return last > 0 && same >= 50
  }, () => `${last} bytes, the same ${same} times`)
  return last
}

t.test('sizes that no file has', async (t) => {
  for (const size of [-5, NaN, Infinity, 2 ** 60]) {
    t.throws(() => new SafeTarFilter('mainnet').check({ path: 'mainnet/file', type: 'File', size, mode: 0o644 } as ReadEntry, 0), /'mainnet\/file' has a size that no file has/)
  }
})

t.test('a server that sends the whole is not read ahead of what unpacks it', options, async (t) => {
  const large = randomBytes(150 * megabyte)
  for (const faults of [{ ranges: false }, { ranges: false, chunked: true }]) {
    const server = await archiveServer(t, { '/a/chain.tar.zst': large }, faults)
    const [stop, say] = [new AbortController(), () => undefined]
    const client = new ArchiveClient(1, 60_000, stop.signal)
    const archive = { url: `${server.origin}/a/chain.tar.zst`, sha256: '', head: Buffer.alloc(0) }
    const bytes = fetchWhole({ archive, client, limiter: new ConnectionLimiter(1, 1000, say), stop: stop.signal, say, fail: (error) => { throw error } })
    await bytes.next()
    const sent = await settled(() => server.counted.bytes)
    t.ok(sent < 60 * megabyte, `${Math.round(sent / megabyte)} MB are taken while nothing is unpacked`)
    stop.abort()
    client.close()
  }
})

t.test('global headers without end, which are of no use: taken, in little memory', options, async (t) => {
  const content = zstd(tar([...many(4000, (index) => ({ type: index % 2 ? '5' : 'g', name: 'mainnet/', ...(index % 2 === 0 && { content: record(`comment.${index}`, 'a'.repeat(50_000)) }) })), ...chainstate('mainnet')]))
  const set = await setting(t, content)
  const running = bundledSnapshot(t, set.env)
  const most = await mostMemory(running, () => arrived(t, set, content))
  t.ok(most < 256 * 1024 * 1024, `${Math.round(most / megabyte)} MB of memory`)
})
