/** `upgrade` as a command: what it says of this stack, what it refuses, and what it asks. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { command } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { shellWord } from '../support/shell.ts'
import { asking, head, pinned, stack } from '../support/upgrade-stack.ts'

t.test('without consent: notes, diff and containers are shown, and nothing is written', async (t) => {
  const root = await stack(t, pinned)
  const before = readFiles(root)
  const ran = await command(root, ['upgrade', '4.0.2'])
  t.equal(ran.code, 0, ran.err)
  t.equal(ran.out.replace(/(?<=files:\n)[^]*?(?=\n\ncontainers)/, '(diff)'), `from 4.0.1
to   4.0.2

to do:
  - stacks-signer 4.0.2: a key in signer-config.toml that the signer does not know is now fatal: run \`make check-config\` before the start

to know:
  - the node must not move alone: signer 4.0.1 cannot read node 4.0.2. \`docker compose up -d\` moves both

answers.env:
  STACKS_VERSION=4.0.2

files:
(diff)

containers, at \`docker compose up -d\`:
  init           recreated, up to 10s to stop
  stacks-signer  recreated, up to 10s to stop
  stacks-node    recreated, up to 20m to stop
nothing is signed meanwhile: 20m at most for the node to stop, 10s at most for the signer to stop, the start

nothing was written; \`--yes\` writes it
`)
  for (const text of ['--- a/docker-compose.yml', '+++ b/docker-compose.yml', /-    image: ghcr\.io\/stacks-network\/stacks-core:4\.0\.1/, /\+    image: ghcr\.io\/stacks-network\/stacks-core:4\.0\.2/]) t.match(ran.out, text)
  t.notMatch(ran.out, '.stack-manifest.json')
  t.strictSame(readFiles(root), before)
})

t.test('what is to be typed next is one word for a shell, whatever the directory is called', async (t) => {
  const made = await stack(t, pinned)
  const root = join(made, "it's a blänk dir")
  const names = readdirSync(made)
  mkdirSync(root)
  for (const name of names) renameSync(join(made, name), join(root, name))
  const ran = await command(root, ['upgrade', '4.0.2', '--yes'])
  t.equal(ran.code, 0, ran.err)
  const [, typed] = /^next: (cd .*) && make pull /m.exec(ran.out) ?? []
  t.equal(spawnSync('sh', ['-c', `${typed} && pwd`], { encoding: 'utf8' }).stdout, `${root}\n`)
})

t.test('--yes changes one value of the answer file and generates', async (t) => {
  const root = await stack(t, pinned)
  const ran = await command(root, ['upgrade', 'v4.0.2', '--yes'])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.out, '~ answers.env\n~ README.md\n')
  t.match(ran.out, `next: cd ${shellWord(root)} && make pull && make check-config && docker compose up -d\n`)
  t.equal(readFileSync(join(root, 'answers.env'), 'utf8'), pinned.replace('4.0.1', '4.0.2'))
  t.match(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), 'stacks-signer:4.0.2')
  t.equal((await command(root, ['--check'])).code, 0, 'generating has nothing left to do')
  const again = await command(root, ['upgrade', '4.0.2', '--yes'])
  t.equal(again.out, 'nothing to do: the stack is at 4.0.2\n')
  t.equal(again.code, 0)
})

t.test('the prompt comes after all that is to be said', async (t) => {
  const root = await stack(t, `${pinned.replace('PLATFORM=linux/amd64\n', '')}`)
  const before = readFiles(root)
  const no = await asking(root, ['upgrade'], false)
  t.equal(no.code, 0)
  t.strictSame(no.order, ['err', 'out', 'Write this? [y/N] ', 'out'])
  t.match(no.err, 'no digest is known')
  t.match(no.out, /^from 4\.0\.1\nto {3}4\.0\.4\n[^]*nothing is signed meanwhile[^]*\n\nnothing was written\n$/)
  t.strictSame(readFiles(root), before)
  const yes = await asking(root, ['upgrade'], true)
  t.equal(yes.code, 0)
  t.equal(yes.out.split('from 4.0.1').length, 2, 'said once')
  t.match(readFileSync(join(root, 'answers.env'), 'utf8'), '"4.0.4"   # see the wiki')
  t.equal((await command(root, ['--check'])).code, 0)
})

t.test('--json is asked nothing and tells all', async (t) => {
  const root = await stack(t, pinned)
  const before = readFiles(root)
  const shown = await asking(root, ['upgrade', '4.0.2', '--json'], true)
  t.strictSame(shown.order, ['out'])
  const data = JSON.parse(shown.out) as Record<string, unknown>
  t.match(data, {
    format: 1, exitCode: 0, from: { node: '4.0.1', signer: '4.0.1' }, to: { node: '4.0.2', signer: '4.0.2' }, direction: 'forward', written: false,
    answers: { STACKS_VERSION: '4.0.2' },
    notes: [{ code: 'order', kind: 'know' }, { code: 'release-note', kind: 'act' }],
    containers: [{ service: 'init', what: 'anew' }, { service: 'stacks-signer', what: 'anew', stopGrace: '10s' }, { service: 'stacks-node', what: 'anew', stopGrace: '20m' }],
    files: [{ path: 'README.md', kind: 'update' }, { path: 'config/node-config.toml' }, { path: 'config/signer-config.toml' }, { path: 'config/stack.json' }, { path: 'docker-compose.yml' }],
  })
  t.strictSame(readFiles(root), before)
  t.match(JSON.parse((await command(root, ['upgrade', '4.0.2', '--json', '--yes'])).out), { exitCode: 0, written: true })
  t.match(JSON.parse((await command(root, ['upgrade', '3.4.0.0.4', '--json'])).out), { exitCode: 2, written: false, direction: 'back' })
})

t.test('what must not write does not write, not even with --yes', async (t) => {
  const root = await stack(t, pinned)
  const before = readFiles(root)
  for (const [flag, code] of [['--dry-run', 0], ['--diff', 0], ['--check', 1]] as const) {
    const ran = await asking(root, ['upgrade', '4.0.2', flag, '--yes'], true)
    t.equal(ran.code, code, flag)
    t.match(ran.out, /\n\nnothing was written\n$/)
    t.strictSame(readFiles(root), before, flag)
  }
  t.equal((await command(root, ['upgrade', '4.0.1', '--check'])).code, 0, 'nothing to move')
})

t.test('a passed key that the target no longer knows is named where it stands', async (t) => {
  const old = `${head}STACKS_NODE_VERSION=3.1.0.0.13\nSTACKS_SIGNER_VERSION=3.1.0.0.13.0\nALLOW_UNSUPPORTED=yes\n  NODE__node__assume_present_anchor_blocks=true # ours\n`
  const root = await stack(t, old)
  const before = readFiles(root)
  const ran = await command(root, ['upgrade', '3.2.0.0.2', '--yes'])
  t.equal(ran.code, 2)
  t.match(ran.err, 'answers.env:7:3: error: stacks-node 3.2.0.0.2 refuses node.assume_present_anchor_blocks: it removed the key')
  t.match(ran.err, '  7 |   NODE__node__assume_present_anchor_blocks=true # ours')
  t.match(ran.err, 'hint: leave it out: nothing takes its place')
  t.match(ran.out, 'stacks-node 3.2.0.0.2: the keys of the affirmation maps are gone')
  t.match(ran.out, /\n\nnothing was written\n$/)
  t.strictSame(readFiles(root), before)
})

t.test('a signer key that went after 4.0.2', async (t) => {
  const root = await stack(t, `${pinned.replace('4.0.1', '4.0.2')}SIGNER__validate_with_replay_tx=true\n`)
  const ran = await command(root, ['upgrade'])
  t.equal(ran.code, 2)
  t.match(ran.err, /answers\.env:6:1: error: stacks-signer 4\.0\.4 refuses validate_with_replay_tx: 4\.0\.3 removed the key\n[^]*hint: leave it out/)
})

t.test('a refused move says why, and what lifts the refusal', async (t) => {
  const root = await stack(t, pinned)
  const before = readFiles(root)
  const back = await command(root, ['upgrade', '3.4.0.0.4', '-y'])
  t.equal(back.code, 2)
  t.match(back.err, 'error: stacks-node 3.4.0.0.4 leaves mainnet at Bitcoin block 960230')
  t.match(back.err, 'error: stacks-node 3.4.0.0.4 cannot read the schemas that 4.0.1 has written: the chainstate 14 (it reads up to 13)')
  t.match(back.err, 'ALLOW_UNSUPPORTED=yes in the answer file turns this refusal into a warning')
  t.notMatch(back.err, 'answers.env:', 'no line of a text that is not on the disk is shown')
  t.strictSame(readFiles(root), before)

  writeFileSync(join(root, 'answers.env'), `${pinned}ALLOW_UNSUPPORTED=yes\n`)
  const allowed = await command(root, ['upgrade', '3.4.0.0.4', '-y'])
  t.equal(allowed.code, 0, allowed.err)
  t.match(allowed.err, 'warning: stacks-node 3.4.0.0.4 cannot read the schemas')
  t.equal(readFileSync(join(root, 'answers.env'), 'utf8'), `${pinned}ALLOW_UNSUPPORTED=yes\nSTACKS_NODE_VERSION=3.4.0.0.4\nSTACKS_SIGNER_VERSION=3.4.0.0.4.0\n`)
  t.match(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), 'stacks-signer:3.4.0.0.4.0')
  const forth = await command(root, ['upgrade', '4.0.2', '-y'])
  t.equal(forth.code, 0, forth.err)
  t.equal(readFileSync(join(root, 'answers.env'), 'utf8'), `${pinned.replace('4.0.1', '4.0.2')}ALLOW_UNSUPPORTED=yes\nSTACKS_NODE_VERSION=4.0.2\nSTACKS_SIGNER_VERSION=4.0.2\n`)
})

t.test('words that are no release', async (t) => {
  const root = await stack(t, pinned)
  for (const [word, want] of [
    ['4.0.9', 'upgrade expects a release that this generator knows, found "4.0.9"'], ['4.1', 'upgrade expects a known release, found "4.1"'],
    ['3.4.0.0.4.0', 'which is one of stacks-signer'], ['latest', 'which is another one every few weeks'], ['4.0.2-alpine', 'did you mean 4.0.2?'],
  ] as const) {
    const ran = await command(root, ['upgrade', word])
    t.equal(ran.code, 2, word)
    t.match(ran.err, want)
  }
  t.match((await command(root, ['upgrade', 'other.env'])).err, 'other.env: there is no such answer file')
  t.match((await command(root, ['upgrade', '4.0.2', 'a', 'b', 'c'])).err, 'at most')
  t.equal((await command(root, ['upgrade', '4.0.2', 'answers.env', '.'])).code, 0)
})

t.test('a release from the future, where that is allowed', async (t) => {
  const root = await stack(t, `${pinned}ALLOW_UNSUPPORTED=yes\n`)
  const ran = await command(root, ['upgrade', '4.0.9', '--yes'])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.out, 'not all keys of 4.0.9 are published: they are taken to be those of 4.0.2')
  t.match(ran.err, 'STACKS_VERSION=4.0.9 is newer than this generator')
  t.match(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), 'stacks-core:4.0.9')
})

t.test('a split stack: both hosts are told of, each by its name', async (t) => {
  const root = t.testdir({ 'a.env': `${head}STACKS_VERSION=4.0.1\nPLATFORM=linux/amd64\nTOPOLOGY=split\nNODE_HOST=node.example.net\nSIGNER_HOST=signer.example.net\nSIGNER_KEY=generate\n` })
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  const out = join(root, 'out')
  const ran = await command(out, ['upgrade', '4.0.2'])
  t.equal(ran.code, 0, ran.err)
  t.match(ran.out, /from 4\.0\.1\nto {3}4\.0\.2/)
  t.match(ran.out, /node-host: stacks-node +recreated, up to 20m[^]*signer-host: stacks-signer +recreated, up to 10s/)
  t.notMatch(ran.out, /-tls +recreated/, 'the sidecars stay')
  const done = await command(out, ['upgrade', '4.0.2', '--yes'])
  t.equal(done.code, 0, done.err)
  t.match(done.out, /next: bring node-host and signer-host of /)
  t.equal((await command(out, ['upgrade', '4.0.2'])).out.split('\n')[0]!.startsWith('nothing to do'), true, 'what runs is read from both')
})
