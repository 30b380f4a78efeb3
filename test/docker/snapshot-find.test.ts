/** The snapshot and which archive it takes: `latest`, what stands beside it, and what to say when it is gone. */

import { spawnSync } from 'node:child_process'
import t, { type Test } from 'tap'
import { chainstate, gzip, sha256, tar, zstd } from './archives.ts'
import { arrived, data, progress, setting, snapshot, written, type Setting } from './snapshot-setting.ts'
import { needs } from './tools.ts'

const options = needs('zstd')
const zst = zstd(tar(chainstate('mainnet', 2_000_000)))
const gz = gzip(tar(chainstate('mainnet', 300_000)))
const newer = zstd(tar(chainstate('mainnet', 2_100_000)))
const dated = 'mainnet-stacks-blockchain-4.0.4-20261001'

/** A folder as publishers have it: dated archives, and `latest` beside its checksum, which names the dated one. */
async function folder(t: Test, lines: readonly string[], faults = {}): Promise<Setting & { readonly source: string }> {
  const set = await setting(t, zst, faults)
  set.server.files.clear()
  set.server.files.set('/m/chain-latest.sha256', Buffer.from(lines.join('\n')))
  set.server.files.set(`/m/${dated}.tar.zst`, zst).set('/m/chain-latest.tar.zst', zst)
  const env = { ...set.env, SNAPSHOT_URL: `${set.server.origin}/m/chain-latest.tar.zst` }
  return { ...set, env, source: `${set.server.origin}/m/${dated}.tar.zst` }
}

t.test('latest is what its checksum names', options, async (t) => {
  const set = await folder(t, [`${sha256(zst)}  ${dated}.tar.zst`])
  const running = snapshot(t, set.env)
  await arrived(t, set, zst, set.source)
  t.match(running.said(), new RegExp(`chain-latest\\.tar\\.zst is ${dated}\\.tar\\.zst`))
  t.notOk(set.server.requests.some((one) => one.startsWith('/m/chain-latest.tar')), 'latest itself is not asked for')
})

t.test('zst before gz, where both are named', options, async (t) => {
  const set = await folder(t, [`${sha256(gz)}  ${dated}.tar.gz`, `${sha256(zst)} *${dated}.tar.zst`])
  set.server.files.set(`/m/${dated}.tar.gz`, gz)
  snapshot(t, set.env)
  await arrived(t, set, zst, set.source)
})

t.test('gz, where there is no zst', options, async (t) => {
  const set = await folder(t, [`${sha256(gz)}  ${dated}.tar.gz`])
  set.server.files.delete('/m/chain-latest.tar.zst')
  set.server.files.set(`/m/${dated}.tar.gz`, gz)
  set.server.files.delete(`/m/${dated}.tar.zst`)
  snapshot(t, set.env)
  await arrived(t, set, gz, set.source.replace('.zst', '.gz'))
})

t.test('a checksum without a name: latest itself, and gz where zst is not there', options, async (t) => {
  const set = await folder(t, [sha256(gz)])
  set.server.files.delete('/m/chain-latest.tar.zst')
  set.server.files.set('/m/chain-latest.tar.gz', gz)
  snapshot(t, set.env)
  await arrived(t, set, gz, set.env['SNAPSHOT_URL']?.replace('.zst', '.gz'))
})

t.test('latest moves while it fetches, and between two starts: the dated one is held', options, async (t) => {
  // What is not durable yet when it is killed comes twice: at this speed, that is little.
  const set = await folder(t, [`${sha256(zst)}  ${dated}.tar.zst`], { slow: 3_000 })
  const first = snapshot(t, set.env)
  await first.until(() => written(set.root) > 10, progress(set))
  set.server.files.set('/m/chain-latest.sha256', Buffer.from(`${sha256(newer)}  ${dated.replace('1001', '1002')}.tar.zst`))
  set.server.files.set(`/m/${dated.replace('1001', '1002')}.tar.zst`, newer).set('/m/chain-latest.tar.zst', newer)
  first.process.kill('SIGKILL')
  await first.ended
  delete set.server.faults.slow
  snapshot(t, set.env)
  await arrived(t, set, zst, set.source)
  t.ok(set.server.counted.bytes < 1.1 * zst.length)
})

