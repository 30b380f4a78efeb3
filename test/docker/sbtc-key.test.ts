/** docker/host/sbtc.sh and the program sealed: the key goes out sealed, is proven, and comes back; nothing else of it shows. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { sampleFile } from './init-setting.ts'
import { gateFolder, initHere, needs, programPath } from './tools.ts'

const options = needs('age', 'age-keygen', 'ssh-keygen')
const key = '5e'.repeat(32)
const publicKey = '035f64993ccb4044a005e82ba07e78b2815a6a17aa7d5ad62fd59d519778072483'

interface Place { readonly root: string; readonly at: (path: string) => string; readonly run: (what: string, words?: Readonly<Record<string, string>>) => { readonly code: number | null; readonly out: string; readonly err: string } }

const stackFor = (publicKey: string): string => JSON.stringify({ ...JSON.parse(sampleFile({ sbtc: 'alone' })), stack: 'my-signer', sbtc: { node: 'sbtc-stacks-node', publicKey } })

/** A stack's directory, and a docker that runs what it is told here; it writes down what it was asked. */
function place(t: Test, wanted = publicKey): Place {
  const root = t.testdir({ stack: { docker: { 'init.mjs': '', 'sealed.mjs': '' }, config: { 'stack.json': stackFor(wanted) }, secrets: {} }, bin: {} })
  const at = (path: string) => join(root, path)
  cpSync(join(gateFolder, '../host'), at('stack/docker/host'), { recursive: true })
  writeFileSync(at('stack/secrets/sbtc-signer-private-key'), `${key}\n`, { mode: 0o600 })
  writeFileSync(at('bin/docker'), `#!/bin/sh\ncase "$*" in\n  ${initHere}\nesac\n[ "$1" = run ] || exit 0\necho "$*" >>'${at('asked')}'\nwhile [ "$1" != /sealed.mjs ]; do shift; done\nshift\nexec '${process.execPath}' '${programPath('sealed')}' "$@"\n`)
  chmodSync(at('bin/docker'), 0o755)
  for (const name of ['mine', 'other']) writeFileSync(at(name), spawnSync('age-keygen', { encoding: 'utf8' }).stdout, { mode: 0o600 })
  const run = (what: string, words: Readonly<Record<string, string>> = {}) => {
    const ran = spawnSync('sh', [at('stack/docker/host/sbtc.sh'), what], { encoding: 'utf8', env: { PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`, ...words } })
    t.notMatch(`${ran.stdout}${ran.stderr}`, new RegExp(`${key}|AGE-SECRET`), `${what} shows neither key nor identity`)
    return { code: ran.status, out: ran.stdout, err: ran.stderr }
  }
  return { root, at, run }
}

const recipientOf = ({ at }: Place, name = 'mine'): string => /public key: (\S+)/.exec(readFileSync(at(name), 'utf8'))![1]!

t.test('out, proven, and back', options, async (t) => {
  const here = place(t)
  const FILE = here.at('key.age')
  const sealed = here.run('export', { FILE, RECIPIENT: recipientOf(here) })
  t.equal(sealed.code, 0, sealed.err)
  t.match(sealed.out, /It counts once it was opened: make sbtc-key-check/)
  t.equal(statSync(FILE).mode & 0o777, 0o600)
  t.notMatch(readFileSync(FILE, 'utf8'), key)
  const checked = here.run('check', { FILE, IDENTITY: here.at('mine') })
  t.equal(checked.code, 0, checked.err)
  t.match(checked.out, `it is the key of ${publicKey}, as it should be`)
  rmSync(here.at('stack/secrets'), { recursive: true })
  const back = here.run('restore', { FILE, IDENTITY: here.at('mine') })
  t.equal(back.code, 0, back.err)
  t.equal(readFileSync(here.at('stack/secrets/sbtc-signer-private-key'), 'utf8'), `${key}\n`)
  t.equal(statSync(here.at('stack/secrets/sbtc-signer-private-key')).mode & 0o777, 0o600)
  t.equal(spawnSync('age', ['--decrypt', '--identity', here.at('mine'), FILE], { encoding: 'utf8' }).stdout, `${key}\n`, 'age alone opens it, too')
  for (const line of readFileSync(here.at('asked'), 'utf8').trim().split('\n')) {
    t.match(line, /^run --rm --interactive --pull never --network none --read-only --user 65534:65534 --cap-drop ALL --security-opt no-new-privileges /)
    t.match(line, `--mount type=bind,"source=${here.at('stack/docker/sealed.mjs')}",target=/sealed.mjs,readonly node:24 node /sealed.mjs `)
    t.equal(line.match(/--(volume|mount|env|tmpfs)/g)?.length, 1, 'it sees no file but the program')
  }
})

t.test('what age itself has encrypted', options, async (t) => {
  const here = place(t)
  const FILE = here.at('key.age')
  spawnSync('age', ['--armor', '--recipient', recipientOf(here, 'other'), '--recipient', recipientOf(here), '--output', FILE], { input: `${key}\n` })
  for (const name of ['mine', 'other']) t.match(here.run('check', { FILE, IDENTITY: here.at(name) }), { code: 0 }, name)
  writeFileSync(here.at('several'), `# two\r\n${readFileSync(here.at('other'), 'utf8')}\n${readFileSync(here.at('mine'), 'utf8')}`)
  t.match(here.run('check', { FILE, IDENTITY: here.at('several') }), { code: 0 })
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', here.at('ssh')])
  t.match(here.run('check', { FILE, IDENTITY: here.at('ssh') }), { code: 1, err: /IDENTITY is not an age identity.* SSH key is opened by the program age/ })
  t.match(here.run('export', { FILE: here.at('new'), RECIPIENT: readFileSync(here.at('ssh.pub'), 'utf8').trim() }), { code: 1, err: /recipient 1 is an SSH key, and only age keys are accepted: make one with age-keygen/ })
})

t.test('the sheet, typed in again', options, async (t) => {
  const here = place(t)
  const FILE = here.at('key.age')
  here.run('export', { FILE, RECIPIENT: recipientOf(here) })
  const { code, out } = here.run('sheet', { FILE })
  t.equal(code, 0)
  t.match(out, `RECOVERY SHEET: the key of the sBTC signer of my-signer, mainnet\npublic key   ${publicKey}\n`)
  t.ok(out.split('\n').every((line) => line.length <= 110))
  const body = readFileSync(FILE, 'utf8').trim().split('\n')
  const rows = out.split('\n').filter((line) => / {2}[0-9a-f]{4}$/.test(line))
  t.strictSame(rows.map((row) => row.slice(0, -4).trim()), body, 'every line of the file')
  writeFileSync(here.at('typed'), body.join('\n'))
  t.equal(here.run('check', { FILE: here.at('typed'), IDENTITY: here.at('mine') }).code, 0, 'without its last line end')
  writeFileSync(here.at('scanned'), out)
  t.equal(here.run('check', { FILE: here.at('scanned'), IDENTITY: here.at('mine') }).code, 0, 'the whole sheet, as it was scanned')
})

t.test('what is not right is never called so, and nothing is put over anything', options, async (t) => {
  const here = place(t)
  const FILE = here.at('key.age')
  const RECIPIENT = recipientOf(here)
  here.run('export', { FILE, RECIPIENT })
  const text = readFileSync(FILE, 'utf8')
  const IDENTITY = here.at('mine')
  t.match(here.run('export', { FILE, RECIPIENT }), { code: 2, err: /is there already, and may be the only copy/ })
  t.match(here.run('restore', { FILE, IDENTITY }), { code: 2, err: /nothing is put over a key/ })
  t.match(here.run('check', { FILE, IDENTITY: here.at('other') }), { code: 1, err: /the age identity does not open it/ })
  t.match(here.run('check', { FILE, IDENTITY: FILE }), { code: 1, err: /IDENTITY is not an age identity/ })
  t.match(here.run('check', { FILE: here.at('nothing'), IDENTITY }), { code: 2, err: /cannot read FILE/ })
  t.match(here.run('check', { FILE }), { code: 2, err: /cannot read IDENTITY/ })
  t.match(here.run('check', { IDENTITY }), { code: 2, err: /FILE=PATH/ })
  for (const [at, line] of text.split('\n').entries()) {
    if (!line || line.startsWith('-')) continue
    const flipped = `${line[0] === 'A' ? 'B' : 'A'}${line.slice(1)}`
    for (const [what, content] of [['flipped', text.replace(line, flipped)], ['lacking', text.replace(`${line}\n`, '')], ['strange', text.replace(line, `${line.slice(0, -1)}?`)]] as const) {
      writeFileSync(here.at('spoiled'), content)
      t.equal(here.run('check', { FILE: here.at('spoiled'), IDENTITY }).code, 1, `line ${at} ${what}`)
    }
  }
  for (const [what, recipient] of [['an option', '--output=/x'], ['a private key', readFileSync(IDENTITY, 'utf8').split('\n').find((line) => line.startsWith('AGE-SECRET'))!], ['a word', 'me']] as const) {
    const refused = here.run('export', { FILE: here.at('new'), RECIPIENT: recipient })
    t.not(refused.code, 0, what)
    t.notOk(existsSync(here.at('new')) || existsSync(here.at('new.part')), `${what}: nothing is left`)
  }
  t.match(here.run('export', { FILE: here.at('new') }), { code: 2, err: /RECIPIENT=age1/ })
})

t.test('another key than that of this stack', options, async (t) => {
  const foreign = place(t, `02${'ab'.repeat(32)}`)
  t.match(foreign.run('export', { FILE: foreign.at('key.age'), RECIPIENT: recipientOf(foreign) }), { code: 1, err: /it is the key of 035f64993c.*, and this stack is for 02abab/ })
  writeFileSync(foreign.at('stack/secrets/sbtc-signer-private-key'), 'no key\n')
  t.match(foreign.run('export', { FILE: foreign.at('key.age'), RECIPIENT: recipientOf(foreign) }), { code: 1, err: /not the key of a signer/ })
  t.notOk(existsSync(foreign.at('key.age')))
})
