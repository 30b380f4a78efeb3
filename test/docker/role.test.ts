/** docker/tools/init.py: which role a host has, by its answers and by what make promote and make demote said. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { copyGate, makeRoot, needs, start, toolFolder, type Ended, type Root } from './tools.ts'

const options = needs('python3')
const key = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'
const config = '/etc/stacks-signer/signer-config.toml'
const word = '/etc/stacks-signer/role'
const facts = '/stack/config/facts.env'

const python = (t: Test, root: Root, argv: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  start(t, 'python3', [join(toolFolder, argv[0]!), ...argv.slice(1)], { STACK_ROOT: root.path, ...more }).ended

function host(t: Test): Root {
  const root = makeRoot(t, ['/etc/stacks-signer', '/var/lib/stacks-signer'])
  root.write('/stack/config/signer-config.toml', 'stacks_private_key = "@SIGNER_PRIVATE_KEY@"\nauth_password = "@AUTH_TOKEN@"\n')
  root.write('/run/secrets/signer-private-key', `${key}\n`)
  root.write('/run/secrets/auth-token', 'sixteen-signs-or-more\n')
  copyGate(root)
  return root
}

/** The role after init has run with these facts; the key must be where the signer reads it on an active host alone. */
async function roleWith(t: Test, root: Root, text: string | undefined): Promise<string | undefined> {
  if (text === undefined) rmSync(root.at(facts), { force: true })
  else root.write(facts, text)
  const ran = await python(t, root, ['init.py'])
  t.equal(ran.code, 0, ran.out)
  const role = root.read('/etc/stacks-signer/guard').split(' ')[1]
  t.equal(root.has(config), role === 'active', `${JSON.stringify(text)}: the key`)
  return role
}

t.test('without a clear answer a host is a standby', options, async (t) => {
  const root = host(t)
  for (const [text, role] of [
    ['role=active\n', 'active'], ['role=standby\n', 'standby'], [undefined, 'standby'], ['', 'standby'], ['stack=x\n', 'standby'],
    ['role=standby \n', 'standby'], ['role=active \n', 'standby'], ['role=Active\n', 'standby'], ['role=\n', 'standby'],
    ['role=primary\n', 'standby'], ['role=active\nrole=standby\n', 'standby'], ['role=standby\nrole=active\n', 'standby'], ['# role=active\n', 'standby'], [' role=active\n', 'standby'],
  ] as const) t.equal(await roleWith(t, root, text), role, JSON.stringify(text))
})

t.test('the word of make promote holds until the answer has said something else once', options, async (t) => {
  const root = host(t)
  root.write(word, 'standby active\n')
  t.equal(await roleWith(t, root, 'role=standby\n'), 'active', 'promoted')
  t.equal(await roleWith(t, root, 'role=active\n'), 'active', 'the answer follows')
  t.notOk(root.has(word))
  t.equal(await roleWith(t, root, 'role=standby\n'), 'standby', 'a later standby is one')
})

t.test('so does the word of make demote', options, async (t) => {
  const root = host(t)
  root.write(word, 'active standby\n')
  t.equal(await roleWith(t, root, 'role=active\n'), 'standby', 'demoted')
  t.equal(await roleWith(t, root, 'role=standby\n'), 'standby', 'the answer follows')
  t.notOk(root.has(word))
  t.equal(await roleWith(t, root, 'role=active\n'), 'active')
})

t.test('an answer that is not known neither counts with a word nor deletes it', options, async (t) => {
  const root = host(t)
  for (const [said, answer, after] of [['active standby\n', 'role=active\n', 'standby'], ['standby active\n', 'role=standby\n', 'active']] as const) {
    root.write(word, said)
    t.equal(await roleWith(t, root, ''), 'standby', said)
    t.equal(await roleWith(t, root, answer), after, said)
  }
  for (const nonsense of ['active\n', 'standby active active\n', 'standby primary\n', '\n']) {
    rmSync(root.at(word), { force: true })
    root.write(word, nonsense)
    t.equal(await roleWith(t, root, 'role=standby\n'), 'standby', JSON.stringify(nonsense))
  }
})

t.test('nothing is handed over while the role is not known', options, async (t) => {
  const root = host(t)
  root.write(facts, 'role=standby \n')
  for (const step of ['promote', 'demote', 'ready', 'token']) {
    const ran = await python(t, root, ['handover.py', step], { OTHER: step === 'promote' ? 'lost' : 'none' })
    t.equal(ran.code, 1, step)
    t.match(ran.out, /config\/facts\.env does not say the role of this host/, step)
  }
  t.notOk(root.has(word))
})