t.test('a dated archive that is removed under it: the newest is taken', options, async (t) => {
  const set = await folder(t, [`${sha256(zst)}  ${dated}.tar.zst`], { slow: 5_000 })
  const running = snapshot(t, set.env)
  await running.until(() => written(set.root) > 10, progress(set))
  const next = dated.replace('1001', '1002')
  set.server.files.delete(`/m/${dated}.tar.zst`)
  set.server.files.set('/m/chain-latest.sha256', Buffer.from(`${sha256(newer)}  ${next}.tar.zst`)).set(`/m/${next}.tar.zst`, newer)
  running.process.kill('SIGKILL')
  await running.ended
  delete set.server.faults.slow
  const second = snapshot(t, set.env)
  await arrived(t, set, newer, set.source.replace('1001', '1002'))
  t.match(second.said(), /is not there any more.*: looking for another/)
})

t.test('a refused archive is left for the next one', options, async (t) => {
  const hostile = zstd(tar([{ name: '../escaped', content: 'x' }, ...chainstate('mainnet', 400_000)]))
  const set = await folder(t, [`${sha256(hostile)}  ${dated}.tar.zst`])
  set.server.files.set(`/m/${dated}.tar.zst`, hostile)
  const running = snapshot(t, set.env)
  await running.says(/would leave its directory.*it is not fetched again until there is another one/)
  const next = dated.replace('1001', '1002')
  set.server.files.set('/m/chain-latest.sha256', Buffer.from(`${sha256(newer)}  ${next}.tar.zst`)).set(`/m/${next}.tar.zst`, newer)
  await arrived(t, set, newer, set.source.replace('1001', '1002'))
})

t.test('nothing there: which dated ones are', options, async (t) => {
  const pages: readonly (readonly [name: string, path: string, page: string])[] = [
    ['a page of links', '/m/', '<a href="../">..</a><a href="mainnet-stacks-blockchain-4.0.3-20260901.tar.zst">x</a><a href="/m/mainnet-stacks-blockchain-4.0.4-20261001.tar.gz?x=1">y</a><a href="readme-20261001.txt">z</a>'],
    ['a list of a bucket', '/', '<Contents><Key>m/mainnet-stacks-blockchain-4.0.3-20260901.tar.zst</Key></Contents><Contents><Key>m/mainnet-stacks-blockchain-4.0.4-20261001.tar.gz</Key></Contents>'],
  ]
  for (const [name, path, page] of pages) {
    await t.test(name, async (t) => {
      const set = await folder(t, [`${sha256(zst)}  ${dated}.tar.zst`])
      set.server.files.clear()
      set.server.files.set(path, Buffer.from(page))
      const running = snapshot(t, set.env)
      await running.says(/the server answered 404 Not Found; there are mainnet-stacks-blockchain-4\.0\.4-20261001\.tar\.gz, mainnet-stacks-blockchain-4\.0\.3-20260901\.tar\.zst: set SNAPSHOT_URL to one of them/)
    })
  }
  await t.test('no list', async (t) => {
    const set = await folder(t, [`${sha256(zst)}  ${dated}.tar.zst`])
    set.server.files.clear()
    const running = snapshot(t, set.env)
    await running.says(/the server lists nothing, so which dated archives it has cannot be known from here/)
    t.notOk(set.root.has(`${data}/mainnet`))
  })
})

