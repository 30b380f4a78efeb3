/** The whole output of the usual runs: on paper, on a terminal, on a narrow one, and as JSON. */

import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { run } from '../../generator/cli/run.ts'
import type { Screen } from '../../generator/screen.ts'
import { command, testKey } from '../support/command.ts'
import { uncopied } from '../support/documents.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'
import { sampleStack } from '../support/sample-stack.ts'
import { shellWord } from '../support/shell.ts'

const answers = `STACK_NAME=s1\nNETWORK=mainnet\nSTACKS_VERSION=4.0.1\nPLATFORM=linux/amd64\nSIGNER_PRIVATE_KEY=${testKey}\n`
const publicKey = /public key (0[23][0-9a-f]{64})/

async function shownOn(screen: Screen, cwd: string, argv: readonly string[]): Promise<string> {
  let said = ''
  const tell = (text: string): void => { said += text }
  chmodSync(join(cwd, 'a.env'), 0o600)
  // That the line of the key can go stands before all else, and is not what is looked at here.
  const stderr = (text: string): void => { if (!/SIGNER_PRIVATE_KEY\s+is\s+stored/.test(text)) tell(text) }
  await run(argv, { cwd, environment: {}, packageRoot: repository, version: '0.1.0', stdout: tell, stderr, screens: { out: screen, err: screen } })
  return said
}

/** Those of a stack without a firewall, backups and an sBTC signer. */
const dockerFiles = Object.keys(readFiles(join(repository, 'docker'), uncopied)).filter((path) => !/^host\/(firewall|backup|dumps|logs|sbtc|sealed)\.sh$|^gate\/(postgres|sidekick)\.sh$/.test(path)).length + sampleStack().host.programs.length

const written = (root: string, signer: string) => `+ answers.env                 the answers, without secrets
+ .gitignore                  keeps secrets/ out of git
+ Makefile                    \`make help\` says what it can do
+ README.md                   how this very stack is run
+ config/                     bitcoin.conf, node-config.toml, signer-config.toml, stack.json
+ docker-compose.yml          6 services, 6 networks, 7 volumes
+ docker/                     ${dockerFiles} programs and scripts, for the containers and for make
+ .stack-manifest.json        what was generated: an edit by hand is noticed by it
+ secrets/signer-private-key  from the answers
+ secrets/auth-token          new

${signer}
open: 8333/tcp (Bitcoin peers), 20444/tcp (Stacks peers)
not done yet: a backup, with the answer BACKUP
next: cd ${shellWord(`${root}/out`)} && docker compose up -d
`

t.test('the sample in the documents', async (t) => {
  const sample = written('/srv/ops', 'signer SP…  public key 02…').replace('/out ', '/my-signer ')
  t.ok(readFileSync(join(repository, 'examples/command.md'), 'utf8').includes(`\`\`\`\n${sample}\`\`\``))
})

t.test('a first run, a change, and nothing to do', async (t) => {
  const root = t.testdir({ 'a.env': answers })
  const { out, err } = await command(root, ['a.env', 'out'])
  const signer = out.split('\n').find((line) => line.startsWith('signer '))!
  t.match(signer, /^signer SP\w{38,40} {2}public key 0[23][0-9a-f]{64}$/)
  t.match(err, /^a\.env:5:1: warning: SIGNER_PRIVATE_KEY is stored in secrets\/ now: this line can go\n$/)
  t.equal(out, written(root, signer))
  t.equal((await command(root, ['a.env', 'out'])).out, `nothing to do: the directory is what the answers say\n${signer}\n`)
  writeFileSync(join(root, 'out/answers.env'), answers.replace(/SIGNER_PRIVATE_KEY.*\n/, 'NODE_P2P_PORT=20555\n'))
  t.equal((await command(join(root, 'out'), [])).out, `~ README.md\n~ config/stack.json\n~ docker-compose.yml\n~ .stack-manifest.json\n\n${signer}\nopen: 8333/tcp (Bitcoin peers), 20555/tcp (Stacks peers)\nnext: cd ${shellWord(`${root}/out`)} && docker compose up -d\n`)
})

