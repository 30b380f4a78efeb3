/** Secrets in answer files: what is committed and what is shown never holds one, and the file itself is kept from others. */

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../../generator/cli/run.ts'
import { command, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { keyNotations, testMnemonic } from '../support/notations.ts'
import { repository } from '../support/repository.ts'

const base = 'STACK_NAME=s\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\n'
const token = 'qX7vRz2LmW-9_token-of-a-test'
const secret = /753b[^a-z]?7cc0|753b7cc01a|qX7vRz2L/i

/** The command on files as they are: `command` closes answer files to others. */
async function asIs(cwd: string, argv: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  let said = ''
  const hear = (text: string) => { said += text }
  const code = await run(argv, { cwd, environment: {}, packageRoot: repository, version: '0.1.0', stdout: hear, stderr: hear })
  return { code, said }
}

for (const [name, text] of [
  ['a key switched off in a comment', `${base}#SIGNER_PRIVATE_KEY=${testKey}\n`],
  ['a key behind another answer', `${base}SNAPSHOT=on # ${testKey}\n`],
  ['a key in groups, in another answer', `${base}NODE__node__name='${keyNotations(testKey)[4]!}'\n`],
  ['the token of this file in another answer', `${base}SIGNER_PRIVATE_KEY=${testKey}\nAUTH_TOKEN=${token}\nRUNBOOK_URL=https://x.example/?t=${token}\n`],
  ['a key where a word belongs', `${base}SIGNER_KEY=${testKey}\n`],
  ['a mnemonic where a word belongs', `${base}SIGNER_KEY='${testMnemonic}'\n`],
  ['a key beside a mistake on the same line', `${base}SNAPSHOT=maybe # ${keyNotations(testKey)[5]!}\n`],
  ['a long token that a message would cut', `${base}SIGNER_PRIVATE_KEY=${testKey}\nAUTH_TOKEN=${token.repeat(5)}\nSNAPSHOT=${token.repeat(5)}\n`],
] as const) {
  t.test(`refused, and not shown: ${name}`, async (t) => {
    // The files that would be generated, were it not for that.
    const outside = /^SIGNER_(PRIVATE_)?KEY=/m.test(text) ? text : `${text}SIGNER_PRIVATE_KEY=${'3'.repeat(64)}\n`
    const root = t.testdir({ 'a.env': outside, in: { 'answers.env': /^SIGNER_KEY=/m.test(text) ? text : `${text}SIGNER_KEY=generate\n` } })
    for (const argv of [[], ['--diff'], ['--json'], ['--check'], ['--json', '--diff']]) {
      const ran = await command(root, ['a.env', 'out', ...argv])
      t.equal(ran.code, 2, argv.join(' '))
      t.notMatch(ran.out + ran.err, secret, argv.join(' '))
      t.notMatch(ran.out + ran.err, 'abandon', argv.join(' '))
    }
    t.notOk(existsSync(join(root, 'out')), 'nothing was written')
    // A token is known by the file that gives it alone.
    if (/^AUTH_TOKEN=/m.test(text)) return
    const inside = await command(join(root, 'in'), [])
    t.equal(inside.code, 2)
    t.notMatch(inside.out + inside.err, secret)
  })
}

t.test('what stands in the directory already is not shown either', async (t) => {
  const root = t.testdir({ 'a.env': `${base}SIGNER_PRIVATE_KEY=${testKey}\nAUTH_TOKEN=${token}\n` })
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  const config = join(root, 'out/config/signer-config.toml')
  const clean = readFileSync(config, 'utf8')
  for (const [from, to] of [['@SIGNER_PRIVATE_KEY@', testKey], ['@SIGNER_PRIVATE_KEY@', '1'.repeat(63) + 'a'], ['@AUTH_TOKEN@', token]] as const) {
    writeFileSync(config, clean.replace(from, to))
    for (const argv of [[], ['--diff'], ['--json'], ['--diff', '--force']]) {
      const ran = await command(root, ['a.env', 'out', ...argv])
      t.notMatch(ran.out + ran.err, secret, argv.join(' '))
      t.notMatch(ran.out + ran.err, '1'.repeat(60))
      if (argv.length === 0) t.match(ran, { code: 2, err: /signer-config\.toml: edited by hand, and it holds a secret[^]*# config\/signer-config\.toml: it holds a secret, so its diff is not shown/ })
    }
  }
  writeFileSync(config, clean)
  writeFileSync(join(root, 'out/answers.env'), `${base}#SIGNER_PRIVATE_KEY=${testKey}\n`)
  t.match(await command(root, ['a.env', 'out']), { code: 2, err: /^out\/answers\.env:4:1: error: this line holds the value of SIGNER_PRIVATE_KEY/m })
  writeFileSync(join(root, 'out/answers.env'), `${base}AUTH_TOKEN=${token}\n`)
  const copy = await command(root, ['a.env', 'out', '--diff'])
  t.match(copy, { code: 2, err: /^out\/answers\.env:4:1: error: this line gives a value for AUTH_TOKEN/m })
  t.notMatch(copy.out + copy.err, secret)
})

t.test('a file with a secret that others may read', async (t) => {
  const root = t.testdir({ 'my a.env': `${base}SIGNER_PRIVATE_KEY=${testKey}\n`, 'plain.env': base })
  for (const mode of [0o644, 0o640, 0o604]) {
    chmodSync(join(root, 'my a.env'), mode)
    const ran = await asIs(root, ['my a.env', 'out'])
    t.match(ran, { code: 2, said: /my a\.env:4:1: error: SIGNER_PRIVATE_KEY is a secret, and other users may read this file \(mode 06..\)/ })
    t.notMatch(ran.said, secret)
    t.notOk(existsSync(join(root, 'out')))
  }
  const remedy = /hint: (chmod .*)/.exec((await asIs(root, ['my a.env', 'out', '--check'])).said)![1]!
  t.equal(spawnSync('sh', ['-c', remedy], { cwd: root }).status, 0, remedy)
  t.equal(statSync(join(root, 'my a.env')).mode & 0o777, 0o600)
  const done = await asIs(root, ['my a.env', 'out'])
  t.match(done, { code: 0, said: /my a\.env:4:1: warning: SIGNER_PRIVATE_KEY is stored in secrets\/ now: this line can go/ })
  t.match(await asIs(root, ['my a.env', 'out', '--json']), { code: 0, said: /"code": "secret-stored"/ }, 'and again, while it is there')
  writeFileSync(join(root, 'my a.env'), base)
  chmodSync(join(root, 'my a.env'), 0o644)
  t.notMatch((await asIs(root, ['my a.env', 'out'])).said, 'can go')
})

t.test('a file with a secret that git would commit', async (t) => {
  const root = t.testdir({ fleet: { 'a.env': `${base}SIGNER_PRIVATE_KEY=${testKey}\nMACHINE=m\n`, 'b.env': `${base.replace('=s', '=b')}SIGNER_PRIVATE_KEY=${'2'.repeat(64)}\n` } })
  const git = (...words: string[]) => { t.equal(spawnSync('git', words, { cwd: root }).status, 0, words.join(' ')) }
  git('init', '-q')
  for (const name of ['a', 'b']) chmodSync(join(root, `fleet/${name}.env`), 0o600)
  const fresh = await asIs(root, ['fleet/a.env', 'fleet/b.env'])
  t.match(fresh, { code: 2, said: /^fleet\/a\.env:4:1: error: SIGNER_PRIVATE_KEY is a secret, and this file lies in a git work tree that does not ignore it$/m })
  t.match(fresh.said, /^fleet\/b\.env:4:1: error: SIGNER_PRIVATE_KEY/m)
  t.notOk(existsSync(join(root, 'fleet/a')), 'nothing was written')
  git('add', 'fleet/a.env')
  t.match((await asIs(root, ['fleet/a.env', 'fleet/b.env'])).said, /fleet\/a\.env:4:1: error: SIGNER_PRIVATE_KEY is a secret, and git tracks this file[^]*git rm --cached fleet\/a\.env/)
  git('rm', '-q', '--cached', 'fleet/a.env')

  // The commands that it says, one file in each of the two ways.
  const ignore = /^ +(echo \S+ >>\S+)$/m.exec(fresh.said)![1]!
  t.equal(spawnSync('sh', ['-c', ignore], { cwd: root }).status, 0, ignore)
  t.match((await asIs(root, ['fleet/a.env', 'fleet/a'])).code, 0)
  const [, make, put] = /^ +(mkdir -p fleet\/b\/.*)\n +(\(umask .*\))$/m.exec(fresh.said)!
  t.equal(spawnSync('sh', ['-c', `${make!}\n${put!}`], { cwd: root, input: `${'2'.repeat(64)}\n` }).status, 0, put!)
  writeFileSync(join(root, 'fleet/b.env'), base.replace('=s', '=b'))
  t.equal((await asIs(root, ['fleet/b.env', 'fleet/b'])).code, 0)
  git('add', '--all')
  t.notMatch(spawnSync('git', ['grep', '--cached', '-l', '-e', testKey.slice(0, 64), '-e', '2'.repeat(64)], { cwd: root }).stdout.toString(), /./, 'no key reaches the index')
  const files = readFiles(join(root, 'fleet/b'), ['secrets'])
  t.notOk(Object.values(files).some((text) => text.includes('2'.repeat(64))))
})
