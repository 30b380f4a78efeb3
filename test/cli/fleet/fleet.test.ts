/** A fleet from argv to exit code: what is written, what is told, and what is not begun. */

import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../../../generator/cli/run.ts'
import { command } from '../../support/command.ts'
import { readFiles } from '../../support/files.ts'
import { openCommand, otherUser } from '../../support/other-user.ts'
import { repository } from '../../support/repository.ts'

const stack = (number: number, ...more: readonly string[]) => [
  `STACK_NAME=s${number}`, 'NETWORK=mainnet', 'STACKS_VERSION=4.0.1', 'PLATFORM=linux/amd64', 'BITCOIN_MODE=external', 'BITCOIN_HOST=b.example.net', `NODE_P2P_PORT=${20000 + number}`,
  `SIGNER_PRIVATE_KEY=${String(number).padStart(64, '0')}`, `AUTH_TOKEN=token-of-stack-number-${number}`, ...more, ''].join('\n')
const canGo = (name: string) => `f/${name}.env:8:1: warning: SIGNER_PRIVATE_KEY, AUTH_TOKEN are stored in secrets/ now: these lines can go\n`
const files = { 'a.env': stack(1), 'b.env': stack(2), 'c.env': stack(3) }
const argv = ['f/a.env', 'f/b.env', 'f/c.env']
/** How many files a stack of this fleet has: as many as stand in it, but for its secrets. */
const countIn = (directory: string) => Object.keys(readFiles(directory)).filter((path) => !path.startsWith('secrets/') && path !== 'config/new-key').length
const signers = ['SP1THWXQ8368SDN2MJGE4BMDKMCHZ2GSVTS1X0BPM', 'SP3AZN3BSQYJ5VWMNG92N88Z4G9498VYSKG43P6K', 'SP1YXCNCJT2NJZR6G4NYNE6NZ0CPDKPWKVJ2D77AT']

t.test('the same bytes as one by one, a line for each, and nothing to do the second time', async (t) => {
  const root = t.testdir({ f: files, one: { ...files } })
  const first = await command(root, argv)
  // The copy of the answers is named apart.
  const many = countIn(join(root, 'f/a')) - 1
  t.ok(many > 20)
  const err = ['a', 'b', 'c'].map(canGo).join('')
  t.equal(first.err, err)
  t.strictSame({ ...first, err: '' }, { code: 0, err: '', out: [
    `+ f/a  ${many} files  signer ${signers[0]}`, `+ f/b  ${many} files  signer ${signers[1]}`, `+ f/c  ${many} files  signer ${signers[2]}`, '',
    '3 stacks: 3 new', 'next: in each of them that is new or changed, on its machine: docker compose up -d', ''].join('\n') })
  for (const name of ['a', 'b', 'c']) t.equal((await command(root, [`one/${name}.env`, `one/${name}`])).code, 0)
  t.strictSame(readFiles(join(root, 'f')), readFiles(join(root, 'one')))
  const before = readFiles(root)
  const again = await command(root, argv)
  t.strictSame(again, { code: 0, err, out: [
    `= f/a  nothing to do  signer ${signers[0]}`, `= f/b  nothing to do  signer ${signers[1]}`, `= f/c  nothing to do  signer ${signers[2]}`, '', '3 stacks: 3 as the answers say', ''].join('\n') })
  t.strictSame(await command(root, [...argv, '--check']), { code: 0, err, out: 'nothing would change in 3 stacks\n' })
  t.strictSame(readFiles(root), before)
})

t.test('later by their own copies, of which one has changed: --check, --dry-run, --diff, --json, and written', async (t) => {
  const root = t.testdir({ f: files })
  t.equal((await command(root, argv)).code, 0)
  const copies = ['f/a/answers.env', 'f/b/answers.env']
  const path = join(root, copies[1]!)
  writeFileSync(path, readFileSync(path, 'utf8').replace('20002', '20222'))
  const before = readFiles(root)
  const would = '~ f/b/README.md\n~ f/b/config/stack.json\n~ f/b/docker-compose.yml\n~ f/b/.stack-manifest.json\n4 files would change in 1 of 2 stacks\n'
  t.strictSame(await command(root, [...copies, '--check']), { code: 1, err: '', out: would })
  t.strictSame(await command(root, [...copies, '--dry-run']), { code: 0, err: '', out: would })
  const diff = await command(root, [...copies, '--diff'])
  t.match(diff, { code: 0, err: '', out: /^--- a\/f\/b\/README\.md\n\+\+\+ b\/f\/b\/README\.md\n@@[^]*--- a\/f\/b\/docker-compose\.yml\n[^]*\n- {6}- 20002:20444\/tcp\n\+ {6}- 20222:20444\/tcp\n/ })
  const json = await command(root, [...copies, '--check', '--json'])
  const { stacks, ...frame } = JSON.parse(json.out) as { stacks: { answers: string; exitCode: number; changes: { kind: string }[] }[] }
  t.strictSame([json.code, json.err, frame], [1, '', { format: 1, exitCode: 1, problems: [] }])
  t.strictSame(stacks.map(({ changes, ...rest }) => ({ ...rest, changes: changes.filter(({ kind }) => kind !== 'unchanged') })), [
    { answers: copies[0], exitCode: 0, directory: join(root, 'f/a'), written: false, signer: { address: signers[0], publicKey: `02${'79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'}` }, problems: [], changes: [] },
    { answers: copies[1], exitCode: 1, directory: join(root, 'f/b'), written: false, signer: { address: signers[1], publicKey: '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5' }, problems: [],
      changes: ['README.md', 'config/stack.json', 'docker-compose.yml', '.stack-manifest.json'].map((file) => ({ path: file, kind: 'update' })) },
  ])
  t.strictSame(readFiles(root), before)
  t.strictSame(await command(root, copies), { code: 0, err: '', out: [
    `= f/a  nothing to do  signer ${signers[0]}`, `~ f/b  3 files        signer ${signers[1]}`, '', '2 stacks: 1 changed, 1 as the answers say',
    'next: in each of them that is new or changed, on its machine: docker compose up -d', ''].join('\n') })
})

