/** The flow, driven through plain streams: what is asked, what is written, and what leaving leaves behind. */

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { run } from '../../generator/cli/run.ts'
import { command, testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { keys, lastTitles, talk, type Step } from './streams.ts'

const { enter, down } = keys
const say = (after: string, type: string = enter): Step => ({ after, type })
const head = (name = '') => [say('Name of this stack', `${name}${enter}`), say('Directory to write into')]
const last = lastTitles.map((title) => say(title))
const snapshot = [say('Start from a snapshot of the chain'), say('Another place to fetch the snapshot from'), ...last]
const paste = (key = testKey) => [say('Where the signer key comes from'), say('The signer key', `${key}${enter}`)]
const generate = [say('Where the signer key comes from', `${down}${down}${enter}`)]
const yes = say('Write this?')

const mainnet = [say('Which Stacks network'), say('One host, or signer'), say('Where the Bitcoin chain comes from')]
const testnet = [say('Which Stacks network', `${down}${enter}`), say('One host, or signer'), say('Where the Bitcoin chain comes from'), say('Host of the external bitcoind')]
const split = [
  say('Which Stacks network'), say('One host, or signer', `${down}${enter}`),
  say("Where the signer's host reaches", `node.example.net${enter}`), say("Where the node's host reaches", `signer.example.net${enter}`),
  say('Where the Bitcoin chain comes from', `${down}${down}${enter}`), say('Host of the external bitcoind', `bitcoin.example.net${enter}`),
]

/** What stands in a directory beside secrets, and what is in force in its answers. */
const committed = (root: string) => Object.fromEntries(Object.entries(readFiles(root)).filter(([path]) => !/(^|\/)(secrets|certs)\//.test(path)))
const inForce = (root: string) => readFileSync(join(root, 'answers.env'), 'utf8').split('\n').filter((line) => /^(?!MONITORING=)[^#]/.test(line))

const cases: readonly (readonly [string, readonly Step[], readonly string[]])[] = [
  ['all defaults, a pasted key', [...head(), ...mainnet, ...paste(), ...snapshot, yes],
    ['STACK_NAME=my-signer', 'NETWORK=mainnet', 'TOPOLOGY=single', 'STACKS_VERSION=4.0.4', 'BITCOIN_MODE=full', 'SNAPSHOT=on', 'SIGNER_KEY=provided']],
  ['the testnet and a key given without its mark', [...head('t1'), ...testnet, ...paste(testKey.slice(0, 64)), say('Start from a snapshot', `${down}${enter}`), ...last, yes],
    ['STACK_NAME=t1', 'NETWORK=testnet', 'TOPOLOGY=single', 'STACKS_VERSION=4.0.4', 'BITCOIN_MODE=external', 'SNAPSHOT=off', 'SIGNER_KEY=provided']],
  ['two hosts, a bitcoind elsewhere and an archive of its own', [...head('far'), ...split, ...paste(), say('Start from a snapshot'),
    say('Another place to fetch', `https://archive.example.net/a.tar.zst?part='1'${enter}`), say('SHA-256 of the archive', `${'ab'.repeat(32)}${enter}`), ...last, yes],
  ['STACK_NAME=far', 'NETWORK=mainnet', 'TOPOLOGY=split', 'STACKS_VERSION=4.0.4', 'BITCOIN_MODE=external', 'BITCOIN_HOST=bitcoin.example.net', 'SNAPSHOT=on',
    `SNAPSHOT_URL="https://archive.example.net/a.tar.zst?part='1'"`, `SNAPSHOT_SHA256=${'ab'.repeat(32)}`, 'NODE_HOST=node.example.net', 'SIGNER_HOST=signer.example.net', 'SIGNER_KEY=provided']],
]

for (const [name, steps, want] of cases) {
  t.test(`${name}: the same bytes as by file`, async (t) => {
    const root = t.testdir({ wizard: {}, file: {} })
    const talked = await talk(join(root, 'wizard'), steps)
    t.equal(talked.code, 0, talked.err + (talked.unmet ?? ''))
    t.equal(talked.unmet, undefined)
    t.strictSame(inForce(join(root, 'wizard')), want)
    t.strictSame(talked.rawMode, [true, false], 'the terminal is given back')
    t.match(talked.out, /^\+ answers\.env +the answers, without secrets\n/, 'written first, so that a killed run is finished by running again')

    const home = want.includes('TOPOLOGY=split') ? 'file/signer-host' : 'file'
    mkdirSync(join(root, home, 'secrets'), { recursive: true, mode: 0o700 })
    const given = readFileSync(join(root, 'wizard', home.replace(/^file\/?/, ''), 'secrets/signer-private-key'), 'utf8')
    t.ok(testKey.startsWith(given.trim()))
    writeFileSync(join(root, home, 'secrets/signer-private-key'), given, { mode: 0o600 })
    writeFileSync(join(root, 'file/answers.env'), `${want.join('\n')}\n`)
    const ran = await command(join(root, 'file'), [])
    t.equal(ran.code, 0, ran.err)
    const [{ 'answers.env': typed, ...byWizard }, { 'answers.env': _, ...byFile }] = [committed(join(root, 'wizard')), committed(join(root, 'file'))]
    t.strictSame(byWizard, byFile)
    t.ok(Object.keys(byWizard).length > 20)

    const again = await command(join(root, 'wizard'), ['--check'])
    t.equal(again.code, 0, 'its own answers give it again')
    for (const text of [typed!, talked.raw, talked.out, talked.err, JSON.stringify(byWizard)]) t.notMatch(text, testKey.slice(0, 16))
  })
}

t.test('a key is made, and stands in secrets alone', async (t) => {
  const root = t.testdir({})
  const talked = await talk(root, [...head(), ...testnet, ...generate, ...snapshot, yes])
  t.equal(talked.code, 0, talked.err)
  t.ok(inForce(root).includes('SIGNER_KEY=generate'))
  for (const name of ['signer-private-key', 'signer-mnemonic', 'auth-token']) t.equal(statSync(join(root, 'secrets', name)).mode & 0o777, 0o600)
  const key = readFileSync(join(root, 'secrets/signer-private-key'), 'utf8').trim()
  for (const text of [talked.raw, talked.out, talked.err, JSON.stringify(committed(root))]) t.notMatch(text, key)
})

t.test('a key from a file: what is wrong with it is said without showing it, and asked again', async (t) => {
  const bad = 'f'.repeat(63)
  const root = t.testdir({ bad: `${bad}\n`, good: `${testKey}\n`, empty: '', big: 'a'.repeat(5000), 'here already': {} })
  const file = (name: string, clear: number) => `${'\u007f'.repeat(clear)}${name}${enter}`
  const talked = await talk(root, [
    ...head(), ...mainnet, say('Where the signer key comes from', `${down}${enter}`),
    say('File that holds', `bad${enter}`), say('it has 63 digits', file('empty', 3)), say('it has 0 digits', file('big', 5)), say('is larger than 4096 bytes', file('nowhere', 3)),
    say('cannot be read (ENOENT)', file('here already', 7)), say('is a directory', file('good', 12)), ...snapshot, yes,
  ])
  t.equal(talked.code, 0, talked.err + (talked.unmet ?? ''))
  t.equal(readFileSync(join(root, 'my-signer/secrets/signer-private-key'), 'utf8'), `${testKey}\n`)
  t.equal(readFileSync(join(root, 'good'), 'utf8'), `${testKey}\n`)
  for (const secret of [bad, testKey.slice(0, 16)]) t.notMatch(talked.raw + talked.out + talked.err, secret)
})

t.test('where a key stands already, none is asked for', async (t) => {
  const root = t.testdir({})
  t.equal((await command(root, ['keygen'])).code, 0)
  const key = readFileSync(join(root, 'secrets/signer-private-key'), 'utf8')
  const talked = await talk(root, [...head(), ...mainnet, ...snapshot, yes])
  t.equal(talked.code, 0, talked.err + (talked.unmet ?? ''))
  t.match(talked.screen, 'secrets/signer-private-key is there already')
  t.equal(readFileSync(join(root, 'secrets/signer-private-key'), 'utf8'), key)
  t.notMatch(inForce(root).join('\n'), 'SIGNER_KEY')
})

const wrong: readonly (readonly [string, readonly Step[], string])[] = [
  ['a name', [say('Name of this stack', `My Signer${enter}`)], 'did you mean my-signer?'],
  ['a host with a port', [...head(), say('Which Stacks'), say('One host', `${down}${enter}`), say("Where the signer's host", `node:2443${enter}`)], 'expects a host without a port'],
  ['a host left out', [...head(), say('Which Stacks'), say('One host', `${down}${enter}`), say("Where the signer's host", enter)], 'TOPOLOGY=split needs NODE_HOST'],
  ['an external bitcoind without its host', [...head(), say('Which Stacks'), say('One host'), say('Where the Bitcoin', `${down}${down}${enter}`), say('Host of the external', enter)], 'BITCOIN_MODE=external needs BITCOIN_HOST'],
  ['a chain that needs the snapshot', [...head(), say('Which Stacks'), say('One host'), say('Where the Bitcoin', `${down}${enter}`), ...paste()], 'BITCOIN_MODE=pruned with SNAPSHOT=off'],
  ['an archive that is no address', [...head(), ...mainnet, ...paste(), say('Start from a snapshot'), say('Another place', `ftp://x/y${enter}`)], 'expects an address that begins with https://'],
  ['a file without its checksum', [...head(), ...mainnet, ...paste(), say('Start from a snapshot'), say('Another place', `file:///srv/a.tar.zst${enter}`), say('SHA-256 of the archive', enter)], 'SNAPSHOT_URL of a file needs SNAPSHOT_SHA256'],
  ['words for a key', [...head(), ...mainnet, ...paste('abandon '.repeat(11) + 'about')], 'these are 12 words of a mnemonic'],
  ['a home directory by its sign', [say('Name of this stack'), say('Directory', `~/x${enter}`)], 'a ~ is not expanded here'],
  ['a directory with a stack', [say('Name of this stack'), say('Directory', `old${enter}`)], 'old holds a stack already'],
  ['a directory with answers', [say('Name of this stack'), say('Directory', `begun${enter}`)], 'begun holds an answers.env already'],
  ['a file for a directory', [say('Name of this stack'), say('Directory', `file${enter}`)], 'file is a file'],
  ['secrets that cannot be used', [say('Name of this stack'), say('Directory', `bad${enter}`)], 'secrets/auth-token cannot be used'],
]

for (const [name, steps, want] of wrong) {
  t.test(`${name}: said at once, and nothing is left behind`, async (t) => {
    const root = t.testdir({ old: { '.stack-manifest.json': '{}' }, begun: { 'answers.env': '' }, file: '', bad: { secrets: { 'auth-token': 'short' } } })
    chmodSync(join(root, 'bad/secrets'), 0o700)
    const before = readFiles(root)
    const talked = await talk(root, [...steps, say(want.slice(0, 30), keys.ctrlC)], {}, 400)
    t.match(talked.screen, want)
    t.equal(talked.code, 2)
    t.match(talked.screen, 'Nothing was written.')
    t.strictSame(readFiles(root), before)
    t.notMatch(talked.screen, 'abandon')
  })
}

const titles = ['Name of this stack', 'Directory to write', 'Which Stacks network', 'One host', 'Where the Bitcoin', 'Where the signer key', 'The signer key', 'Start from', 'Another place', ...lastTitles, 'Write this?']
const whole = [...head(), ...mainnet, ...paste(), ...snapshot, yes]
const leaving: readonly (readonly [string, string | undefined])[] = [['Ctrl-C', keys.ctrlC], ['Ctrl-D', keys.ctrlD], ['Esc', keys.escape], ['a closed terminal', undefined], ['a half-typed answer and Ctrl-C', `7${keys.ctrlC}`]]

for (const [index, title] of titles.entries()) {
  t.test(`left at "${title}"`, async (t) => {
    t.match(whole[index]!.after, title)
    for (const [how, type] of leaving) {
      const root = t.testdir({})
      const talked = await talk(root, [...whole.slice(0, index), { after: whole[index]!.after, ...(type !== undefined && { type }) }])
      t.equal(talked.code, 2, how)
      t.match(talked.screen, 'Nothing was written.', how)
      t.strictSame(readdirSync(root), [], how)
      t.strictSame(talked.rawMode, [true, false], how)
    }
  })
}

t.test('a terminal without a size is taken to be 80 columns wide', async (t) => {
  for (const TERM of ['xterm', 'dumb']) {
    const talked = await talk(t.testdir({}), [{ after: 'means new, empty volumes.' }], { TERM }, 0)
    t.equal(talked.code, 2)
    t.equal(talked.unmet, undefined)
    const widest = Math.max(...talked.screen.split('\n').map((line) => line.length))
    t.ok(widest > 60 && widest <= 80, String(widest))
  }
})

t.test('no at the last question writes nothing', async (t) => {
  const root = t.testdir({})
  const talked = await talk(root, [...whole.slice(0, -1), say('Write this?', 'n')])
  t.equal(talked.code, 2)
  t.match(talked.screen, 'Nothing was written.')
  t.strictSame(readdirSync(root), [])
})

t.test('a stack whose answers are gone is left alone, and nothing is asked', async (t) => {
  const root = t.testdir({ 'a.env': 'STACK_NAME=s1\nNETWORK=testnet\nSIGNER_KEY=generate\n' })
  const out = join(root, 'out')
  t.equal((await command(root, ['a.env', 'out'])).code, 0)
  const { 'answers.env': _, ...before } = readFiles(out)
  rmSync(join(out, 'answers.env'))
  const talked = await talk(out, [])
  t.equal(talked.code, 2)
  t.equal(talked.raw, '')
  t.match(talked.err, 'this directory holds a stack')
  t.match(talked.err, 'git restore answers.env')
  t.strictSame(readFiles(out), before)
})

t.test('a file in the way is a conflict before the last question', async (t) => {
  const root = t.testdir({ 'README.md': '# mine\n' })
  const talked = await talk(root, [say('Name of this stack'), say('Directory', `.${enter}`), ...mainnet, ...paste(), ...snapshot])
  t.equal(talked.code, 2)
  t.match(talked.err, 'README.md: not made by this tool')
  t.notMatch(talked.raw + talked.err, testKey.slice(0, 16))
  t.strictSame(readFiles(root), { 'README.md': '# mine\n' })
})

t.test('a directory that is not empty gets a new one of the stack\'s name', async (t) => {
  const root = t.testdir({ 'notes.txt': '' })
  const talked = await talk(root, whole)
  t.equal(talked.code, 0, talked.err)
  t.strictSame(readdirSync(root).sort(), ['my-signer', 'notes.txt'])
  t.ok(existsSync(join(root, 'my-signer/answers.env')))
})

t.test('without a terminal, or with a switch that only looks, nothing is asked', async (t) => {
  const root = t.testdir({})
  const ran = await command(root, [])
  t.equal(ran.code, 2)
  t.match(ran.err, 'answers.env: there is no such answer file\n')
  for (const flag of ['--json', '--check', '--dry-run', '--diff']) {
    const output = new PassThrough()
    const code = await run([flag], {
      cwd: root, environment: {}, packageRoot: root, version: '0', stdout: () => {}, stderr: () => {}, terminal: { input: new PassThrough(), output },
    })
    t.equal(code, 2, flag)
    t.equal(output.read(), null, flag)
  }
  t.strictSame(readdirSync(root), [])
})