t.test('what is left to do on a new stack, and what a dry run says of secrets', async (t) => {
  const plain = answers.replace(/SIGNER_PRIVATE_KEY.*\n/, 'SIGNER_KEY=generate\n')
  const root = t.testdir({ 'a.env': plain, 'b.env': `${plain}FIREWALL=on\nLOGS=journald\nBITCOIN_DATA_DIR=/srv/disk1/bitcoin\nBACKUP=path\nBACKUP_PATH=/mnt/backup\n` })
  const dry = await command(root, ['a.env', 'out', '--dry-run'])
  t.match(dry.out, '+ secrets/signer-mnemonic\n+ secrets/signer-private-key\n+ secrets/auth-token\n')
  t.strictSame(readdirSync(root).sort(), ['a.env', 'b.env'], 'nothing is written')
  t.notMatch((await command(root, ['a.env', 'out', '--check'])).out, 'secrets/')
  t.match((await command(root, ['b.env', 'b'])).out, '\nnot done yet: sudo make data-dirs, sudo make firewall-apply, sudo make logs-install, make backup\nnext: ')
  t.notMatch((await command(root, ['b.env', 'b'])).out, 'not done yet')
})

t.test('a wide terminal has the same letters in colours; a narrow one has shorter lines', async (t) => {
  const wide = t.testdir({ 'a.env': answers })
  const painted = await shownOn({ color: true, columns: 400 }, wide, ['a.env', 'out'])
  const signer = stripVTControlCharacters(painted).split('\n').find((line) => line.startsWith('signer '))!
  t.equal(stripVTControlCharacters(painted), written(wide, signer))
  t.ok(painted.includes('\u001b[32m+ Makefile\u001b[39m'))
  const [address = '', key = ''] = [/SP\w+/.exec(signer)?.[0], publicKey.exec(signer)?.[1]]
  t.test('at 40 columns', async (t) => {
    const root = t.testdir({ 'a.env': answers })
    t.equal(await shownOn({ color: false, columns: 40 }, root, ['a.env', 'out']), `+ answers.env
    the answers, without secrets
+ .gitignore
    keeps secrets/ out of git
+ Makefile
    \`make help\` says what it can do
+ README.md
    how this very stack is run
+ config/
    bitcoin.conf, node-config.toml,
    signer-config.toml, stack.json
+ docker-compose.yml
    6 services, 6 networks, 7 volumes
+ docker/
    ${dockerFiles} programs and scripts, for the
    containers and for make
+ .stack-manifest.json
    what was generated: an edit by hand
    is noticed by it
+ secrets/signer-private-key
    from the answers
+ secrets/auth-token
    new

signer ${address}
public key ${key}
open: 8333/tcp (Bitcoin peers),
  20444/tcp (Stacks peers)
not done yet: a backup, with the answer
  BACKUP
next: cd ${shellWord(`${root}/out`)} && docker compose up -d
`)
  })
})

t.test('a diff keeps its bytes for programs, and is harmless on a terminal', async (t) => {
  const root = t.testdir({ 'a.env': answers })
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  writeFileSync(join(root, 'out/config/bitcoin.conf'), '\u001b]0;owned\u0007\n')
  const paper = await command(root, ['a.env', 'out', '--diff', '--force'])
  t.ok(paper.out.includes('-\u001b]0;owned\u0007\n'), 'what git apply needs')
  const terminal = await shownOn({ color: false, columns: 80 }, root, ['a.env', 'out', '--diff', '--force'])
  t.ok(terminal.includes('-\\u{1b}]0;owned\\u{7}\n'))
  t.notMatch(terminal, /[\u0000-\u0009\u000b-\u001f]/)
  t.notMatch(await shownOn({ color: false, columns: 80 }, root, ['a.env', 'out']), /[\u0000-\u0009\u000b-\u001f]/)
})

t.test('names from the command line are not obeyed either', async (t) => {
  const root = t.testdir({})
  for (const argv of [['\u001b[2J.env'], ['\u001b[2J.env', 'x.env'], ['upgrade', '\u001b[2J.env'], ['adopt', '\u001b[2J'], ['keygen', 'a', '\u001b[2J'], ['pin', '\u001b[2J'], ['--\u001b[2J']]) {
    const { code, out, err } = await command(root, argv)
    t.equal(code, 2, JSON.stringify(argv))
    t.notMatch(out + err, /[\u0000-\u0009\u000b-\u001f]/, JSON.stringify(argv))
  }
})

