/** docker/host/sealed.sh and the program sealed: secrets/ goes into files for git, and comes back on another machine; nothing is put over a secret. */

import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { gitignoreFile } from '../../generator/files/gitignore.ts'
import { makefileFile } from '../../generator/files/makefile.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { sbtcTestKey, testKey } from '../support/command.ts'
import { planText } from '../support/pipeline.ts'
import { readFiles } from '../support/files.ts'
import { repository } from '../support/repository.ts'
import { sampleStack } from '../support/sample-stack.ts'
import { gateFolder, initHere, needs, programPath } from './tools.ts'

const options = needs('age', 'age-keygen', 'make', 'git')
const newIdentity = () => spawnSync('age-keygen', { encoding: 'utf8' }).stdout
const recipientOf = (identity: string) => /age1\w+/.exec(identity)![0]
const secrets: Readonly<Record<string, string>> = {
  'signer-private-key': `${testKey}\n`, 'auth-token': 'a-token-that-nobody-may-see\n', 'backup-password': 'no newline at the end', 'sbtc-signer-private-key': `${sbtcTestKey}\n`,
  'node-tls-key': '-----BEGIN PRIVATE KEY-----\nTk9CT0RZ\n-----END PRIVATE KEY-----\n', 'signer-private-key.old': `${'3c5a'.repeat(16)}\n`,
}

interface Said { readonly code: number | null; readonly out: string; readonly err: string }
interface Place { readonly directory: string; at(path: string): string; make(...words: readonly string[]): Said; run(...words: readonly string[]): Said; asked(): string }

/** The directory of a stack as it is generated for `recipients`, and a docker that runs the program here. */
function place(t: Test, recipients: readonly string[], name = 'stack'): Place {
  const top = join(t.testdirName, name)
  const directory = join(top, 'stack')
  const { stack, host } = sampleStack({ sealed: true })
  mkdirSync(join(directory, 'docker'), { recursive: true })
  mkdirSync(join(top, 'bin'))
  cpSync(join(gateFolder, '../host'), join(directory, 'docker/host'), { recursive: true })
  for (const program of ['init', 'sealed']) writeFileSync(join(directory, `docker/${program}.mjs`), '')
  const templates = readTemplates(repository)
  writeFileSync(join(directory, 'Makefile'), makefileFile({ ...stack, secretRecipients: recipients }, { ...host, secrets: ['signer-private-key', 'auth-token'].map((name) => ({ name, purpose: '' })) }, templates).content)
  writeFileSync(join(directory, '.gitignore'), gitignoreFile('', templates).content)
  writeFileSync(join(top, 'bin/docker'), `#!/bin/sh\ncase "$*" in\n  ${initHere}\nesac\n[ "$1" = run ] || exit 0\necho "$*" >>'${join(top, 'asked')}'\nwhile [ "$1" != /sealed.mjs ]; do shift; done\nshift\nexec '${process.execPath}' '${programPath('sealed')}' "$@"\n`)
  chmodSync(join(top, 'bin/docker'), 0o755)
  const start = (program: string, words: readonly string[]): Said => {
    const ran = spawnSync(program, words, { cwd: directory, encoding: 'utf8', env: { PATH: `${join(top, 'bin')}:${process.env['PATH'] ?? ''}`, HOME: top, GIT_CEILING_DIRECTORIES: top } })
    return { code: ran.status, out: ran.stdout, err: ran.stderr }
  }
  return {
    directory, at: (path) => join(directory, path), asked: () => readFileSync(join(top, 'asked'), 'utf8'),
    make: (...words) => start('make', ['--no-print-directory', ...words]), run: (...words) => start('sh', ['docker/host/sealed.sh', ...words]),
  }
}

function withSecrets(here: Place): Place {
  mkdirSync(here.at('secrets'), { mode: 0o700 })
  for (const [name, content] of Object.entries(secrets)) writeFileSync(here.at(`secrets/${name}`), content, { mode: 0o600 })
  return here
}

