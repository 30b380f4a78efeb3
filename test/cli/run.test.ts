/** What the command says and does, from argv to exit code. */

import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { command, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'

const answers = 'STACK_NAME=s1\nNETWORK=mainnet\n'
const generating = `${answers}SIGNER_KEY=generate\n`

t.test('the first run makes the directory, the second finds nothing to do', async (t) => {
  const root = t.testdir({ 'a.env': generating })
  const first = await command(root, ['a.env', 'out'])
  t.equal(first.code, 0, first.err)
  t.match(first.out, '+ docker-compose.yml')
  t.match(first.out, /signer SP\w+ {2}public key 0[23][0-9a-f]{64}/)
  t.match(first.out, 'docker compose up -d')
  const before = readFiles(join(root, 'out'))
  const again = await command(root, ['a.env', 'out'])
  t.equal(again.code, 0, again.err)
  t.match(again.out, 'nothing to do')
  t.strictSame(readFiles(join(root, 'out')), before)
  const inside = await command(join(root, 'out'), ['--check'])
  t.equal(inside.code, 0, 'the planted answers.env generates the same')
})

t.test('secrets are 0600 in a 0700 folder, and stand in no other file and no output', async (t) => {
  const root = t.testdir({ 'a.env': `${answers}SIGNER_PRIVATE_KEY=${testKey}\nAUTH_TOKEN=token-with-$-and-"quotes"-0001\n` })
  const ran = await command(root, ['a.env', 'out'])
  t.equal(ran.code, 0, ran.err)
  const secrets = join(root, 'out/secrets')
  t.equal(statSync(secrets).mode & 0o777, 0o700)
  for (const name of ['signer-private-key', 'auth-token']) t.equal(statSync(join(secrets, name)).mode & 0o777, 0o600)
  t.equal(readFileSync(join(secrets, 'signer-private-key'), 'utf8'), `${testKey}\n`)
  const rest = JSON.stringify(readFiles(join(root, 'out'), ['secrets'])) + ran.out + ran.err
  t.notMatch(rest, testKey.slice(0, 64))
  t.notMatch(rest, 'token-with-')
  t.match(readFileSync(join(root, 'out/answers.env'), 'utf8'), answers)
})

t.test('no key and SIGNER_KEY=provided: the two ways out, and nothing written', async (t) => {
  const root = t.testdir({ 'a.env': answers })
  const ran = await command(root, ['a.env', 'out'])
  t.equal(ran.code, 2)
  t.match(ran.err, 'no signer key found; keys are never generated automatically')
  t.match(ran.err, 'keygen')
  t.notOk(existsSync(join(root, 'out')))
})

t.test('keygen makes a key once and never again', async (t) => {
  const root = t.testdir({ 'a.env': answers })
  const made = await command(root, ['keygen', 'out'])
  t.equal(made.code, 0, made.err)
  const key = readFileSync(join(root, 'out/secrets/signer-private-key'), 'utf8').trim()
  const words = readFileSync(join(root, 'out/secrets/signer-mnemonic'), 'utf8').trim()
  t.equal(words.split(' ').length, 24)
  t.notMatch(made.out + made.err, key.slice(0, 64))
  t.notMatch(made.out + made.err, words)
  const again = await command(root, ['keygen', 'out'])
  t.equal(again.code, 2)
  t.match(again.err, 'already exists')
  t.equal(readFileSync(join(root, 'out/secrets/signer-private-key'), 'utf8').trim(), key)
  const ran = await command(root, ['a.env', 'out'])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.out, /signer SP/)
})

t.test('a given secret that differs from the stored one is a conflict', async (t) => {
  const root = t.testdir({ 'a.env': `${answers}SIGNER_PRIVATE_KEY=${testKey}\n` })
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  writeFileSync(join(root, 'a.env'), `${answers}SIGNER_PRIVATE_KEY=${'1'.repeat(64)}\nAUTH_TOKEN=another-token-of-16\n`)
  const before = readFiles(join(root, 'out'))
  const ran = await command(root, ['a.env', 'out'])
  t.equal(ran.code, 2)
  t.match(ran.err, 'SIGNER_PRIVATE_KEY differs from the stored secrets/signer-private-key')
  t.match(ran.err, 'AUTH_TOKEN differs')
  t.notMatch(ran.err, '1111111111')
  t.strictSame(readFiles(join(root, 'out')), before)
})

t.test('another key in secrets/ than the stack was generated for is refused', async (t) => {
  const root = t.testdir({ 'a.env': `${answers}SIGNER_PRIVATE_KEY=${testKey}\n` })
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  writeFileSync(join(root, 'out/secrets/signer-private-key'), `${'2'.repeat(64)}\n`)
  const ran = await command(join(root, 'out'), [])
  t.equal(ran.code, 2)
  t.match(ran.err, 'but this stack was generated for SP')
  t.match(await command(join(root, 'out'), ['--force']), { code: 2, err: /run once with --new-signer-key/ })
  t.match(await command(join(root, 'out'), ['--new-signer-key', '--check']), { code: 1, err: /THE SIGNER OF THIS STACK HAS CHANGED: it was SP1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRCBGD7R/ })
  const accepted = await command(join(root, 'out'), ['--new-signer-key'])
  const was = /it was (S\S+) \(public key 0390a5[0-9a-f]+\), and now it is (S\S+) \(public key 02466d[0-9a-f]+\)/.exec(accepted.err)!
  t.match(accepted, { code: 0, out: `signer ${was[2]!}` })
  t.notMatch((await command(join(root, 'out'), [])).err, 'HAS CHANGED', 'once')
})

