/** A run over a stack that stands says at once what the last one said, and only while nothing that it looked at was touched. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bundled } from '../package/support/bundled.ts'
import { putExampleSecrets } from '../support/example-secrets.ts'
import { repository } from '../support/repository.ts'

const root = t.testdir({})
const { dist } = await bundled(root)
/** What a file must have been left alone for. */
const settle = () => new Promise((resolve) => { setTimeout(resolve, 2300) })

interface Note { readonly out: string; readonly err: string; readonly states: readonly (readonly [string, string])[] }
function readNote(path: string): Note {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)
  return { ...lines.pop() as Pick<Note, 'out' | 'err'>, states: lines as Note['states'] }
}

const cacheOf = (cwd: string) => join(cwd, 'home/.cache/create-stacks-signer-stack')
const ownNote = (cwd: string) => join(cacheOf(cwd), Buffer.from([cwd, 'a.env', 'out'].join('\0')).toString('base64url'))

/** A stack of an example, a home for its notes, and the command in it. */
function place(name: string, example: string) {
  const cwd = join(root, name)
  const cache = cacheOf(cwd)
  mkdirSync(join(cwd, 'home'), { recursive: true })
  cpSync(join(repository, 'examples', example), join(cwd, 'a.env'))
  putExampleSecrets(join(cwd, 'out'), readFileSync(join(cwd, 'a.env'), 'utf8'))
  const run = (argv: readonly string[] = ['a.env', 'out'], environment: Readonly<Record<string, string>> = {}, before: readonly string[] = []) =>
    spawnSync(process.execPath, [...before, join(dist, 'main.js'), ...argv], { cwd, encoding: 'utf8', env: { HOME: join(cwd, 'home'), ...environment } })
  const notes = () => { try { return readdirSync(cache).map((one) => join(cache, one)) } catch { return [] } }
  const own = ownNote(cwd)
  return {
    cwd, run, notes, own,
    note: () => readNote(own),
    /** So that what comes from the note is known. */
    mark: () => {
      writeFileSync(own, readFileSync(own, 'utf8').replace(/"out":".*$/m, '"out":"from the note\\n","err":"and its warnings\\n"}'))
    },
  }
}

const { cwd, run, notes, own, note, mark } = place('stack', 'mainnet.env')
t.equal(run().status, 0)
t.strictSame(notes(), [], 'what was just written may be written again unseen')
await settle()
const want = run()
t.match([want.status, want.stdout], [0, /nothing to do/])
t.equal(notes().length, 1)
t.strictSame({ out: note().out, err: note().err }, { out: want.stdout, err: want.stderr })
t.notMatch(readFileSync(own, 'utf8'), readFileSync(join(cwd, 'out/secrets/auth-token'), 'utf8').trim())

t.test('it says the same', async (t) => {
  const again = run()
  t.strictSame([again.status, again.stdout, again.stderr], [0, want.stdout, want.stderr])
  mark()
  const marked = run()
  t.strictSame([marked.status, marked.stdout, marked.stderr], [0, 'from the note\n', 'and its warnings\n'], 'and looks at no content for that')
})

t.test('other words, other settings, another tool look for themselves', async (t) => {
  for (const [name, argv, environment] of [
    ['another directory', ['a.env', './out'], {}], ['a flag', ['a.env', 'out', '--check'], {}], ['colours', ['a.env', 'out'], { FORCE_COLOR: '1' }],
    ['under npm', ['a.env', 'out'], { npm_command: 'exec' }], ['another home', ['a.env', 'out'], { XDG_CACHE_HOME: join(cwd, 'home/other') }], ['a relative home', ['a.env', 'out'], { HOME: 'home' }],
  ] as const) t.notMatch(run(argv, environment).stdout, 'from the note', name)
})

t.test('a tool that stands elsewhere looks for itself, and its note is its own', async (t) => {
  cpSync(join(root, 'package'), join(root, 'other'), { recursive: true })
  const other = () => spawnSync(process.execPath, [join(root, 'other/dist/main.js'), 'a.env', 'out'], { cwd, encoding: 'utf8', env: { HOME: join(cwd, 'home') } })
  run()
  mark()
  t.match(run().stdout, 'from the note')
  t.equal(other().stdout, want.stdout)
})

/** What is done to a stack in `cwd`, and what the next run says of it. */
interface Touch { readonly name: string; readonly before?: (cwd: string) => void; readonly touch: (cwd: string) => void; readonly says: RegExp }
const edit = (path: string, says: RegExp, change: (text: string) => string): Touch =>
  ({ name: path, says, touch: (cwd) => { writeFileSync(join(cwd, path), change(readFileSync(join(cwd, path), 'utf8'))) } })
const nothing = /nothing to do/
const touches: readonly Touch[] = [
  edit('a.env', /answers\.env: it says otherwise/, (text) => `${text}\nPLATFORM=linux/amd64\n`),
  edit('out/answers.env', /answers\.env: it says otherwise/, (text) => `${text}\nPLATFORM=linux/amd64\n`),
  edit('out/Makefile', /Makefile: edited by hand/, (text) => `${text}# mine\n`),
  edit('out/docker/tools/init.py', /init\.py: edited by hand/, (text) => text.replace('import', 'export')),
  edit('out/.stack-manifest.json', /stack-manifest\.json/, (text) => text.replace('"version"', '"versio"')),
  edit('out/secrets/auth-token', /cannot be used/, () => 'x y\n'),
  { name: 'a file that is gone', says: /\+ README\.md/, touch: (cwd) => { unlinkSync(join(cwd, 'out/README.md')) } },
  { name: 'a secret that is gone', says: /auth-token +new/, touch: (cwd) => { unlinkSync(join(cwd, 'out/secrets/auth-token')) } },
  { name: 'a mode', says: /open to other users/, touch: (cwd) => { chmodSync(join(cwd, 'out/secrets/signer-private-key'), 0o644) } },
  { name: 'a lock', says: /images\.lock\.json/, touch: (cwd) => { writeFileSync(join(cwd, 'out/images.lock.json'), '{}') } },
  {
    name: 'a link in the place of a folder', says: /symbolic link/,
    touch: (cwd) => { renameSync(join(cwd, 'out/docker'), join(cwd, 'elsewhere')); symlinkSync('../elsewhere', join(cwd, 'out/docker')) },
  },
  {
    name: 'answers behind a link', says: /it says otherwise/,
    touch: (cwd) => { const file = join(cwd, 'answers/a.env'); writeFileSync(file, `${readFileSync(file, 'utf8')}\nPLATFORM=linux/amd64\n`) },
    before: (cwd) => { mkdirSync(join(cwd, 'answers')); renameSync(join(cwd, 'a.env'), join(cwd, 'answers/a.env')); symlinkSync('answers/a.env', join(cwd, 'a.env')) },
  },
  {
    name: 'a link on the way to them', says: /it says otherwise/,
    touch: (cwd) => { unlinkSync(join(cwd, 'now')); symlinkSync('second', join(cwd, 'now')) },
    before: (cwd) => {
      for (const name of ['first', 'second']) { mkdirSync(join(cwd, name)); cpSync(join(cwd, 'a.env'), join(cwd, name, 'a.env')) }
      writeFileSync(join(cwd, 'second/a.env'), `${readFileSync(join(cwd, 'a.env'), 'utf8')}\nPLATFORM=linux/amd64\n`)
      unlinkSync(join(cwd, 'a.env'))
      symlinkSync('first', join(cwd, 'now'))
      symlinkSync('now/a.env', join(cwd, 'a.env'))
    },
  },
  { name: 'a note that others can write', says: nothing, touch: (cwd) => { chmodSync(ownNote(cwd), 0o666) } },
  { name: 'a note that is none', says: nothing, touch: (cwd) => { writeFileSync(ownNote(cwd), '{"states":') } },
  // The last one: it is the tool of all.
  { name: 'the tool', says: nothing, touch: () => { utimesSync(join(dist, 'command.js'), 0, 0) } },
]

t.test('whatever was touched is looked at again', async (t) => {
  const stacks = touches.map(({ name }) => place(name.replaceAll('/', ' '), 'mainnet.env'))
  for (const [index, { cwd, run }] of stacks.entries()) {
    touches[index]!.before?.(cwd)
    t.equal(run().status, 0)
  }
  await settle()
  for (const { run } of stacks) run()
  for (const [index, { name, touch, says }] of touches.entries()) {
    const { cwd, run, mark } = stacks[index]!
    mark()
    t.equal(run().stdout, 'from the note\n', `${name}: before`)
    touch(cwd)
    const ran = run()
    t.match(ran.stdout + ran.stderr, says, name)
  }
})

t.test('a fleet stands where each of its stacks does', async (t) => {
  const fleet = join(root, 'fleet')
  const home = join(fleet, 'home')
  const names = Array.from({ length: 12 }, (_, index) => `stacks/a-signer-of-many-${index}.env`)
  mkdirSync(join(fleet, 'stacks'), { recursive: true })
  mkdirSync(home)
  for (const [index, name] of names.entries()) writeFileSync(join(fleet, name), `STACK_NAME=s${index}\nNETWORK=testnet\nSIGNER_KEY=generate\nMACHINE=m${index}\n`)
  const run = (...more: readonly string[]) => spawnSync(process.execPath, [join(dist, 'main.js'), ...names, ...more], { cwd: fleet, encoding: 'utf8', env: { HOME: home } })
  const folder = join(home, '.cache/create-stacks-signer-stack')
  const made = run()
  t.equal(made.status, 0, made.stderr)
  const [late, now] = [join(fleet, 'stacks/a-signer-of-many-11/Makefile'), Date.now() / 1000]
  utimesSync(late, now, now + 3600)
  run()
  t.strictSame(readdirSync(folder), [], 'one file is too new')
  utimesSync(late, now, now)
  await settle()
  const want = run()
  t.match([want.status, want.stdout], [0, /12 stacks/])
  const [name, ...others] = readdirSync(folder)
  t.match([name, others], [/^[0-9a-f]{64}$/, []])
  const note = join(folder, name!)
  t.strictSame([run().stdout, run().stderr], [want.stdout, want.stderr])
  writeFileSync(note, readFileSync(note, 'utf8').replace(/"out":".*$/m, '"out":"from the note\\n","err":""}'))
  t.equal(run().stdout, 'from the note\n')
  t.notMatch(run('--check').stdout, 'from the note')
  unlinkSync(join(fleet, 'stacks/a-signer-of-many-7/README.md'))
  t.match(run('--check'), { status: 1, stdout: /a-signer-of-many-7/ })
  t.match(run().stdout, /a-signer-of-many-7/)
  t.equal(run().stdout, want.stdout)
})

t.test('certificates run out: nothing is said of them unseen', async (t) => {
  const split = place('split', 'split.env')
  split.run()
  await settle()
  t.match(split.run().stdout, nothing)
  t.strictSame(split.notes(), [])
})

/** Writes each path below the working directory that the process asks the file system for. */
const trace = join(root, 'trace.cjs')
writeFileSync(trace, `const fs = require('fs'), path = require('path')
const seen = new Set()
for (const name of ['openSync', 'readFileSync', 'lstatSync', 'statSync', 'existsSync', 'realpathSync', 'readdirSync', 'accessSync']) {
  const real = fs[name]
  fs[name] = Object.assign(function (at, ...rest) { if (typeof at === 'string') seen.add(path.resolve(at)); return real.call(fs, at, ...rest) }, real)
  if (real.native) fs[name].native = (at, ...rest) => { seen.add(path.resolve(at)); return real.native(at, ...rest) }
}
process.on('exit', () => fs.writeFileSync(process.env.TRACE, [...seen].filter((at) => at.startsWith(process.cwd()) && !at.startsWith(process.env.HOME)).join('\\n')))
`)
const traced = readdirSync(join(repository, 'examples')).filter((name) => name !== 'split.env').sort().map((example) => ({ example, ...place(`traced ${example}`, example) }))
for (const { run } of traced) t.equal(run().status, 0)
await settle()
for (const { example, cwd, run, note } of traced) {
  t.test(`${example}: nothing is looked at that the note does not hold`, async (t) => {
    t.match(run(['a.env', 'out'], { TRACE: join(root, 'seen') }, ['--require', trace]).stdout, nothing)
    const held = new Set(note().states.map(([path]) => path))
    const seen = readFileSync(join(root, 'seen'), 'utf8').split('\n')
    t.ok(seen.includes(join(cwd, 'out/secrets/auth-token')) && seen.includes(join(cwd, 'a.env')) && seen.length > 60, `${seen.length} paths were seen`)
    t.strictSame(seen.filter((path) => !held.has(path)), [])
  })
}