t.test('latest with a query: the dated one is asked for with the same query', options, async (t) => {
  const set = await folder(t, [`${sha256(zst)}  ${dated}.tar.zst`])
  const env = { ...set.env, SNAPSHOT_URL: `${set.env['SNAPSHOT_URL']}?part=1&x=a/b` }
  snapshot(t, env)
  await arrived(t, { ...set, env }, zst, `${set.source}?part=1&x=a/b`)
  t.ok(set.server.requests.includes('/m/chain-latest.sha256?part=1&x=a/b'))
  t.notOk(set.server.requests.some((one) => one.startsWith('/m/chain-latest.tar')), 'latest itself is not asked for')
})

t.test('names in a checksum file that lead elsewhere are none', options, async (t) => {
  const set = await folder(t, ['..%2f..%2fetc', 'a?b', 'a#b', '@a.example.net:1'].map((name) => `${sha256(newer)}  ${name}.tar.zst`).concat(`${sha256(zst)}  chain-latest.tar.zst`))
  snapshot(t, set.env)
  await arrived(t, set, zst)
  t.notOk(set.server.requests.some((one) => /etc|[ab]\.tar|example/.test(one)), set.server.requests.join(' '))
})

t.test('http without a checksum from the operator', options, async (t) => {
  const set = await setting(t, zst)
  for (const host of ['archive.example.net', 'localhost', '192.168.1.2', '127.0.0.1.example.net']) {
    const running = snapshot(t, { ...set.env, SNAPSHOT_URL: `http://${host}:9/a/chain.tar.zst`, SNAPSHOT_STALL_SECONDS: '1', SNAPSHOT_RETRY_SECONDS: '60' })
    await running.says(/SNAPSHOT_URL with http:\/\/ needs SNAPSHOT_SHA256, .*Set SNAPSHOT_SHA256 from a source you trust, or an address that begins with https:\/\//)
    running.process.kill('SIGKILL')
    await running.ended
  }
  // What an earlier start has begun is not gone on with either.
  set.root.write(`${data}/.snapshot/archive.json`, JSON.stringify({ asked: 'http://archive.example.net/a/chain.tar.zst', url: 'http://archive.example.net/a/chain.tar.zst', sha256: sha256(zst), size: zst.length }))
  await snapshot(t, { ...set.env, SNAPSHOT_URL: 'http://archive.example.net/a/chain.tar.zst' }).says(/needs SNAPSHOT_SHA256/)
})

t.test('http with a checksum from the operator', options, async (t) => {
  const set = await setting(t, zst)
  const env = { ...set.env, SNAPSHOT_URL: set.env['SNAPSHOT_URL']!.replace('127.0.0.1', 'localhost'), SNAPSHOT_SHA256: sha256(zst) }
  snapshot(t, env)
  await arrived(t, { ...set, env }, zst)
})

t.test('addresses of files that are none', options, async (t) => {
  const set = await setting(t, zst)
  set.root.write('/archive/file', '')
  spawnSync('mkfifo', [set.root.at('/archive/pipe.tar.zst')])
  for (const [path, says] of [['/archive/a%00b.tar.zst', /SNAPSHOT_URL is not an address of a file/], ['/archive/pipe.tar.zst', /pipe\.tar\.zst is not a file/], ['/archive', /archive is not a file/], ['/archive/none%0A.tar.zst', /no such file or directory.*none\\u\{a\}\.tar\.zst/]] as const) {
    const running = snapshot(t, { ...set.env, SNAPSHOT_URL: `file://${set.root.path}${path}`, SNAPSHOT_SHA256: sha256(zst) })
    await running.says(says)
    t.notMatch(running.said(), /unexpected/)
  }
})

t.test('through a proxy, where the environment names one', options, async (t) => {
  const set = await setting(t, zst)
  const url = 'http://archive.example.net/a/chain.tar.zst'
  set.server.files.set(url, zst)
  const env = { ...set.env, SNAPSHOT_URL: url, SNAPSHOT_SHA256: sha256(zst), http_proxy: set.server.origin }
  snapshot(t, env)
  await arrived(t, { ...set, env }, zst)
})
