/** What V8 compiled is kept beside the bundle, and never believed where a bit of it or of its source is another. */

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runCompiled } from '../../generator/io/compiled.ts'
import { bundled } from './support/bundled.ts'

const load = (name: string) => import(name)
const text = (word: string) => `exports.made = () => ${JSON.stringify(word)}; globalThis.heard = [exports.made(), typeof require('node:fs').readFileSync, __filename, __dirname, module.exports === exports, typeof importBeside]`
const heard = () => (globalThis as unknown as { readonly heard: readonly unknown[] }).heard
const keptIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.compiled'))

t.test('the same, with and without', async (t) => {
  const folder = t.testdir({ 'a.js': text('one') })
  const file = join(folder, 'a.js')
  const want = ['one', 'function', file, folder, true, 'function']
  runCompiled(file, load)
  t.strictSame(heard(), want)
  t.strictSame(keptIn(folder), [], 'nothing is kept unasked')
  runCompiled(file, load)()
  t.strictSame(keptIn(folder), [`.a.js-${process.version}-${process.arch}.compiled`])
  const kept = join(folder, keptIn(folder)[0]!)
  const bytes = readFileSync(kept)
  runCompiled(file, load)()
  t.strictSame(heard(), want)
  t.strictSame(readFileSync(kept), bytes, 'what is good is not written again')

  // V8 would take it: the length is the same.
  writeFileSync(file, text('two'))
  runCompiled(file, load)()
  t.equal(heard()[0], 'two')
  t.notSame(readFileSync(kept), bytes)
})

t.test('one flipped bit anywhere, or less of it, and it is made anew', async (t) => {
  const folder = t.testdir({ 'a.js': text('one') })
  const file = join(folder, 'a.js')
  runCompiled(file, load)()
  const kept = join(folder, keptIn(folder)[0]!)
  const good = readFileSync(kept)
  const damaged = [
    ...Array.from({ length: 40 }, (_, part) => {
      const bytes = Buffer.from(good)
      bytes[Math.floor((part * (good.length - 1)) / 39)]! ^= 1 << (part % 8)
      return bytes
    }),
    good.subarray(0, 0), good.subarray(0, 20), good.subarray(0, good.length - 1), Buffer.alloc(good.length),
  ]
  for (const bytes of damaged) {
    writeFileSync(kept, bytes)
    runCompiled(file, load)()
    t.equal(heard()[0], 'one')
    t.not(Buffer.compare(readFileSync(kept), bytes), 0)
  }
})

t.test('where nothing can be written, nothing is said', async (t) => {
  const folder = t.testdir({ 'a.js': text('one') })
  // A folder of that name stands in the way of everyone, root too.
  mkdirSync(join(folder, `.a.js-${process.version}-${process.arch}.compiled`))
  t.doesNotThrow(() => { runCompiled(join(folder, 'a.js'), load)() })
  t.equal(heard()[0], 'one')
  t.strictSame(readdirSync(folder).length, 2, 'and nothing is left')
})

t.test('what a file throws comes through', async (t) => {
  const folder = t.testdir({ 'a.js': 'throw new Error("of the file")' })
  for (const _ of [1, 2]) t.throws(() => runCompiled(join(folder, 'a.js'), load), /of the file/)
})

t.test('the command keeps what generating needs, and works the same with it', async (t) => {
  const root = t.testdir({})
  const { dist } = await bundled(root)
  writeFileSync(join(root, 'a.env'), 'STACK_NAME=s1\nNETWORK=testnet\nSIGNER_KEY=generate\nTLS_SIDECARS=on\n')
  const run = (...argv: readonly string[]) => spawnSync(process.execPath, [join(dist, 'main.js'), ...argv], { cwd: root, encoding: 'utf8', env: { HOME: root } })

  t.equal(run('--help').status, 0)
  t.equal(run('missing.env').status, 2)
  t.strictSame(keptIn(dist), [], 'after a run that generates, and no other')
  const first = run('a.env', 'out')
  t.equal(first.status, 0, first.stderr)
  const [kept] = keptIn(dist)
  t.ok(kept)
  const size = statSync(join(dist, kept!)).size
  t.ok(size > 300_000, `${size} bytes`)
  writeFileSync(join(root, 'out/Makefile'), '# mine\n')
  t.match(run('a.env', 'out'), { status: 2, stderr: /# mine/ }, 'what is loaded when it is needed, is found')
  t.equal(run('certs', 'out').status, 0)
  t.match(run('--help').stdout, /create-stacks-signer-stack/)
  t.match(run('upgrade', 'nowhere.env').stderr, /nowhere\.env/)
  t.equal(run('keygen', 'key').status, 0)
  t.ok(existsSync(join(root, 'key/secrets/signer-private-key')))
})

t.test('in a package that is not the user\'s own', process.getuid?.() === 0 ? {} : { skip: 'only root can be another user' }, async (t) => {
  const root = t.testdir({ work: {} })
  const { dist } = await bundled(root)
  chmodSync(join(root, 'work'), 0o777)
  writeFileSync(join(root, 'work/a.env'), 'STACK_NAME=s1\nNETWORK=testnet\nSIGNER_KEY=generate\n')
  const ran = spawnSync(process.execPath, [join(dist, 'main.js'), 'a.env', 'out'], { cwd: join(root, 'work'), encoding: 'utf8', env: { HOME: '/nonexistent' }, uid: 1234, gid: 1234 })
  t.match([ran.status, ran.stdout], [0, /next: cd/], ran.stderr)
  t.strictSame(keptIn(dist), [])
})
