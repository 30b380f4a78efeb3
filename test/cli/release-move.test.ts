/** A plain run that changes the release of a directory says and refuses what `upgrade` does. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { command, sbtcTestKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'
import { stack } from '../support/upgrade-stack.ts'

const at = (version: string, ...more: readonly string[]) =>
  ['STACK_NAME=s1', 'NETWORK=mainnet', `STACKS_VERSION=${version}`, 'PLATFORM=linux/amd64', 'BITCOIN_MODE=external', 'BITCOIN_HOST=b.example.net', ...more, ''].join('\n')

async function edited(t: Test, before: string, after: string): Promise<string> {
  const root = await stack(t, before)
  writeFileSync(join(root, 'answers.env'), after)
  return root
}

type Told = { readonly problems: readonly { readonly code: string; readonly severity: string; readonly message: string; readonly hint?: string }[] }
const problemsOf = async (root: string, argv: readonly string[]) => (JSON.parse((await command(root, [...argv, '--json'])).out) as Told).problems

t.test('a move back that the databases do not survive is refused, in the words of `upgrade`', async (t) => {
  const root = await stack(t, at('4.0.4'))
  const upgrade = await problemsOf(root, ['upgrade', '4.0.2'])
  writeFileSync(join(root, 'answers.env'), at('4.0.2'))
  const before = readFiles(root)
  const ran = await command(root, [])
  t.equal(ran.code, 2)
  t.match(ran.err, /answers\.env:3:16: error: stacks-signer 4\.0\.2 cannot read the schemas that 4\.0\.4 has written: its database 20 \(it reads up to 19\)/)
  t.match(ran.err, 'nothing was written')
  const lowered = (problems: Told['problems']) => problems.filter(({ code }) => code.startsWith('downgrade')).map(({ code, message, hint }) => ({ code, message, hint }))
  t.strictSame(lowered(await problemsOf(root, [])), lowered(upgrade))
  t.equal(lowered(upgrade).length, 2, 'of the node it is not recorded')
  for (const flag of ['--check', '--diff', '--dry-run', '--force']) t.equal((await command(root, [flag])).code, 2, flag)
  t.strictSame(readFiles(root), before)
})

t.test('with ALLOW_UNSUPPORTED=yes the refusal is a warning, and the next run has nothing to say of it', async (t) => {
  const root = await edited(t, at('4.0.4'), at('4.0.2', 'ALLOW_UNSUPPORTED=yes'))
  const ran = await command(root, [])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.err, 'cannot read the schemas that 4.0.4 has written')
  t.notMatch((await command(root, [])).err, 'schemas')
})

t.test('a move that cannot be undone is told, once', async (t) => {
  const root = await stack(t, at('4.0.2'))
  const { notes } = JSON.parse((await command(root, ['upgrade', '4.0.4', '--json'])).out) as { notes: readonly { code: string }[] }
  writeFileSync(join(root, 'answers.env'), at('4.0.4'))
  const told = (await problemsOf(root, ['--dry-run'])).map(({ code, severity }) => `${severity} ${code}`)
  for (const { code } of notes) t.ok(told.includes(`warning ${code}`), code)
  const ran = await command(root, [])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.err, 'this run moves the stack from 4.0.2 to 4.0.4')
  t.match(ran.err, 'stacks-signer migrates at its first start, with no way back: its database from schema 19 to 20')
  const again = await command(root, [])
  t.strictSame([again.code, again.err, again.out.split('\n')[0]], [0, '', 'nothing to do: the directory is what the answers say'])
})

t.test('the line to be typed after an upgrade names the directory as the shell takes it', async (t) => {
  const root = t.testdir({ 'a\'$(x) b': { 'answers.env': `${at('4.0.2')}SIGNER_KEY=generate\n` } })
  const file = 'a\'$(x) b/answers.env'
  t.equal((await command(root, [file])).code, 0)
  const ran = await command(root, ['upgrade', '4.0.4', file, '--yes'])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.out, `next: cd '${join(root, 'a').replaceAll('\'', '\'\\\'\'')}'\\''$(x) b' && make pull`)
})

t.test('a generator that did not record the releases: the Compose file names them', async (t) => {
  const root = await edited(t, at('4.0.4'), at('4.0.2'))
  const path = join(root, '.stack-manifest.json')
  const { releases, ...old } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  t.strictSame(releases, { node: '4.0.4', signer: '4.0.4' })
  writeFileSync(path, JSON.stringify(old))
  const ran = await command(root, [])
  t.equal(ran.code, 2)
  t.match(ran.err, 'cannot read the schemas that 4.0.4 has written')
})

t.test('a Compose file moved by hand may have been started, whatever the manifest says', async (t) => {
  const root = await stack(t, at('4.0.2'))
  const path = join(root, 'docker-compose.yml')
  writeFileSync(path, readFileSync(path, 'utf8').replace(/stacks-signer:4\.0\.2/, 'stacks-signer:4.0.4'))
  const ran = await command(root, ['--force'])
  t.equal(ran.code, 2)
  t.match(ran.err, 'stacks-signer 4.0.2 cannot read the schemas that 4.0.4 has written')
})

t.test('a fleet: the stack that would go back is named, and none is written', async (t) => {
  const one = (version: string, name: string, port: number) => `${at(version).replace('s1', name)}NODE_P2P_PORT=${port}\nAUTH_TOKEN=a-token-of-${name}-in-this-test\nSIGNER_KEY=generate\n`
  const root = t.testdir({ f: { 'a.env': one('4.0.4', 'a', 20001), 'b.env': one('4.0.4', 'b', 20002) } })
  t.equal((await command(root, ['f/a.env', 'f/b.env'])).code, 0)
  writeFileSync(join(root, 'f/b.env'), one('4.0.2', 'b', 20002))
  const before = readFiles(root)
  const ran = await command(root, ['f/a.env', 'f/b.env'])
  t.equal(ran.code, 2)
  t.match(ran.err, /f\/b\.env:3:16: error: stacks-signer 4\.0\.2 cannot read the schemas/)
  t.strictSame(readFiles(root), before)
})

t.test('a split stack: both Compose files are looked at', async (t) => {
  const text = (version: string) => readFileSync(join(repository, 'examples/split.env'), 'utf8').replace(/(?<=^STACKS_VERSION=).*$/m, version)
  const root = t.testdir({ 'answers.env': `${text('4.0.4')}\nSIGNER_KEY=generate\n` })
  const first = await command(root, [])
  t.equal(first.code, 0, first.err)
  writeFileSync(join(root, 'answers.env'), text('4.0.2'))
  const manifest = join(root, '.stack-manifest.json')
  const { releases: _, ...old } = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, unknown>
  writeFileSync(manifest, JSON.stringify(old))
  t.match(await problemsOf(root, []), [{ code: 'downgrade-unknown', message: /stacks-node 4\.0\.2/ }, { code: 'downgrade', message: /stacks-signer 4\.0\.2/ }])
})

t.test('the sBTC signer\'s release: back is refused, forward is told', async (t) => {
  const set = ['02b61056bb84aa2ff7d740a31334c68a691e93ed3a229632e1b22e5b47bbb87ec0', '03b7606d1cc26cb9c315b114f765e46c1048881be8794add3024a9bb55212f314f']
  const text = (version: string, ...more: readonly string[]) => ['STACK_NAME=s1', 'NETWORK=mainnet', 'SIGNER=off', 'SBTC_SIGNER=on', `SBTC_VERSION=${version}`,
    `SBTC_SIGNING_SET=${set.join()}`, 'SBTC_SIGNATURES_REQUIRED=2', 'ALLOW_UNSUPPORTED=yes', ...more, ''].join('\n')
  const root = t.testdir({ 'a.env': text('1.3.3', `SBTC_PRIVATE_KEY=${sbtcTestKey}`, 'EMILY_API_KEY=an-api-key-of-nobody') })
  const first = await command(root, ['a.env', 'out'])
  t.equal(first.code, 0, first.err)
  const out = join(root, 'out')
  writeFileSync(join(out, 'answers.env'), text('1.4.0'))
  const forward = await command(out, [])
  t.equal(forward.code, 0, forward.err)
  t.match(forward.err, 'it is not recorded whether sbtc-signer 1.4.0 migrates its database')
  writeFileSync(join(out, 'answers.env'), text('1.3.3').replace('ALLOW_UNSUPPORTED=yes', ''))
  const back = await command(out, [])
  t.equal(back.code, 2)
  t.match(back.err, 'it is not recorded whether sbtc-signer 1.3.3 can read the database of 1.4.0')
})
