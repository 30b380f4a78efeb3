/** `adopt` where it cannot, or may not: what it says, and that nothing is written. */

import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { compose, mainnetNode, rpcPassword, signer, token } from '../adopt/cases/case.ts'
import { command, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { asTree } from './adopt-support.ts'

const whole = { 'signer.toml': signer('mainnet'), 'node.toml': mainnetNode(), 'docker-compose.yml': compose('x/stacks-core:4.0.4', 'x/stacks-signer:4.0.4') }
const secrets = [testKey, token, rpcPassword, 'hunter2-hunter2']

interface Refused {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly words?: readonly string[]
  readonly say: string | RegExp
}

const refused: readonly Refused[] = [
  { name: 'no word', files: whole, words: [], say: 'error: adopt takes the directory of a deployment and where to write, found nothing' },
  { name: 'three words', files: whole, words: ['a', 'b', 'c'], say: 'found 3 words' },
  { name: 'no directory', files: whole, words: ['gone'], say: 'error: gone: there is no such directory' },
  { name: 'a file', files: whole, words: ['old/node.toml'], say: 'old/node.toml is not a directory' },
  { name: 'nothing there', files: { readme: '' }, say: /there is no config of a signer: [^]*there is no config of a node/ },
  { name: 'no signer', files: { 'node.toml': mainnetNode() }, say: 'error: there is no config of a signer' },
  { name: 'no node', files: { 'signer.toml': signer('mainnet') }, say: 'error: there is no config of a node' },
  { name: 'two signers', files: { ...whole, 'signer-2.toml': signer('mainnet') }, say: 'signer.toml:1:1: error: this is another config of a signer: one deployment is adopted at a time' },
  { name: 'two signers in Compose', files: { ...whole, 'docker-compose.yml': `${whole['docker-compose.yml']}  second:\n    image: x/stacks-signer:4.0.4\n` }, say: 'docker-compose.yml:10:3: error: a second service runs stacks-signer' },
  { name: 'two Compose files', files: { ...whole, 'compose.yaml': 'services: {}\n' }, say: 'compose.yaml and docker-compose.yml are both here' },
  { name: 'broken TOML that holds a secret', files: { ...whole, 'signer.toml': `auth_password = "hunter2-hunter2\n${signer('mainnet')}` }, say: /^signer\.toml:\d+:\d+: error: this is not TOML: / },
  { name: 'a key given twice', files: { ...whole, 'signer.toml': `${signer('mainnet')}auth_password = "hunter2-hunter2"\n` }, say: /^signer\.toml:\d+:\d+: error: this is not TOML: / },
  { name: 'broken YAML', files: { ...whole, 'docker-compose.yml': 'services: {a: [}\n' }, say: /^docker-compose\.yml:1:\d+: error: this is not YAML: / },
  { name: 'no Compose file', files: { ...whole, 'docker-compose.yml': '[]\n' }, say: 'this is no Compose file: it has no services' },
  { name: 'networks that differ', files: { ...whole, 'signer.toml': signer('testnet') }, say: 'signer.toml:3:1: error: the signer is on testnet and its node on mainnet' },
  { name: 'a private network', files: { ...whole, 'node.toml': mainnetNode().replace('mode = "mainnet"', 'mode = "mocknet"') }, say: 'burnchain.mode is mocknet: only mainnet, testnet, staking-testnet can be adopted' },
  { name: 'a network of no name', files: { ...whole, 'signer.toml': signer('{{x}}\\u0007') }, say: 'network is "{{x}}\\u0007": only mainnet' },
  { name: 'the output is the deployment', files: whole, words: ['old', 'old'], say: 'the output is the deployment itself' },
  { name: 'the output is a file', files: whole, words: ['old', 'old/node.toml'], say: 'old/node.toml/answers.env cannot be read: a part of the path is a file' },
]

async function nothingWritten(t: Test, root: string, words: readonly string[]): Promise<string> {
  const before = readFiles(root)
  const ran = await command(root, ['adopt', ...words])
  const json = await command(root, ['adopt', ...words, '--json'])
  t.equal(ran.code, 2)
  t.equal(json.code, 2)
  t.equal(ran.out, '')
  t.match(JSON.parse(json.out), { exitCode: 2, written: false })
  t.strictSame(readFiles(root), before)
  for (const secret of secrets) t.notOk(`${ran.err}${json.out}`.includes(secret), 'no secret is shown')
  return ran.err
}

for (const { name, files, words = ['old'], say } of refused) {
  t.test(name, async (t) => {
    const root = t.testdir({ old: asTree(files) })
    t.match(await nothingWritten(t, root, words), say)
  })
}

t.test('what stands in the output is never replaced', async (t) => {
  const root = t.testdir({ old: asTree(whole) })
  t.equal((await command(root, ['adopt', 'old'])).code, 0)
  t.match(await nothingWritten(t, root, ['old']), 'error: old-stack/answers.env already exists, and is never replaced')
  t.equal(statSync(join(root, 'old-stack/secrets')).mode & 0o777, 0o700)
  t.equal(statSync(join(root, 'old-stack/secrets/auth-token')).mode & 0o777, 0o600)

  mkdirSync(join(root, 'other/secrets'), { recursive: true })
  const stored = join(root, 'other/secrets/auth-token')
  writeFileSync(stored, `${token}\n`)
  chmodSync(join(root, 'other/secrets'), 0o700)
  chmodSync(stored, 0o600)
  t.equal((await command(root, ['adopt', 'old', 'other'])).code, 0, 'the same secret may stand there')
  writeFileSync(stored, 'hunter2-hunter2-hunter2\n')
  mkdirSync(join(root, 'third'))
  symlinkSync(join(root, 'other/secrets'), join(root, 'third/secrets'))
  t.match(await nothingWritten(t, root, ['old', 'third']), 'secrets is a symbolic link')
  t.test('another secret', async (t) => {
    const root = t.testdir({ old: asTree(whole), out: { secrets: { 'signer-private-key': `${'1'.repeat(64)}\n` } } })
    chmodSync(join(root, 'out/secrets'), 0o700)
    chmodSync(join(root, 'out/secrets/signer-private-key'), 0o600)
    t.match(await nothingWritten(t, root, ['old', 'out']), 'another one than out/secrets/signer-private-key, and an existing secret is never changed')
  })
})

t.test('runs that write nothing', async (t) => {
  const root = t.testdir({ old: asTree(whole) })
  for (const [flag, code] of [['--dry-run', 0], ['--diff', 0], ['--check', 1]] as const) {
    const ran = await command(root, ['adopt', 'old', flag])
    t.equal(ran.code, code, flag)
    t.match(ran.out, /would write old-stack\/answers\.env[^]*\nnothing was written\n$/)
    t.notOk(existsSync(join(root, 'old-stack')))
  }
  t.equal((await command(root, ['adopt', 'old', 'a/b'])).code, 0)
  t.match(readFileSync(join(root, 'a/b/answers.env'), 'utf8'), /^# Adopted from old: [^]*\n# signer\.toml:3:1, node\.toml:9:1\nNETWORK=mainnet\n/)
})
