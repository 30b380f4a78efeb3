import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { makeToken, readSecrets, storeSecret, type SecretName } from '../../generator/io/secret-store.ts'
import { renderProblem } from '../../generator/problem.ts'
import { tokenFault } from '../../generator/answers/secrets.ts'
import { testKey } from '../support/command.ts'
import { withFault } from '../support/faults.ts'

const token = 'a-token-of-some-length'
const words = Array.from({ length: 24 }, () => 'word').join(' ')

function put(root: string, name: string, content: string | Buffer, mode = 0o600): void {
  mkdirSync(join(root, 'secrets'), { recursive: true, mode: 0o700 })
  writeFileSync(join(root, 'secrets', name), content)
  chmodSync(join(root, 'secrets', name), mode)
}

const messages = (problems: readonly { readonly message: string }[]) => problems.map(({ message }) => message)

t.test('no directory, no folder, no files: no secrets and no problem', async (t) => {
  const root = t.testdir({ empty: { secrets: {} } })
  chmodSync(join(root, 'empty/secrets'), 0o700)
  for (const directory of ['absent', '.', 'empty']) t.strictSame(readSecrets(join(root, directory)), { value: {}, problems: [] })
})

t.test('what is stored is read back, in 0600 below 0700 under any umask', async (t) => {
  const root = join(t.testdir({}), 'out')
  for (const mask of [0o000, 0o777 & ~0o700]) {
    const umask = process.umask(mask)
    const directory = `${root}-${mask}`
    for (const [name, value] of [['signer-mnemonic', words], ['signer-private-key', testKey], ['auth-token', token]] as const) {
      t.strictSame(storeSecret(directory, name, value), [])
      t.equal(statSync(join(directory, 'secrets', name)).mode & 0o7777, 0o600)
    }
    process.umask(umask)
    t.equal(statSync(join(directory, 'secrets')).mode & 0o7777, 0o700)
    t.strictSame(readdirSync(join(directory, 'secrets')).sort(), ['.gitignore', 'auth-token', 'signer-mnemonic', 'signer-private-key'])
    t.equal(readFileSync(join(directory, 'secrets/auth-token'), 'utf8'), `${token}\n`)
    t.equal(readFileSync(join(directory, 'secrets/.gitignore'), 'utf8'), '*\n', 'keygen may come before there is a generated .gitignore')
    t.strictSame(readSecrets(directory), { value: { 'signer-mnemonic': words, 'signer-private-key': testKey, 'auth-token': token }, problems: [] })
  }
})

t.test('an existing secret is never replaced, whatever stands there', async (t) => {
  const root = t.testdir({})
  put(root, 'auth-token', 'the first one')
  t.strictSame(storeSecret(root, 'auth-token', token).map(({ code }) => code), ['secret-exists'])
  t.equal(readFileSync(join(root, 'secrets/auth-token'), 'utf8'), 'the first one')
  symlinkSync('/nowhere/at/all', join(root, 'secrets/signer-private-key'))
  t.strictSame(storeSecret(root, 'signer-private-key', testKey).map(({ code }) => code), ['secret-exists'])
  t.strictSame(readdirSync(join(root, 'secrets')).sort(), ['.gitignore', 'auth-token', 'signer-private-key'])
})

t.test('one line end is taken off, no more', async (t) => {
  const root = t.testdir({})
  put(root, 'auth-token', token)
  t.equal(readSecrets(root).value?.['auth-token'], token)
  put(root, 'auth-token', `${token}\n`)
  t.equal(readSecrets(root).value?.['auth-token'], token)
  put(root, 'auth-token', `${token}\n\n`)
  t.match(messages(readSecrets(root).problems), [/^secrets\/auth-token cannot be used: character \d+ of \d+ is a blank/])
})

const secretText = 'Sensitive-7f3a'
const bad: readonly [name: string, file: SecretName, content: string | Buffer, want: RegExp][] = [
  ['empty', 'auth-token', '', /^secrets\/auth-token cannot be used: it is empty$/],
  ['a line end alone', 'signer-private-key', '\n', /it is empty$/],
  ['a token too short', 'auth-token', secretText, /at least 16 are needed/],
  ['a token with a blank', 'auth-token', `${secretText} ${secretText}`, /is a blank/],
  ['a key too short', 'signer-private-key', 'abcdef7f3a', /it has 10 digits, not 64 or 66/],
  ['a key with 0x', 'signer-private-key', `0x${testKey}`, /it starts with 0x/],
  ['a key with CR LF', 'signer-private-key', `${testKey}\r\n`, /its line ends in CR LF/],
  ['a mnemonic in the place of the key', 'signer-private-key', words, /24 words of a mnemonic/],
  ['a key in the place of the mnemonic', 'signer-mnemonic', testKey, /not a row of small-letter words/],
  ['a mnemonic on lines', 'signer-mnemonic', words.replaceAll(' ', '\n'), /not a row of small-letter words/],
  ['a mnemonic of another length', 'signer-mnemonic', `${words} word`, /it has 25 words, not 12 or 24/],
  ['bytes', 'auth-token', Buffer.from([0xff, 0xfe, 0x41]), /is not text$/],
  ['a huge file', 'auth-token', 'x'.repeat(5000), /is too large \(5000 bytes\)/],
]

