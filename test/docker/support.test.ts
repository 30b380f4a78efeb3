/** make support-bundle: what it packs, and that no secret of the stack is in it, in whatever notation and wherever it stood. */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { findKnown } from '../../generator/answers/known-secrets.ts'
import { sbtcTestKey, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { keyNotations, mnemonicNotations, testMnemonic, textNotations } from '../support/notations.ts'
import { edit, logLine } from './evidence.ts'
import { both, place, run } from './look-place.ts'
import { needs, root } from './tools.ts'

const options = needs('awk', 'timeout', 'tar', 'make')
type Where = ReturnType<typeof place>

const bundle = (where: Where, ...command: readonly string[]) => run(where, command.length > 0 ? command : ['sh', 'docker/host/look.sh', 'support'])
const archives = ({ directory }: Where): readonly string[] => readdirSync(directory).filter((name) => name.startsWith('support-'))

/** The files of the one archive that is there, unpacked by the real tar. */
function unpacked(t: Test, where: Where): Readonly<Record<string, string>> {
  const [name = '', ...others] = archives(where)
  t.match(name, /^support-sample-\d{8}T\d{6}Z\.tar\.gz$/)
  t.strictSame(others, [])
  t.equal(statSync(join(where.directory, name)).mode & 0o777, 0o600)
  const target = join(where.bin, '../unpacked')
  mkdirSync(target)
  const { status, stderr } = spawnSync('tar', ['-xzf', join(where.directory, name), '-C', target], { encoding: 'utf8' })
  t.equal(`${status} ${stderr}`, '0 ')
  return readFiles(target)
}

const kind = (name: string) => (name.includes('ssh') ? 'OPENSSH PRIVATE KEY' : 'PRIVATE KEY')
const pem = (name: string) => `-----BEGIN ${kind(name)}-----\n${[0, 1, 2].map((line) => createHash('sha384').update(`${name} ${line}`).digest('base64')).join('\n')}\n-----END ${kind(name)}-----`
const token = (name: string) => `qX7vRz2LmW-9_$tok.en-of-${name}`

/** A value for the secret of that name, and its notations. */
function sampleSecret(name: string): readonly [value: string, notations: readonly string[]] {
  if (name.endsWith('private-key')) { const key = name.startsWith('sbtc') ? `${sbtcTestKey}01` : testKey; return [key, keyNotations(key)] }
  if (name.endsWith('.old')) { const key = `${'3c5a'.repeat(16)}01`; return [key, keyNotations(key)] }
  if (name.endsWith('mnemonic')) return [testMnemonic, mnemonicNotations(testMnemonic)]
  if (/-(tls|ssh|ca)-key$/.test(name)) { const key = pem(name); return [key, [key, ...key.split('\n').slice(name.includes('ssh') ? 2 : 1, -1)]] }
  return [token(name), textNotations(token(name))]
}

t.test('no secret is in it, wherever it stood and however it was written', options, async (t) => {
  const setting = both({ tls: 'single', monitoring: 'full', backup: 'sftp', sbtc: 'beside' })
  const names = [...setting.host.secrets.map(({ name }) => name), 'signer-mnemonic', 'signer-private-key.old', 'tls-ca-key']
  t.ok(names.length > 12, names.join(' '))
  const secrets = names.map((name) => ({ name, value: sampleSecret(name)[0], notations: sampleSecret(name)[1] }))
  const all = secrets.flatMap(({ notations }) => notations)
  edit(setting.sections, 'logs.stacks-node', (log) => `${log}${all.map((one) => logLine(2, `WARN it said ${one}.`)).join('')}`)
  edit(setting.sections, 'logs.bitcoind', (log) => `${log}${all.join('\n')}\n`)
  // Lines that evidence.sh cuts, somewhere within what it must not cut.
  edit(setting.sections, 'logs.stacks-signer', (log) => `${log}${[560, 580, 3960, 3990, 65_500].flatMap((before) => all.filter((one) => !one.includes('\n')).map((one) => `${'. '.repeat(before / 2)} ${one}\n`)).join('')}`)
  edit(setting.sections, 'node.info', (text) => `${text}\n${all.join('\n')}`)
  edit(setting.sections, 'guard.verdict', (text) => `${text}${all.join('\n')}`)
  edit(setting.sections, 'config', (text) => text.replace('"image"', () => `"image": "${secrets.at(0)!.value}", "x"`))
  const where = place(t, setting)
  const write = (path: string, text: string) => { mkdirSync(join(where.directory, path, '..'), { recursive: true }); writeFileSync(join(where.directory, path), text) }
  for (const { name, value } of secrets) write(`secrets/${name}`, `${value}\n`)
  for (const path of ['docker-compose.yml', 'docker-compose.override.yml', 'answers.env', 'config/prometheus/prometheus.yml', 'config/bitcoin.conf', '.stack-manifest.json', 'images.lock.json']) {
    write(path, `${all.map((one) => `# ${one}\nname=${one}`).join('\n')}\n`)
  }
  const { code, out, err } = bundle(where)
  t.equal(code, 0, err)
  const files = unpacked(t, where)
  const said = `${Object.entries(files).map(([name, text]) => `== ${name}\n${text}`).join('\n')}\n${out}\n${err}`
  for (const { name, value, notations } of secrets) {
    t.strictSame(findKnown(said, { what: name, value }), [], name)
    t.strictSame(notations.filter((one) => said.includes(one)).length, 0, name)
    t.ok(err.includes(`the value of secrets/${name}`), `it says that it has found ${name}`)
  }
  // Not by the code that has hidden them: the digits alone, whatever stands between.
  const digits = said.toLowerCase().replace(/[^0-9a-z]/g, '')
  for (const key of [testKey, sbtcTestKey, '3c5a'.repeat(16)]) t.notOk(digits.includes(key.slice(0, 48)) || digits.includes(key.slice(16, 64)))
  t.notOk(Object.keys(files).some((name) => /secrets|override/.test(name)), Object.keys(files).join(' '))
  t.equal(run(where, ['ls', '-A', join(where.bin, '../temporary')]).out, '', 'nothing is left behind')
})

t.test('what it is good for is still in it', options, async (t) => {
  const setting = both({ tls: 'single' })
  edit(setting.sections, 'logs.stacks-node', (log) => `${log}${logLine(3, 'before')}${logLine(2, `it is ${Buffer.from('a-token-that-nobody-may-see').toString('base64')}!`)}${logLine(1, `after${' and so on'.repeat(1000)}`)}`)
  edit(setting.sections, 'node.info', (text) => text.replace('{', () => `{"tip":"${'ef'.repeat(32)}",`))
  const where = place(t, setting)
  const manifest = `${JSON.stringify({ files: { Makefile: { sha256: 'ab'.repeat(32) } } }, null, 2)}\n`
  writeFileSync(join(where.directory, '.stack-manifest.json'), manifest)
  writeFileSync(join(where.directory, 'docker-compose.yml'), `services:\n  init:\n    image: node:24@sha256:${'cd'.repeat(32)}\nsecrets:\n  name: x\n`)
  writeFileSync(join(where.directory, 'answers.env'), 'STACK_NAME=sample\nALERT_URL=https://me:hunter2@example.net/\n')
  const { code, out, err } = bundle(where, 'make', '--no-print-directory', 'support-bundle')
  t.equal(code, 0, err)
  const files = unpacked(t, where)
  const at = (name: string) => files[`support-bundle/${name}`] ?? `there is no ${name}`
  t.match(at('status.txt'), /^sample on mainnet\n/)
  t.match(at('status.txt'), /^stacks-node +healthy for 3 days/m)
  t.match(at('doctor.txt'), /checks/)
  t.match(at('evidence/engine.txt'), /^"26\.1\.5" "28\.2\.2"\n.*\n2\.40\.3\n$/)
  t.match(at('evidence/machine.txt'), /^Linux \d+\.\d+/)
  t.match(at('evidence/node.health.txt'), /difference_from_max_peer/)
  t.match(at('evidence/node.info.txt'), '"tip":"efefefefef…"', 'what could be a key is shortened')
  const log = at('evidence/logs.stacks-node.txt')
  t.match(log, / before\n\[a line with the value of secrets\/auth-token was here\]\n.* after and so on/)
  t.ok(log.split('\n').every((line) => line.length <= 4001) && log.includes('…'), 'long lines are cut')
  t.match(err, 'support: not in evidence/logs.stacks-node.txt: 1 line with the value of secrets/auth-token')
  t.equal(at('stack-manifest.json'), manifest)
  t.equal(at('docker-compose.yml'), `services:\n  init:\n    image: node:24@sha256:${'cd'.repeat(32)}\nsecrets:\n  name: x\n`)
  t.equal(at('answers.env'), 'STACK_NAME=sample\nALERT_URL=https://[hidden]@example.net/\n')
  t.match(at('config/signer-config.toml'), 'auth_password = "@AUTH_TOKEN@"\nstacks_private_key = "@SIGNER_PRIVATE_KEY@"\n')
  t.match(at('config/node-config.toml'), '[node]\nstacker = true\nseed = [hidden]\n[connection_options]\nauth_token = [hidden]\n')
  t.match(at('config/stack.json'), '"stack": "sample"')
  for (const name of Object.keys(files)) t.ok(out.includes(`${name}\n`), `it lists ${name}`)
  t.match(out, /Read it before you publish it\.\n$/)
})

t.test('where it cannot search for a secret it packs nothing', options, async (t) => {
  const cases: readonly (readonly [string, (where: Where) => void, RegExp, Parameters<typeof place>[2]?])[] = [
    ['a FIFO', ({ directory }) => { spawnSync('mkfifo', [join(directory, 'secrets/other')]) }, /support: secrets\/other cannot be read\n(.*\n)*support: could not look: what was gathered is not complete\n$/],
    ['a link to nowhere', ({ directory }) => { spawnSync('ln', ['-s', '/nowhere', join(directory, 'secrets/other')]) }, /secrets\/other cannot be read/],
    ['a large file', ({ directory }) => { writeFileSync(join(directory, 'secrets/other'), Buffer.alloc(65_537, 120)) }, /secrets\/other is too large for a secret/],
    ['a name with a line end', ({ directory }) => { writeFileSync(join(directory, 'secrets/a\nb'), 'a-secret-of-mine') }, /secrets\/a cannot be read/],
    ['a name with a blank', ({ directory }) => { writeFileSync(join(directory, 'secrets/a b'), 'a-secret-of-mine') }, /what was gathered is not complete/],
    ['no engine', () => {}, /support: Docker does not answer/, { daemon: false }],
    // Root may read everything.
    ...(root ? [] : [['not its owner\'s', ({ directory }: Where) => { chmodSync(join(directory, 'secrets/auth-token'), 0) }, /secrets\/auth-token cannot be read/] as const]),
  ]
  for (const [name, spoil, message, docker] of cases) {
    const where = place(t, both(), docker)
    spoil(where)
    const { code, err } = bundle(where)
    t.equal(code, 2, name)
    t.match(err, message, name)
    t.strictSame(archives(where), [], name)
    rmSync(join(where.directory, 'secrets'), { recursive: true })
  }
  const where = place(t, both())
  t.match(bundle(where, 'sh', 'docker/host/look.sh', 'support', '--json'), { code: 2, err: /support has no JSON/ })
})