/** The files of secrets/, without what seal remembers. */
const inSecrets = (here: Place) => (existsSync(here.at('secrets')) ? readFiles(here.at('secrets'), ['.sealed']) : undefined)

t.test('into files for git, and back in another directory', options, async (t) => {
  t.testdir({})
  const [mine, theirs] = [newIdentity(), newIdentity()]
  for (const [name, identity] of [['mine', mine], ['theirs', theirs]] as const) writeFileSync(join(t.testdirName, name), identity, { mode: 0o600 })
  const here = withSecrets(place(t, [recipientOf(mine), recipientOf(theirs)]))
  const sealed = here.make('secrets-seal')
  t.equal(sealed.code, 0, sealed.err)
  t.match(sealed.out, /secrets-seal: sealed\/ has all files of secrets\/, and may be committed\n$/)
  const files = readFiles(here.at('sealed'))
  t.strictSame(Object.keys(files), Object.keys(secrets).map((name) => `${name}.age`).sort())
  for (const [name, content] of Object.entries(secrets)) {
    t.match(files[`${name}.age`], /^-----BEGIN AGE ENCRYPTED FILE-----\n[^]*\n-----END AGE ENCRYPTED FILE-----\n$/)
    t.equal(statSync(here.at(`sealed/${name}.age`)).mode & 0o777, 0o644)
    for (const identity of ['mine', 'theirs']) t.equal(spawnSync('age', ['--decrypt', '--identity', join(t.testdirName, identity), here.at(`sealed/${name}.age`)], { encoding: 'utf8' }).stdout, content, 'age alone opens it')
  }
  for (const line of here.asked().trim().split('\n')) {
    t.match(line, /^run --rm --interactive --pull never --network none --read-only --user 65534:65534 --cap-drop ALL --security-opt no-new-privileges /)
    t.equal(line.match(/--(volume|mount|env|tmpfs)/g)?.length, 1, 'it sees no file but the program')
  }

  const git = (...words: readonly string[]) => execFileSync('git', words, { cwd: here.directory, encoding: 'utf8' })
  git('init', '--quiet')
  git('add', '--all')
  const tracked = git('ls-files')
  for (const name of Object.keys(secrets)) t.ok(tracked.includes(`sealed/${name}.age\n`))
  t.notMatch(tracked, /^secrets|tmp-/m)
  t.match(here.make('check-secrets'), { code: 0, out: /all there, private, not in git/ })

  const other = place(t, [recipientOf(mine)], 'other machine')
  cpSync(here.at('sealed'), other.at('sealed'), { recursive: true })
  const opened = other.make('secrets-open', `IDENTITY=${join(t.testdirName, 'theirs')}`)
  t.equal(opened.code, 0, opened.err)
  t.match(opened.out, /Be sure that no other machine runs with these keys before make up\n$/)
  t.strictSame(inSecrets(other), secrets)
  t.equal(statSync(other.at('secrets')).mode & 0o777, 0o700)
  for (const name of Object.keys(secrets)) t.equal(statSync(other.at(`secrets/${name}`)).mode & 0o777, 0o600, name)
  rmSync(other.at('secrets/auth-token'))
  const again = other.make('secrets-open', `IDENTITY=${join(t.testdirName, 'mine')}`)
  t.match(again, { code: 0, out: /^secrets-open: secrets\/auth-token is written\nsecrets-open: secrets\/ has all files/ }, 'what is there already stays')
  t.strictSame(inSecrets(other), secrets)
  for (const said of [sealed, opened, again]) for (const value of Object.values(secrets)) t.notOk(`${said.out}${said.err}`.includes(value.trim()))
})

