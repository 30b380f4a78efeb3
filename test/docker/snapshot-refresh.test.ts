/** Replacing chain data on purpose: what is verified first, what is kept, and what a kill at any point leaves. */

import { readdirSync, rmSync } from 'node:fs'
import t, { type Test } from 'tap'
import { chainstate, sha256, tar, zstd } from './archives.ts'
import { arrived, data, marker, readMarker, setting, snapshot, staging, type Setting } from './snapshot-setting.ts'
import { needs, programPath, start, until } from './tools.ts'

const options = needs('zstd')
const first = zstd(tar(chainstate('mainnet', 100_000)))
const second = zstd(tar([...chainstate('mainnet', 100_000), { name: 'mainnet/chainstate/newer', content: 'newer' }]))
const swapNote = `${data}/.snapshot-swap.json`

/** Chain data in place, and a newer archive at the server. */
async function inPlace(t: Test): Promise<Setting> {
  const set = await setting(t, first)
  const running = snapshot(t, set.env)
  await arrived(t, set, first)
  running.process.kill('SIGKILL')
  await running.ended
  set.server.files.set('/a/chain.tar.zst', second).set('/a/chain.sha256', Buffer.from(sha256(second)))
  return set
}

const kept = (set: Setting) => readdirSync(set.root.at(data)).filter((name) => name.includes('.old-'))
const isNew = (set: Setting) => set.root.has(`${data}/mainnet/chainstate/newer`)

t.test('refresh, swap, forget', options, async (t) => {
  const set = await inPlace(t)
  const refreshed = await snapshot(t, set.env, '--refresh').ended
  t.equal(refreshed.code, 0)
  t.match(refreshed.out, /unpacked and verified; it takes the place of the old with the swap/)
  t.notOk(isNew(set), 'what is in use is untouched')
  t.equal((await snapshot(t, set.env, '--health').ended).code, 0)

  const swapped = await snapshot(t, set.env, '--swap').ended
  t.equal(swapped.code, 0)
  t.match(swapped.out, /the new chain data is in place; the old is kept as mainnet\.old-\d{8}T\d{6}Z/)
  t.ok(isNew(set))
  t.strictSame(readMarker(set.root), { source: set.env['SNAPSHOT_URL'], sha256: sha256(second), size: second.length })
  t.equal(kept(set).length, 1)
  t.ok(set.root.has(`${data}/${kept(set)[0]}/headers.sqlite`))
  t.notOk(set.root.has(staging) || set.root.has(swapNote), 'nothing else is left')

  t.equal((await snapshot(t, set.env, '--forget-old').ended).code, 0)
  t.strictSame(kept(set), [])
  t.ok(isNew(set))
})

t.test('a container that starts meanwhile leaves the unpacked tree alone', options, async (t) => {
  const set = await inPlace(t)
  await snapshot(t, set.env, '--refresh').ended
  const running = snapshot(t, set.env)
  await running.says(/nothing more to do/)
  t.ok(set.root.has(`${staging}/unpacked.json`))
  t.equal((await snapshot(t, set.env, '--swap').ended).code, 0)
  t.ok(isNew(set))
})

t.test('a bad archive changes nothing', options, async (t) => {
  const set = await inPlace(t)
  set.server.files.set('/a/chain.sha256', Buffer.from('ab'.repeat(32)))
  const refreshed = await snapshot(t, set.env, '--refresh').ended
  t.equal(refreshed.code, 1)
  t.match(refreshed.out, /not what its publisher says.*the chain data in use is untouched/)
  const swapped = await snapshot(t, set.env, '--swap').ended
  t.equal(swapped.code, 1)
  t.match(swapped.out, /nothing is unpacked for a swap/)
  t.ok(set.root.has(`${data}/mainnet/headers.sqlite`))
  t.equal(readMarker(set.root)['sha256'], sha256(first))
})

t.test('a node that runs is noticed', options, async (t) => {
  const set = await inPlace(t)
  const path = `${data}/mainnet/chainstate/vm/index.sqlite`
  rmSync(set.root.at(path))
  await snapshot(t, set.env, '--refresh').ended
  const script = 'const { DatabaseSync } = require("node:sqlite"); const base = new DatabaseSync(process.argv[1]); base.exec("PRAGMA journal_mode = WAL; CREATE TABLE one (two)"); '
    + 'console.log("open"); setInterval(() => base.isOpen, 1000)'
  const node = start(t, process.execPath, ['-e', script, set.root.at(path)], {})
  await node.says(/open/)
  const swapped = await snapshot(t, set.env, '--swap').ended
  t.equal(swapped.code, 1)
  t.match(swapped.out, /index\.sqlite is in use: stop the node first/)
  t.ok(set.root.has(path) && set.root.has(marker))
  node.process.kill('SIGKILL')
  await node.ended
  t.equal((await snapshot(t, set.env, '--swap').ended).code, 0)
  t.ok(isNew(set))
})

t.test('nothing to replace', options, async (t) => {
  const set = await setting(t, first)
  const refreshed = await snapshot(t, set.env, '--refresh').ended
  t.equal(refreshed.code, 1)
  t.match(refreshed.out, /there is no chain data to replace/)
})

t.test('killed at each step of the swap, old or new is live and never half', options, async (t) => {
  // Each of these calls changes something on the disk; the process dies before it.
  const died: (number | null)[] = []
  for (let step = 1; step <= 10; step += 1) {
    await t.test(`before step ${step}`, async (t) => {
      const set = await inPlace(t)
      await snapshot(t, set.env, '--refresh').ended
      const dying = `
        import fs from 'node:fs'
        import promises from 'node:fs/promises'
        import { syncBuiltinESMExports } from 'node:module'
        let left = ${step}
        for (const [where, name] of [[fs, 'renameSync'], [fs, 'unlinkSync'], [promises, 'rm']]) {
          const call = where[name]
          where[name] = (...words) => {
            left -= 1
            if (left === 0) process.exit(9)
            return call(...words)
          }
        }
        syncBuiltinESMExports()`
      const { code } = await start(t, process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(dying)}`, programPath('snapshot'), '--swap'], set.env).ended
      died.push(code)
      if (set.root.has(marker)) t.ok(set.root.has(`${data}/mainnet/headers.sqlite`), 'a marker means that chain data is there')
      const running = snapshot(t, set.env)
      await running.says(/nothing more to do/)
      running.process.kill('SIGKILL')
      await running.ended
      t.ok(set.root.has(`${data}/mainnet/headers.sqlite`) && set.root.has(`${data}/mainnet/chainstate/vm/index.sqlite`))
      t.equal(readMarker(set.root)['sha256'], sha256(isNew(set) ? second : first), 'the marker says which it is')
      t.equal(kept(set).length, isNew(set) ? 1 : 0)
      t.notOk(set.root.has(swapNote))
      if (!isNew(set)) t.equal((await snapshot(t, set.env, '--swap').ended).code, 0, 'and the swap can be done again')
      await until(() => isNew(set), () => `kept: ${kept(set).join(' ')}`)
    })
  }
  t.strictSame([...new Set(died)], [9, 0], 'it dies at each of its steps, and then there is none left')
})
