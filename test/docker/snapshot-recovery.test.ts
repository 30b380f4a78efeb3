/** The snapshot killed at any point: the next start goes on, and never believes what it cannot check. */

import { mkdirSync } from 'node:fs'
import t from 'tap'
import { chainstate, sha256, tar, zstd } from './archives.ts'
import { pieceLength } from '../../docker/programs/snapshot/pieces.ts'
import { arrived, data, leavePart, marker, progress, readMarker, setting, snapshot, staging, written } from './snapshot-setting.ts'
import { needs } from './tools.ts'

const archive = zstd(tar(chainstate('mainnet', 3_000_000)))
const options = needs('zstd')

t.test('killed in the middle, it goes on where it was', options, async (t) => {
  const set = await setting(t, archive, { slow: 5_000 })
  const first = snapshot(t, set.env)
  await first.until(() => written(set.root) > 20, progress(set))
  await first.says(/downloading \d+ % \(\d+\.\d [kMB ]+of 3\.0 MB\)/)
  first.process.kill('SIGKILL')
  await first.ended
  delete set.server.faults.slow
  const second = snapshot(t, set.env)
  await arrived(t, set, archive)
  t.match(second.said(), /resuming with \d+ % here/)
  t.ok(set.server.counted.bytes < 1.1 * archive.length, 'little comes twice')
})

t.test('an archive that was replaced meanwhile is fetched from zero', options, async (t) => {
  const set = await setting(t, archive, { slow: 5_000 })
  const first = snapshot(t, set.env)
  await first.until(() => written(set.root) > 5, progress(set))
  first.process.kill('SIGKILL')
  await first.ended
  const newer = zstd(tar(chainstate('mainnet', 2_000_000)))
  set.server.files.set('/a/chain.tar.zst', newer).set('/a/chain.sha256', Buffer.from(sha256(newer)))
  delete set.server.faults.slow
  const second = snapshot(t, set.env)
  await arrived(t, set, newer)
  t.match(second.said(), /starting from zero: the archive has changed/)
})

t.test('killed after ever longer times, it arrives', options, async (t) => {
  const set = await setting(t, archive, { slow: 40_000 })
  for (let milliseconds = 60; !set.root.has(marker) && milliseconds < 1000; milliseconds += 20) {
    const running = snapshot(t, set.env)
    await new Promise((resolve) => { setTimeout(resolve, milliseconds) })
    running.process.kill('SIGKILL')
    await running.ended
    const place = `${data}/mainnet`
    if (set.root.has(place)) t.ok(set.root.has(`${place}/headers.sqlite`), `all or nothing, killed after ${milliseconds} ms`)
    else t.notOk(set.root.has(marker), `no chain data, no marker, killed after ${milliseconds} ms`)
  }
  snapshot(t, set.env)
  await arrived(t, set, archive)
})

t.test('a complete archive is not fetched again, but verified again, and half a tree is removed', options, async (t) => {
  const set = await setting(t, archive)
  leavePart(set, archive, {})
  set.root.write(`${staging}/tree/mainnet/half`, 'half')
  const running = snapshot(t, set.env)
  await arrived(t, set, archive)
  t.match(running.said(), /verified: sha256/)
  t.strictSame(set.server.requests, [])
  t.notOk(set.root.has(`${data}/mainnet/half`))
})

t.test('a damaged part is found out, and fetched anew', options, async (t) => {
  const set = await setting(t, archive)
  const damaged = Buffer.from(archive)
  damaged[1_000_000] = (damaged[1_000_000] ?? 0) ^ 1
  leavePart(set, damaged, { sha256: sha256(archive) })
  const running = snapshot(t, set.env)
  await arrived(t, set, archive)
  t.match(running.said(), /not what its publisher says/)
})

t.test('a part of another address is dropped', options, async (t) => {
  const set = await setting(t, archive)
  set.root.write(`${staging}/archive.part`, 'x'.repeat(1000))
  set.root.write(`${staging}/archive.json`, JSON.stringify({ asked: 'https://me:hush@old.example.net/a.tar.zst?x=hush', version: 'any', size: 5000 }))
  const running = snapshot(t, set.env)
  await arrived(t, set, archive)
  t.match(running.said(), /dropping what was fetched from https:\/\/old\.example\.net\/a\.tar\.zst\n/)
  t.notMatch(running.said(), /hush/)
})

t.test('killed between the rename and the marker, it knows its own work', options, async (t) => {
  const set = await setting(t, archive)
  const note = { source: 'https://example.net/a.tar.zst', sha256: 'ab', size: 1 }
  set.root.write(`${data}/mainnet/chainstate/vm/index.sqlite`, 'index')
  set.root.write(`${staging}/unpacked.json`, JSON.stringify({ root: set.root.at(`${staging}/tree/mainnet`), ...note }))
  await snapshot(t, set.env).until(() => set.root.has(marker), progress(set))
  t.strictSame(readMarker(set.root), note)
})

t.test('killed before the rename, it renames', options, async (t) => {
  const set = await setting(t, archive)
  mkdirSync(set.root.at(`${data}/mainnet`))
  set.root.write(`${staging}/tree/mainnet/chainstate/vm/index.sqlite`, 'index')
  set.root.write(`${staging}/tree/mainnet/burnchain/sortition/marf.sqlite`, 'sortitions')
  set.root.write(`${staging}/unpacked.json`, JSON.stringify({
    root: set.root.at(`${staging}/tree/mainnet`), source: set.env['SNAPSHOT_URL'], sha256: sha256(archive), size: archive.length,
  }))
  snapshot(t, set.env)
  await arrived(t, set, archive)
  t.strictSame(set.server.requests, [])
})

t.test('what a version before has left: what was durable counts, though its pieces are of another length', options, async (t) => {
  const set = await setting(t, archive)
  const segment = 2 * pieceLength(archive.length)
  const count = Math.ceil(archive.length / segment)
  const half = Math.floor(count / 2)
  // What was written and not durable is lost, as a power cut may leave it.
  const lost = Buffer.concat([archive.subarray(0, half * segment), Buffer.alloc(archive.length - half * segment)])
  const version = `"${sha256(archive).slice(0, 12)}"`
  const states = Array.from({ length: count }, (_, index) => (index < half ? 2 : 1))
  leavePart(set, lost, { sha256: sha256(archive), version, segment, boot: 'another' }, states)
  set.root.write(`${staging}/rejected-0123456789ab.part`, 'set aside')
  set.root.write(`${staging}/status.json`, '{}')
  const running = snapshot(t, set.env)
  await arrived(t, set, archive)
  t.match(running.said(), /resuming with (49|50) % here/)
  t.ok(set.server.counted.bytes > 0.45 * archive.length && set.server.counted.bytes < 0.55 * archive.length)
})