for (const [name, file, content, want] of bad) {
  t.test(`refused without being shown: ${name}`, async (t) => {
    const root = t.testdir({})
    put(root, file, content)
    const read = readSecrets(root)
    t.equal(read.value, undefined)
    t.match(messages(read.problems), [want])
    const said = read.problems.map(renderProblem).join('\n')
    for (const part of [secretText, testKey.slice(0, 12), 'word word', 'abcdef7f3a']) t.notMatch(said, part)
  })
}

t.test('all unusable files are named at once', async (t) => {
  const root = t.testdir({})
  put(root, 'auth-token', '')
  put(root, 'signer-private-key', 'no')
  put(root, 'unknown-file', 'is none of ours')
  t.equal(readSecrets(root).problems.length, 2)
})

t.test('files and folders open to others are warned about, and used', async (t) => {
  const root = t.testdir({})
  put(root, 'auth-token', token, 0o640)
  put(root, 'signer-private-key', testKey, 0o604)
  chmodSync(join(root, 'secrets'), 0o755)
  const read = readSecrets(root)
  t.equal(read.value?.['auth-token'], token)
  t.strictSame(read.problems.map(({ severity, message, hint }) => [severity, message, hint]), [
    ['warning', 'secrets is open to other users (mode 0755)', 'chmod 700 secrets'],
    ['warning', 'secrets/signer-private-key is open to other users (mode 0604)', 'chmod 600 secrets/signer-private-key'],
    ['warning', 'secrets/auth-token is open to other users (mode 0640)', 'chmod 600 secrets/auth-token'],
  ])
})

t.test('links, folders and pipes are refused, for reading and for writing', async (t) => {
  const root = t.testdir({ elsewhere: {}, linked: {}, file: { secrets: 'x' }, strange: {} })
  symlinkSync('../elsewhere', join(root, 'linked/secrets'))
  for (const [directory, want, why] of [['linked', 'secrets is a symbolic link', 'it is a symbolic link (ELOOP)'], ['file', 'secrets is not a directory', 'a part of the path is a file, not a directory (ENOTDIR)']] as const) {
    t.strictSame(messages(readSecrets(join(root, directory)).problems), [want])
    t.strictSame(messages(storeSecret(join(root, directory), 'auth-token', token)), [`secrets/auth-token cannot be written: ${why}`])
  }
  t.strictSame(readdirSync(join(root, 'elsewhere')), [])
  const strange = join(root, 'strange')
  put(strange, 'other', token)
  symlinkSync('other', join(strange, 'secrets/auth-token'))
  mkdirSync(join(strange, 'secrets/signer-private-key'))
  execFileSync('mkfifo', [join(strange, 'secrets/signer-mnemonic')])
  t.strictSame(messages(readSecrets(strange).problems), [
    'secrets/signer-private-key is not a file', 'secrets/signer-mnemonic is not a file', 'secrets/auth-token is a symbolic link',
  ])
})

t.test('a secret that cannot be read or written is a problem that names it', async (t) => {
  const root = t.testdir({})
  put(root, 'auth-token', token)
  t.match(messages(withFault(1, 'EACCES', () => readSecrets(root)).value.problems), ['secrets/auth-token cannot be read: permission denied (EACCES)'])
  const [first, out] = [join(root, 'first'), join(root, 'out')]
  mkdirSync(join(first, 'secrets'), { recursive: true, mode: 0o700 })
  const { steps } = withFault(0, '', () => storeSecret(first, 'signer-private-key', testKey))
  mkdirSync(join(out, 'secrets'), { recursive: true, mode: 0o700 })
  for (const step of [steps.indexOf('writeFileSync') + 1, steps.indexOf('linkSync') + 1]) {
    t.strictSame(messages(withFault(step, 'ENOSPC', () => storeSecret(out, 'signer-private-key', testKey)).value),
      ['secrets/signer-private-key cannot be written: the disk is full (ENOSPC)'])
    t.strictSame(readdirSync(join(out, 'secrets')), [])
  }
})

t.test('a stack directory that is a file', async (t) => {
  const root = t.testdir({ out: 'x' })
  t.strictSame(readSecrets(join(root, 'out')), { value: {}, problems: [] })
  t.match(messages(storeSecret(join(root, 'out'), 'auth-token', token)), [/^secrets\/auth-token cannot be written: .*ENOTDIR/])
})

t.test('what killed runs left behind is swept before the next secret', async (t) => {
  const root = t.testdir({})
  put(root, '.signer-private-key.tmp-4194305-0123456789ab', testKey)
  t.strictSame(storeSecret(root, 'auth-token', token), [])
  t.strictSame(readdirSync(join(root, 'secrets')), ['.gitignore', 'auth-token'])
})

t.test('tokens are fresh, long and usable', async (t) => {
  const tokens = new Set(Array.from({ length: 50 }, makeToken))
  t.equal(tokens.size, 50)
  for (const one of tokens) {
    t.match(one, /^[0-9a-f]{64}$/)
    t.equal(tokenFault(one), undefined)
  }
})
