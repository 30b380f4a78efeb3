/** Where the package is installed, and where it is run: neither changes a byte of what it makes. */

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'
import { inHome, newHome, outside, ran, type Ran } from './support/npm.ts'
import { nowhere, packed } from './support/packed.ts'

const root = outside(t, 'ein Ordner für 100% #1? 日本語 $HOME')
const { path: tarball } = await packed(root)
const prefix = join(root, 'global prefix')
const home = newHome(root, nowhere)
mkdirSync(prefix)
const everywhere = await inHome(home, 'npm', ['install', '--global', '--prefix', prefix, tarball], { cwd: root })
t.equal(everywhere.code, 0, everywhere.err)
const installed = join(prefix, 'lib/node_modules/create-stacks-signer-stack')

/** What the example makes when `argv` is run from a directory of that name, without its secrets. */
async function made(t: Test, argv: readonly string[], name = 'work', more: (cwd: string) => void = () => {}): Promise<Record<string, string>> {
  const cwd = outside(t, name)
  cpSync(join(repository, 'examples/mainnet.env'), join(cwd, 'my answers.env'))
  mkdirSync(join(cwd, 'out/secrets'), { recursive: true, mode: 0o700 })
  writeFileSync(join(cwd, 'out/secrets/signer-private-key'), `${testKey}\n`, { mode: 0o600 })
  more(cwd)
  const [program, ...words] = argv
  const result: Ran = await ran(program!, [...words, 'my answers.env', 'out'], cwd, { PATH: process.env['PATH'] ?? '' })
  t.equal(result.code, 0, result.err)
  return readFiles(join(cwd, 'out'), ['secrets'])
}

t.test('everywhere the same', async (t) => {
  const bin = join(prefix, 'bin/create-stacks-signer-stack')
  t.ok(lstatSync(bin).isSymbolicLink())
  const want = await made(t, [bin])
  t.ok(want['docker-compose.yml'] && want['docker/init.mjs'])
  const node = process.execPath
  const direct = join(installed, 'dist/main.js')

  t.strictSame(await made(t, [node, direct], 'späces & ünïcode 日本語 50%'), want, 'from a directory of another name')
  t.strictSame(await made(t, [node, direct], 'ops', (cwd) => { writeFileSync(join(cwd, 'package.json'), '{"type":"commonjs"}\n') }), want, 'beside CommonJS')
  t.strictSame(await made(t, [node, direct], 'ops', (cwd) => { writeFileSync(join(cwd, 'package.json'), 'broken') }), want, 'beside a broken package.json')

  const here = outside(t)
  writeFileSync(join(here, 'package.json'), '{"private":true,"type":"commonjs"}\n')
  const local = await inHome(home, 'npm', ['install', '--save-dev', tarball], { cwd: here })
  t.equal(local.code, 0, local.err)
  t.strictSame(await made(t, [join(here, 'node_modules/.bin/create-stacks-signer-stack')]), want, 'through node_modules/.bin')

  const linked = outside(t)
  symlinkSync(installed, join(linked, 'package'))
  symlinkSync(join(linked, 'package/dist/main.js'), join(linked, 'command'))
  t.strictSame(await made(t, [join(linked, 'command')]), want, 'through a link to a file below a link')
  t.strictSame(await made(t, [node, '--preserve-symlinks', '--preserve-symlinks-main', join(linked, 'package/dist/main.js')]), want, 'with links kept')
})

t.test('on a read-only file system, of which nothing is changed', async (t) => {
  const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && { ! touch "$0/probe" 2>/dev/null; } && exec "$@"'
  const inReadOnly = (...argv: readonly string[]) => ['unshare', '--mount', 'sh', '-c', script, installed, ...argv]
  const [program, ...words] = inReadOnly('true')
  if (spawnSync(program!, words).status !== 0) {
    const missing = 'no mount namespace can be had here (needs root and unshare)'
    if (process.env['REQUIRE_ENGINES'] === '1') t.fail(missing)
    else t.pass('skipped', { skip: missing })
    return
  }
  const before = readFiles(installed)
  const node = process.execPath
  const files = await made(t, inReadOnly(node, join(installed, 'dist/main.js')))
  t.ok(files['docker-compose.yml'])
  t.strictSame(files, await made(t, [node, join(installed, 'dist/main.js')]))
  t.strictSame(readFiles(installed), before)
  const cwd = outside(t)
  const keygen = await ran('unshare', inReadOnly(node, join(installed, 'dist/main.js'), 'keygen', 'out').slice(1), cwd, { PATH: process.env['PATH'] ?? '' })
  t.equal(keygen.code, 0, keygen.err)
  t.ok(existsSync(join(cwd, 'out/secrets/signer-private-key')))
})

t.test('a package that has lost a file says so, and not with exit code 1', async (t) => {
  const broken = join(outside(t), 'package')
  cpSync(installed, broken, { recursive: true })
  rmSync(join(broken, 'dist/command.js'))
  const result = await ran(process.execPath, [join(broken, 'dist/main.js'), '--version'], root, { PATH: process.env['PATH'] ?? '' })
  t.equal(result.code, 2)
  t.match(result.err, /create-stacks-signer-stack is broken, install it again: .*command\.js/)
})