t.test('the problems of all files together, and nothing written anywhere', async (t) => {
  const root = t.testdir({ f: { 'a.env': stack(1), 'b.env': `${stack(2)}NODE_P2P_PRT=1\n`, 'c.env': 'NETWORK=mainet\n', 'd.env': stack(4).replace(/SIGNER_.*\n/, '') } })
  const before = readFiles(root)
  const want = `f/b.env:10:1: error: unknown answer NODE_P2P_PRT
  10 | NODE_P2P_PRT=1
     | ^^^^^^^^^^^^
  hint: did you mean NODE_P2P_PORT?
f/c.env:1:1: error: STACK_NAME is missing: name of this stack
  hint: add a line like STACK_NAME=my-signer
f/c.env:1:9: error: NETWORK expects mainnet, testnet or staking-testnet, found "mainet"
  1 | NETWORK=mainet
    |         ^^^^^^
  hint: did you mean mainnet?
error: f/c: no signer key found; keys are never generated automatically
  hint: put an existing key into f/c/secrets/signer-private-key, or make a new one: create-stacks-signer-stack keygen f/c (or SIGNER_KEY=generate)
error: f/d: no signer key found; keys are never generated automatically
  hint: put an existing key into f/d/secrets/signer-private-key, or make a new one: create-stacks-signer-stack keygen f/d (or SIGNER_KEY=generate)
error: f/e: f/e.env: there is no such answer file
  hint: make one: create-stacks-signer-stack --example > answers.env
6 errors in a fleet of 5 stacks; nothing was written
`
  t.strictSame(await command(root, ['f/a.env', 'f/b.env', 'f/c.env', 'f/d.env', 'f/e.env']), { code: 2, out: '', err: want })
  const json = await command(root, ['f/a.env', 'f/b.env', '--json'])
  const parsed = JSON.parse(json.out) as { stacks: { exitCode: number; written: boolean; problems: { code: string }[] }[] }
  t.strictSame(parsed.stacks.map(({ exitCode, written, problems }) => ({ exitCode, written, codes: problems.map(({ code }) => code) })),
    [{ exitCode: 2, written: false, codes: [] }, { exitCode: 2, written: false, codes: ['unknown-answer'] }])
  t.strictSame(readFiles(root), before)
})