t.test('a lost manifest does not let another key in', async (t) => {
  const root = t.testdir({ 'a.env': `${answers}SIGNER_PRIVATE_KEY=${testKey}\n` })
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  rmSync(join(root, 'out/.stack-manifest.json'))
  writeFileSync(join(root, 'out/secrets/signer-private-key'), `${'2'.repeat(64)}\n`)
  t.match(await command(join(root, 'out'), ['--force']), { code: 2, err: /is the key of SP.*but this stack was generated for SP1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRCBGD7R/ })
  t.match(await command(join(root, 'out'), ['--force', '--new-signer-key']), { code: 0, err: /HAS CHANGED: it was SP1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRCBGD7R/ })
})

t.test('a clone without secrets/ regenerates, and invents nothing', async (t) => {
  const root = t.testdir({ 'a.env': generating })
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  rmSync(join(root, 'out/secrets'), { recursive: true })
  const check = await command(join(root, 'out'), ['--check'])
  t.equal(check.code, 0, check.out + check.err)
  const ran = await command(join(root, 'out'), [])
  t.equal(ran.code, 0)
  t.match(ran.err, 'secrets/signer-private-key is not here')
  t.notOk(existsSync(join(root, 'out/secrets')))
})

t.test('--check, --dry-run and --diff write nothing and say what would change', async (t) => {
  const root = t.testdir({ 'a.env': generating })
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  const answersPath = join(root, 'out/answers.env')
  writeFileSync(answersPath, `${readFileSync(answersPath, 'utf8')}NODE_P2P_PORT=20555\nPUBLIC_ADDRESS=203.0.113.7\n`)
  const before = readFiles(join(root, 'out'))
  const cwd = join(root, 'out')
  const check = await command(cwd, ['--check'])
  t.equal(check.code, 1)
  t.match(check.out, '~ docker-compose.yml')
  const dry = await command(cwd, ['--dry-run'])
  t.equal(dry.code, 0)
  t.match(dry.out, '~ config/node-config.toml')
  const diff = await command(cwd, ['--diff'])
  t.match(diff.out, '-      - 20444:20444/tcp')
  t.match(diff.out, '+      - 20555:20444/tcp')
  t.match(diff.out, 'public_ip_address = "203.0.113.7:20555"')
  t.strictSame(readFiles(cwd), before)
  const json = await command(cwd, ['--json', '--check'])
  t.equal(json.code, 1)
  const parsed = JSON.parse(json.out) as { format: number; changes: { path: string; kind: string }[] }
  t.equal(parsed.format, 1)
  t.ok(parsed.changes.some(({ path, kind }) => path === 'docker-compose.yml' && kind === 'update'))
})

t.test('a file edited by hand is a conflict with its diff; --force keeps the edited copy', async (t) => {
  const root = t.testdir({ 'a.env': generating })
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  const cwd = join(root, 'out')
  const path = join(cwd, 'Makefile')
  const original = readFileSync(path, 'utf8')
  writeFileSync(path, `${original}# mine\n`)
  const ran = await command(cwd, [])
  t.equal(ran.code, 2)
  t.match(ran.err, 'Makefile')
  t.match(ran.err, '-# mine')
  t.match(ran.err, '1 error; nothing was written')
  t.equal(readFileSync(path, 'utf8'), `${original}# mine\n`)
  t.equal((await command(cwd, ['--force'])).code, 0)
  t.equal(readFileSync(path, 'utf8'), original)
  t.equal(readFileSync(`${path}.orig`, 'utf8'), `${original}# mine\n`)
})

t.test('a file that the answers no longer want is removed', async (t) => {
  const root = t.testdir({ 'a.env': generating })
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  const cwd = join(root, 'out')
  t.ok(existsSync(join(cwd, 'config/bitcoin.conf')))
  writeFileSync(join(cwd, 'answers.env'), `${generating}BITCOIN_MODE=external\nBITCOIN_HOST=bitcoin.example.net\n`)
  const ran = await command(cwd, [])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.out, '- config/bitcoin.conf')
  t.notOk(existsSync(join(cwd, 'config/bitcoin.conf')))
})

t.test('usage', async (t) => {
  const root = t.testdir({ 'a.env': generating })
  const cases: readonly [readonly string[], Record<string, string>, string][] = [
    [['--chekc'], {}, 'unknown option --chekc'],
    [['a.env', 'b', 'c'], {}, 'expected an answer file and a directory, or answer files alone: "b", "c" are none'],
    [['missing.env'], {}, 'missing.env: there is no such answer file'],
    [['a.env', 'out'], { npm_command: 'init', npm_config_check: 'true' }, 'npm kept --check for itself'],
    [['a.env', 'out'], { npm_command: 'init', npm_config_dry_run: 'true' }, 'npm kept --dry-run for itself'],
  ]
  for (const [argv, environment, want] of cases) {
    const ran = await command(root, argv, environment)
    t.equal(ran.code, 2, argv.join(' '))
    t.match(ran.err, want)
    t.notOk(existsSync(join(root, 'out')))
  }
  t.equal((await command(root, ['--version'])).out, '0.1.0\n')
  t.match((await command(root, ['--', '--help'])).out, 'Usage:')
})