t.test('git sees what has changed, and no more', options, async (t) => {
  t.testdir({})
  const recipient = recipientOf(newIdentity())
  const here = withSecrets(place(t, [recipient]))
  t.equal(here.make('secrets-seal').code, 0)
  const before = readFiles(here.at('sealed'))
  t.equal(here.make('secrets-seal').out.split('\n').filter((line) => line.includes('is written')).length, 0)
  t.strictSame(readFiles(here.at('sealed')), before)
  const changed = (action: () => unknown): readonly string[] => {
    const files = readFiles(here.at('sealed'))
    action()
    return Object.entries(readFiles(here.at('sealed'))).filter(([name, text]) => files[name] !== text).map(([name]) => name)
  }
  writeFileSync(here.at('secrets/auth-token'), 'another-token-that-nobody-may-see\n')
  t.strictSame(changed(() => here.make('secrets-seal')), ['auth-token.age'])
  writeFileSync(here.at('sealed/node-tls-key.age'), 'damaged\n')
  t.strictSame(changed(() => here.make('secrets-seal')), ['node-tls-key.age'])
  t.equal(changed(() => here.run('seal', recipient, recipientOf(newIdentity()))).length, Object.keys(secrets).length, 'another recipient')
  rmSync(here.at('secrets/signer-private-key.old'))
  const stale = here.make('secrets-seal')
  t.match(stale, { code: 0, err: /sealed\/signer-private-key\.old\.age is of a secret that is not here/ })
  t.ok(existsSync(here.at('sealed/signer-private-key.old.age')), 'nothing is removed')
})

