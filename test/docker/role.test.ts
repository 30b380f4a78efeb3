/** docker/tools/init.py and docker/programs/shared/role.ts: which role a host has, by its answers and by what make promote and make demote said. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { run } from '../../docker/programs/handover/run.ts'
import { printable } from '../../generator/printable.ts'
import { roleOf } from '../../docker/programs/shared/role.ts'
import { rootOf } from '../../docker/programs/shared/root.ts'
import { runHere } from './run-program.ts'
import { copyGate, makeRoot, needs, start, toolFolder, type Root } from './tools.ts'

const options = needs('python3')
const key = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'
const config = '/etc/stacks-signer/signer-config.toml'
const word = '/etc/stacks-signer/role'
const facts = '/stack/config/facts.env'

function host(t: Test): Root {
  const root = makeRoot(t, ['/etc/stacks-signer', '/var/lib/stacks-signer'])
  root.write('/stack/config/signer-config.toml', 'stacks_private_key = "@SIGNER_PRIVATE_KEY@"\nauth_password = "@AUTH_TOKEN@"\n')
  root.write('/run/secrets/signer-private-key', `${key}\n`)
  root.write('/run/secrets/auth-token', 'sixteen-signs-or-more\n')
  copyGate(root)
  return root
}

/** Some of what is written there would break the lines of a report. */
const shown = (text: string | undefined) => printable(String(JSON.stringify(text)))

/** The role after init has run with these facts; the key must be where the signer reads it on an active host alone. */
async function roleWith(t: Test, root: Root, text: string | undefined): Promise<string | undefined> {
  if (text === undefined) rmSync(root.at(facts), { force: true })
  else root.write(facts, text)
  const { role: told } = roleOf(rootOf({ environment: { STACK_ROOT: root.path } }))
  const ran = await start(t, 'python3', [join(toolFolder, 'init.py')], { STACK_ROOT: root.path }).ended
  t.equal(ran.code, 0, ran.out)
  const role = root.read('/etc/stacks-signer/guard').split(' ')[1]
  t.equal(told, role, `${shown(text)}: the other programs say the same`)
  t.equal(root.has(config), role === 'active', `${shown(text)}: the key`)
  return role
}

t.test('without a clear answer a host is a standby', options, async (t) => {
  const root = host(t)
  for (const [text, role] of [
    ['role=active\n', 'active'], ['role=standby\n', 'standby'], [undefined, 'standby'], ['', 'standby'], ['stack=x\n', 'standby'],
    ['role=standby \n', 'standby'], ['role=active \n', 'standby'], ['role=Active\n', 'standby'], ['role=\n', 'standby'],
    ['role=primary\n', 'standby'], ['role=active\nrole=standby\n', 'standby'], ['role=standby\nrole=active\n', 'standby'], ['# role=active\n', 'standby'], [' role=active\n', 'standby'],
    ['stack=x\r\nrole=active\r\n', 'active'], ['\ufeffrole=active\n', 'standby'], ['x=\u2028role=standby\nrole=active\n', 'active'],
  ] as const) t.equal(await roleWith(t, root, text), role, shown(text))
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
    const ran = runHere(t, 'handover', run, [step], { STACK_ROOT: root.path, OTHER: step === 'promote' ? 'lost' : 'none' })
    t.equal(await ran.ended, 1, step)
    t.match(ran.said(), /config\/facts\.env does not say the role of this host/, step)
  }
  t.notOk(root.has(word))
})
