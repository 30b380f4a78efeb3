/** docker/programs/init: which role a host has, by its answers and by what make promote and make demote said. */

import { rmSync, symlinkSync } from 'node:fs'
import t, { type Test } from 'tap'
import { roleOf } from '../../docker/programs/shared/role.ts'
import { rootOf } from '../../docker/programs/shared/root.ts'
import { init, sampleFile, stackJson } from './init-setting.ts'
import { copyGate, makeRoot, type Root } from './tools.ts'

const key = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'
const config = '/etc/stacks-signer/signer-config.toml'
const word = '/etc/stacks-signer/role'
const line = '/etc/stacks-signer/guard'
const cleared = '/var/lib/stacks-signer/guard/cleared'

function host(t: Test): Root {
  const root = makeRoot(t, ['/etc/stacks-signer', '/var/lib/stacks-signer'])
  root.write('/stack/config/signer-config.toml', 'stacks_private_key = "@SIGNER_PRIVATE_KEY@"\nauth_password = "@AUTH_TOKEN@"\n')
  root.write('/run/secrets/signer-private-key', `${key}\n`)
  root.write('/run/secrets/auth-token', 'sixteen-signs-or-more\n')
  copyGate(root)
  return root
}

/** The role after init has run with this answer; the key must be where the signer reads it on an active host alone. */
async function roleWith(t: Test, root: Root, answer: 'active' | 'standby'): Promise<string | undefined> {
  root.write(stackJson, sampleFile({}, answer))
  const ran = await init(root)
  t.equal(ran.code, 0, ran.out)
  const role = root.read(line).split(' ')[1]
  t.equal(roleOf(rootOf({ environment: { STACK_ROOT: root.path } })).role, role, 'other programs say the same')
  t.equal(root.has(config), role === 'active', `${answer}: the key`)
  return role
}

/** Init refuses this stack.json, and the signer can neither start nor go on. */
async function refuses(t: Test, root: Root, text: string | undefined, said: RegExp): Promise<void> {
  const what = text?.slice(0, 60) ?? 'none'
  if (text === undefined) rmSync(root.at(stackJson), { force: true })
  else root.write(stackJson, text)
  t.equal(roleOf(rootOf({ environment: { STACK_ROOT: root.path } })).role, 'standby', what)
  const ran = await init(root)
  t.equal(ran.code, 1, what)
  t.match(ran.out, said, what)
  t.equal(ran.out.split('\n').length, 2, 'one line')
  t.strictSame([config, line, cleared].filter((path) => root.has(path)), [], `${what}: no key, and nothing lets the signer start`)
}

const active = sampleFile()

t.test('without a clear answer a host is a standby', async (t) => {
  const rows: readonly (readonly [text: string | undefined, said: RegExp])[] = [
    [undefined, /^init: config\/stack\.json is missing; /], ['', /is empty; /], ['{}', /is damaged: /], ['{"version": 1, "role": "active"}', /is damaged: /],
    [active.slice(0, -3), /is not JSON/], [active.replace('"version": 1', '"version": 2'), /has version 2, and this program reads version 1/],
    ...['active ', 'Active', '', 'primary'].map((role) => [active.replace('"role": "active"', `"role": "${role}"`), /is damaged: role: /] as const),
    [active.replace('"role"', '"Role"'), /is damaged: /],
    [active.replace('"role": "active"', '"role": "standby", "role": "active"'), /has a key twice/],
    [active.replace('"role": "active"', '"role": "active", "role": "standby"'), /has a key twice/],
  ]
  const root = host(t)
  for (const [text, said] of rows) {
    t.equal(await roleWith(t, root, 'active'), 'active')
    root.write(cleared, root.read(line))
    await refuses(t, root, text, said)
  }
  t.equal(await roleWith(t, root, 'standby'), 'standby')
})

t.test('a link in the place of the guard\'s folder keeps no key in', async (t) => {
  const root = host(t)
  await roleWith(t, root, 'active')
  root.remove('/var/lib/stacks-signer/guard')
  root.write('/elsewhere/cleared', 'as it was')
  symlinkSync(root.at('/elsewhere'), root.at('/var/lib/stacks-signer/guard'))
  root.write(stackJson, '')
  t.equal((await init(root)).code, 1)
  t.notOk(root.has(config) || root.has(line))
  t.equal(root.read('/elsewhere/cleared'), 'as it was')
})

t.test('the word of make promote holds until the answer has said something else once', async (t) => {
  const root = host(t)
  root.write(word, 'standby active\n')
  t.equal(await roleWith(t, root, 'standby'), 'active', 'promoted')
  t.equal(await roleWith(t, root, 'active'), 'active', 'the answer follows')
  t.notOk(root.has(word))
  t.equal(await roleWith(t, root, 'standby'), 'standby', 'a later standby is one')
})

t.test('so does the word of make demote', async (t) => {
  const root = host(t)
  root.write(word, 'active standby\n')
  t.equal(await roleWith(t, root, 'active'), 'standby', 'demoted')
  t.equal(await roleWith(t, root, 'standby'), 'standby', 'the answer follows')
  t.notOk(root.has(word))
  t.equal(await roleWith(t, root, 'active'), 'active')
})

t.test('an answer that is not known neither counts with a word nor deletes it', async (t) => {
  const root = host(t)
  for (const [said, answer, after] of [['active standby\n', 'active', 'standby'], ['standby active\n', 'standby', 'active']] as const) {
    root.write(word, said)
    await refuses(t, root, '', /is empty/)
    t.equal(await roleWith(t, root, answer), after, said)
  }
  for (const nonsense of ['active\n', 'standby active active\n', 'standby primary\n', '\n']) {
    rmSync(root.at(word), { force: true })
    root.write(word, nonsense)
    t.equal(await roleWith(t, root, 'standby'), 'standby', JSON.stringify(nonsense))
  }
})