t.test('--json of every command: these fields, and no text beside them', async (t) => {
  const root = t.testdir({ 'a.env': answers, old: {}, split: { 'answers.env': `STACK_NAME=s2\nNETWORK=mainnet\nTLS_SIDECARS=on\nSIGNER_KEY=generate\n` } })
  const frame = ['format', 'exitCode']
  const one = [...frame, 'directory', 'written', 'signer', 'problems', 'changes']
  const cases: readonly (readonly [argv: readonly string[], code: number, fields: readonly string[]])[] = [
    [['--check', 'a.env', 'out'], 1, one],
    [['a.env', 'out'], 0, one],
    [['a.env', 'out'], 0, one],
    [['missing.env'], 2, one.filter((field) => field !== 'signer')],
    [['a', 'b', 'c'], 2, one.filter((field) => field !== 'signer')],
    [['--no-such-option'], 2, one.filter((field) => field !== 'signer')],
    [['a.env', 'b.env'], 2, [...frame, 'problems', 'stacks']],
    [['keygen', 'k', '--dry-run'], 0, [...frame, 'problems', 'directory', 'written']],
    [['keygen', 'k'], 0, [...frame, 'problems', 'directory', 'written', 'signer', 'addresses', 'secrets']],
    [['keygen', 'k'], 2, [...frame, 'problems', 'directory', 'written']],
    [['upgrade', '4.0.4', 'out/answers.env'], 0, [...frame, 'problems', 'from', 'to', 'direction', 'notes', 'answers', 'containers', 'files', 'written']],
    [['upgrade', '4.0.1', 'out/answers.env'], 0, [...frame, 'problems', 'to', 'direction', 'written']],
    [['upgrade', '9', 'missing.env'], 2, [...frame, 'problems']],
    [['adopt', 'old'], 2, [...frame, 'problems', 'written', 'passedOver']],
    [['outdated', 'missing.env'], 2, [...frame, 'problems', 'images']],
    [['pin', 'missing.env'], 2, [...frame, 'problems', 'lock', 'images']],
    [['split/answers.env'], 0, one],
    [['certs', 'status', 'split'], 0, [...frame, 'problems', 'mode', 'certificates', 'authorities']],
    [['certs', 'renew', 'split'], 0, [...frame, 'problems', 'directory', 'changed', 'renewals']],
  ]
  for (const [argv, code, fields] of cases) {
    const ran = await command(root, [...argv, '--json'])
    t.equal(ran.code, code, argv.join(' '))
    t.equal(ran.err, '', argv.join(' '))
    const data = JSON.parse(ran.out) as Record<string, unknown>
    t.strictSame(Object.keys(data), fields, argv.join(' '))
    t.strictSame([data['format'], data['exitCode']], [1, code])
    t.notMatch(ran.out, testKey.slice(0, 64))
  }
})

t.test('the program itself in a pseudo-terminal and in a pipe', { skip: spawnSync('script', ['--version']).error ? 'there is no script(1)' : false }, async (t) => {
  const root = t.testdir({ 'a.env': `STACK_NAME=s1\nNETWROK=mainnet\nSIGNER_PRIVATE_KEY=${testKey}\n` })
  chmodSync(join(root, 'a.env'), 0o600)
  const start = `stty cols 44; "${process.execPath}" "${join(repository, 'dist/main.js')}" a.env out`
  const on = (environment: Record<string, string>) => spawnSync('script', ['-qec', start, '/dev/null'], { cwd: root, encoding: 'utf8', env: { PATH: process.env['PATH'], TERM: 'xterm', ...environment } }).stdout.replaceAll('\r\n', '\n')
  const plain = `a.env:2:1: error: unknown answer NETWROK
  2 | NETWROK=mainnet
    | ^^^^^^^
  hint: did you mean NETWORK?
1 error; nothing was written
`
  t.equal(on({ NO_COLOR: '1' }), plain)
  t.equal(on({ TERM: 'dumb' }), plain)
  t.not(on({}), plain)
  t.equal(stripVTControlCharacters(on({})), plain)
  const piped = spawnSync(process.execPath, [join(repository, 'dist/main.js'), 'a.env', 'out'], { cwd: root, encoding: 'utf8', env: { PATH: process.env['PATH'], TERM: 'xterm' } })
  t.strictSame([piped.status, piped.stdout, piped.stderr], [2, '', plain])
})