t.test('what cannot be opened, or is here with another value: a clear error, and nothing is written', options, async (t) => {
  t.testdir({})
  const [mine, other] = [newIdentity(), newIdentity()]
  writeFileSync(join(t.testdirName, 'mine'), mine)
  writeFileSync(join(t.testdirName, 'other'), other)
  writeFileSync(join(t.testdirName, 'no identity'), 'nothing\n')
  const from = withSecrets(place(t, [recipientOf(mine)], 'from'))
  t.equal(from.make('secrets-seal').code, 0)
  const put = (path: string, content: string) => (here: Place) => { mkdirSync(here.at('secrets'), { recursive: true, mode: 0o700 }); writeFileSync(here.at(path), content) }
  const edit = (change: (text: string) => string) => (here: Place) => { writeFileSync(here.at('sealed/node-tls-key.age'), change(readFileSync(here.at('sealed/node-tls-key.age'), 'utf8'))) }
  const nothing = () => {}
  const cases: readonly (readonly [string, (here: Place) => void, RegExp, string?])[] = [
    ['another identity', nothing, /sealed: the age identity does not open it, or it is damaged\nsecrets-open: sealed\/auth-token\.age was not opened; nothing is written\n/, 'other'],
    ['no identity in the file', nothing, /IDENTITY is not an age identity/, 'no identity'],
    ['no file', nothing, /IDENTITY=FILE says with which age identity/, 'missing'],
    ['no word', nothing, /IDENTITY=FILE says with which age identity/, ''],
    ['a damaged line', edit((text) => text.replace(/.(?=\n-----END)/, '!')), /sealed\/node-tls-key\.age was not opened; nothing is written/],
    ['another letter', edit((text) => { const at = text.lastIndexOf('\n-----END') - 20; return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}` }), /does not open it, or it is damaged\nsecrets-open: sealed\/node-tls-key\.age was not opened/],
    ['cut', edit((text) => text.slice(0, 100)), /it has no encrypted text of age\nsecrets-open: sealed\/node-tls-key\.age was not opened/],
    ['empty', edit(() => ''), /it has no encrypted text of age/],
    ['64 MB', edit(() => 'x'.repeat(1 << 26)), /it has no encrypted text of age/],
    ['another value here', put('secrets/signer-private-key', `${'5e'.repeat(32)}\n`), /secrets\/signer-private-key is here and has another value; nothing is written/],
    ['a link to nowhere here', (here) => { put('secrets/x', '')(here); symlinkSync('/nowhere', here.at('secrets/auth-token')) }, /secrets\/auth-token is here and has another value/],
    ['a name that leads elsewhere', (here) => { writeFileSync(here.at('sealed/-rf.age'), '') }, /sealed\/-rf\.age is not a name for a secret/],
    ['a name with a line end', (here) => { writeFileSync(here.at('sealed/a\nb.age'), '') }, /is not a name for a secret/],
    ['a FIFO', (here) => { spawnSync('mkfifo', [here.at('sealed/x.age')]) }, /sealed\/x\.age cannot be read, or is not a file/],
    ['nothing sealed', (here) => { rmSync(here.at('sealed'), { recursive: true }) }, /there is nothing to open in sealed\//],
  ]
  for (const [name, spoil, message, identity = 'mine'] of cases) {
    const here = place(t, [recipientOf(mine)], name)
    cpSync(from.at('sealed'), here.at('sealed'), { recursive: true })
    spoil(here)
    const before = existsSync(here.at('secrets')) ? readdirSync(here.at('secrets')) : []
    const { code, out, err } = here.make('secrets-open', `IDENTITY=${identity === '' ? '' : join(t.testdirName, identity)}`)
    t.equal(code, 2, name)
    t.match(err, message, name)
    t.strictSame(existsSync(here.at('secrets')) ? readdirSync(here.at('secrets')) : [], before, name)
    for (const value of [...Object.values(secrets), /AGE-SECRET-KEY-1\w+/.exec(mine)![0]]) t.notOk(`${out}${err}`.includes(value.trim()), name)
  }
})

t.test('only a stack with SECRETS_RECIPIENTS has it', async (t) => {
  const split = 'STACK_NAME=s\nNETWORK=mainnet\nTOPOLOGY=split\nNODE_HOST=node.example.net\nSIGNER_HOST=signer.example.net\n'
  const paths = (text: string) => [...planText(text).files.keys()].filter((path) => /sealed/.test(path))
  const recipients = Array.from({ length: 2 }, () => recipientOf(newIdentity()))
  t.strictSame(paths(split), [])
  t.strictSame(paths(`${split}SECRETS_RECIPIENTS=${recipients.join(', ')}\n`), ['node-host/', 'signer-host/'].flatMap((host) => [`${host}docker/host/sealed.sh`, `${host}docker/sealed.mjs`]))
  t.match(planText(`STACK_NAME=s\nNETWORK=mainnet\nSECRETS_RECIPIENTS=${recipients.join(',')}\n`).files.get('Makefile')?.content, `sealed.sh seal ${recipients.join(' ')}\n`)
})

t.test('what cannot be sealed', options, async (t) => {
  t.testdir({})
  const recipient = recipientOf(newIdentity())
  for (const [name, spoil, words, message] of [
    ['a recipient that is none', () => {}, ['seal', 'age1nobody'], /age recipient 1 is not an age public key.*\nsecrets-seal: secrets\/auth-token was not encrypted/],
    ['none', () => {}, ['seal'], /no recipient: write SECRETS_RECIPIENTS into answers\.env and generate again/],
    ['an empty secret', (here: Place) => { writeFileSync(here.at('secrets/a'), '') }, ['seal', recipient], /a secret has 1 to 65536 bytes, not 0\nsecrets-seal: secrets\/a was not encrypted/],
    ['a folder', (here: Place) => { mkdirSync(here.at('secrets/folder')) }, ['seal', recipient], /secrets\/folder cannot be read, or is not a file/],
    ['no word', () => {}, [], /say seal or open/],
  ] as const) {
    const here = withSecrets(place(t, [recipient], name))
    spoil(here)
    const { code, err } = here.run(...words)
    t.equal(code, 2, name)
    t.match(err, message, name)
    t.strictSame(existsSync(here.at('sealed')) ? readdirSync(here.at('sealed')) : [], [], name)
  }
})

t.test('shellcheck has nothing to say', needs('shellcheck'), async (t) => {
  t.equal(spawnSync('shellcheck', ['--shell', 'sh', join(gateFolder, '../host/sealed.sh')], { encoding: 'utf8' }).stdout, '')
})