t.test('an edit by hand in one holds all back, shows its diff, and gives way to --force', async (t) => {
  const root = t.testdir({ f: files })
  t.equal((await command(root, argv)).code, 0)
  const path = join(root, 'f/b/Makefile')
  writeFileSync(path, `${readFileSync(path, 'utf8')}# mine\n`)
  rmSync(join(root, 'f/c/README.md'))
  const ran = await command(root, argv)
  t.match(ran, { code: 2, out: '', err: /^(?:.* can go\n)*error: f\/b: Makefile: edited by hand\n[^]*\n--- a\/f\/b\/Makefile\n[^]*\n-# mine\n1 error in a fleet of 3 stacks; nothing was written\n$/ })
  t.notOk(existsSync(join(root, 'f/c/README.md')))
  t.equal((await command(root, [...argv, '--check'])).code, 1)
  t.match(await command(root, [...argv, '--force']), { code: 0, out: /^= f\/a .*\n~ f\/b +Makefile .*\n\+ f\/c +README\.md / })
  t.ok(existsSync(`${path}.orig`))
})

t.test('new keys: each its own, told where they are, and never shown', async (t) => {
  const generating = (number: number) => stack(number).replace(/SIGNER_PRIVATE_KEY=.*/, 'SIGNER_KEY=generate')
  const root = t.testdir({ f: { 'a.env': generating(1), 'b.env': generating(2) } })
  const dry = await command(root, ['f/a.env', 'f/b.env', '--dry-run'])
  t.notOk(existsSync(join(root, 'f/a')))
  const ran = await command(root, ['f/a.env', 'f/b.env'])
  t.strictSame([dry.code, dry.out.split('\n').at(-2)], [0, `${2 * countIn(join(root, 'f/a'))} files would change in 2 of 2 stacks`])
  t.match(ran.out, /^\+ f\/a {2}\d+ files {2}signer SP\w+\n {4}\+ secrets\/signer-mnemonic \(new; write it down offline\)\n\+ f\/b /)
  const keys = ['a', 'b'].map((name) => readFileSync(join(root, 'f', name, 'secrets/signer-private-key'), 'utf8').trim())
  t.equal(new Set(keys).size, 2)
  for (const key of keys) t.notMatch(ran.out + ran.err, key.slice(0, 64))
  t.match((await command(root, ['f/a.env', 'f/b.env'])).out, '2 stacks: 2 as the answers say')
})

t.test('a disk that refuses one: which are written, which is not finished, which not begun', async (t) => {
  // Root may write everywhere, so another user does it.
  const user = process.getuid?.() === 0 ? otherUser : undefined
  const { node, main } = openCommand(t)
  const root = mkdtempSync(join(tmpdir(), 'fleet-disk-'))
  t.teardown(() => { rmSync(root, { recursive: true }) })
  mkdirSync(join(root, 'f/b'), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'f', name), text, { mode: 0o600 })
  if (user !== undefined) for (const path of ['', 'f', 'f/b', ...argv]) chownSync(join(root, path), user, user)
  chmodSync(join(root, 'f/b'), 0o500)
  const ran = spawnSync('sh', ['-c', `unset NODE_OPTIONS; exec "${node}" "${main}" ${argv.join(' ')}`], { cwd: root, encoding: 'utf8', env: { PATH: process.env['PATH'] }, ...(user !== undefined && { uid: user, gid: user }) })
  chmodSync(join(root, 'f/b'), 0o700)
  t.strictSame([ran.status, ran.stdout], [2, ''])
  t.equal(ran.stderr, `${canGo('a')}error: f/b: secrets/signer-private-key cannot be written: permission denied (EACCES)
  hint: check who owns it, or run as its owner
1 error; run again when that is mended
written: f/a
not finished: f/b
not begun: f/c
`)
  t.strictSame([existsSync(join(root, 'f/a/Makefile')), existsSync(join(root, 'f/c'))], [true, false])
})

t.test('a stack that changes between deciding and writing is not written, nor those after it', async (t) => {
  for (const change of ['answers', 'disk'] as const) {
    const root = t.testdir({ f: files })
    for (const name of argv) chmodSync(join(root, name), 0o600)
    let out = ''
    let err = ''
    const io = { cwd: root, environment: {}, packageRoot: repository, version: '0.1.0', stdout: (text: string) => { out += text }, stderr: (text: string) => { err += text } }
    const status = (text: string): void => {
      if (!text.startsWith('writing 2 of 3')) return
      if (change === 'answers') writeFileSync(join(root, 'f/b.env'), stack(1))
      else { mkdirSync(join(root, 'f/b/secrets'), { recursive: true, mode: 0o700 }); writeFileSync(join(root, 'f/b/secrets/signer-mnemonic'), 'No', { mode: 0o600 }) }
    }
    t.equal(await run(argv, { ...io, status }), 2, change)
    t.equal(out, '')
    t.match(err, change === 'answers' ? 'error: f/b: f/b.env or the signer key of its stack was changed while this ran' : 'error: f/b: secrets/signer-mnemonic cannot be used')
    t.match(err, /1 error; run again when that is mended\nwritten: f\/a\nnot finished: f\/b\nnot begun: f\/c\n$/)
    t.strictSame([existsSync(join(root, 'f/a/Makefile')), existsSync(join(root, 'f/b/Makefile')), existsSync(join(root, 'f/c'))], [true, false, false])
    writeFileSync(join(root, 'f/b.env'), stack(2))
    rmSync(join(root, 'f/b/secrets/signer-mnemonic'), { force: true })
    t.match((await command(root, argv)).out, '3 stacks: 2 new, 1 as the answers say', 'running again finishes the work')
    const json = await command(root, [...argv, '--json'])
    t.strictSame((JSON.parse(json.out) as { stacks: { exitCode: number; written: boolean }[] }).stacks.map((one) => [one.exitCode, one.written]), [[0, false], [0, false], [0, false]])
    cpSync(join(root, 'f'), join(root, 'g'), { recursive: true })
    t.equal((await command(root, argv.map((word) => word.replace('f/', 'g/')))).code, 0, 'a moved fleet is the same')
  }
})

t.test('a warning that all share is said once', async (t) => {
  const root = t.testdir({ f: { 'a.env': stack(1).replace('PLATFORM=linux/amd64\n', ''), 'b.env': stack(2).replace('PLATFORM=linux/amd64\n', '') } })
  const ran = await command(root, ['f/a.env', 'f/b.env'])
  t.equal(ran.err.match(/no digest is known/g)?.length, 1, ran.err)
  t.match(ran.err, 'warning: all stacks: no digest is known')
})
