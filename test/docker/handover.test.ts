/** docker/programs/handover: what a token must be before a host is promoted or demoted, and what each step leaves. */

import { createHmac } from 'node:crypto'
import { mkdirSync, statSync, symlinkSync } from 'node:fs'
import t, { type Test } from 'tap'
import { run } from '../../docker/programs/handover/run.ts'
import { hostName } from '../../docker/programs/shared/host.ts'
import { rootOf } from '../../docker/programs/shared/root.ts'
import { ownKey } from './guard-node.ts'
import { init, sampleFile, stackJson } from './init-setting.ts'
import { runHere, runProgramFile } from './run-program.ts'
import { copyGate, makeRoot, type Ended, type Root } from './tools.ts'

const key = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'
const place = '/var/lib/stacks-signer/guard'
const seen = JSON.stringify({ cycle: 4, burn: 900, stacks: 5000, slots: { 'signers-0-1': 41 } })

const handover = async (t: Test, root: Root, step: string, more: Readonly<Record<string, string>> = {}): Promise<Ended> => {
  const running = runHere(t, 'handover', run, [step], { STACK_ROOT: root.path, ...more })
  return { code: await running.ended, out: running.said() }
}

/** A host after its first start. */
async function host(t: Test, role: 'active' | 'standby', secret = key): Promise<Root> {
  const root = makeRoot(t, ['/etc/stacks-signer', '/var/lib/stacks-signer'])
  root.write('/stack/config/signer-config.toml', 'stacks_private_key = "@SIGNER_PRIVATE_KEY@"\nauth_password = "@AUTH_TOKEN@"\n')
  root.write(stackJson, sampleFile({}, role))
  root.write('/run/secrets/signer-private-key', `${secret}\n`)
  root.write('/run/secrets/auth-token', 'sixteen-signs-or-more\n')
  copyGate(root)
  t.equal((await init(root)).code, 0)
  return root
}

const config = '/etc/stacks-signer/signer-config.toml'
const role = (root: Root) => root.read('/etc/stacks-signer/guard').split(' ')[1]

t.test('from the active host to the standby and back', async (t) => {
  const [one, two] = [await host(t, 'active'), await host(t, 'standby')]
  one.write(`${place}/cleared`, one.read('/etc/stacks-signer/guard'))
  t.match((await handover(t, one, 'token', { SLOTS: seen })).out, /^handover: this host is the active one; make demote first/)
  const standing = (await handover(t, two, 'token', { SLOTS: seen })).out.trim()
  t.match(standing, /^stacks-standby-1\.[\w=-]+\.[0-9a-f]{64}$/)
  t.notOk(standing.includes(key))
  t.match((await handover(t, two, 'promote', { TOKEN: standing })).out, /token is of this very host/)

  const ready = await handover(t, one, 'ready', { TOKEN: standing })
  t.strictSame([ready.code, ready.out], [0, 'handover: the other host is a standby, its node is at Stacks block 5000, Bitcoin block 900\n'])
  t.ok(one.has(config), 'asking changes nothing')
  t.equal((await handover(t, one, 'demote')).code, 0)
  t.notOk(one.has(config) || one.has(`${place}/cleared`) || one.has('/etc/stacks-signer/guard'), 'nothing is left that could start a signer')
  await init(one)
  t.equal(role(one), 'standby')
  t.notOk(one.has(config))

  const demoted = (await handover(t, one, 'token', { SLOTS: seen })).out.trim()
  const promoted = await handover(t, two, 'promote', { TOKEN: demoted })
  t.equal(promoted.code, 0, promoted.out)
  t.strictSame(JSON.parse(two.read(`${place}/receipt.json`)), { cycle: 4, slots: { 'signers-0-1': 41 } })
  await init(two)
  t.equal(role(two), 'active')
  t.ok(two.has(config))
  t.notOk(two.has(`${place}/cleared`), 'the guard decides')
  t.match((await handover(t, two, 'promote', { TOKEN: demoted })).out, /active one already/)
})

t.test('tokens that are refused', async (t) => {
  const [one, two] = [await host(t, 'active'), await host(t, 'standby')]
  await handover(t, one, 'demote')
  const good = (await handover(t, one, 'token', { SLOTS: seen })).out.trim()
  const [name, body, seal] = good.split('.') as [string, string, string]
  const said = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
  const own = createHmac('sha256', key).update('stacks-signer-stack handover').digest()
  const made = (change: object) => {
    const text = Buffer.from(JSON.stringify({ ...said, ...change })).toString('base64url')
    return `${name}.${text}.${createHmac('sha256', own).update(`${name}.${text}`).digest('hex')}`
  }
  const now = Math.floor(Date.now() / 1000)
  const stranger = await host(t, 'standby', '11'.repeat(32))
  for (const [what, token, message] of [
    ['none', '', /TOKEN is missing/],
    ['not one', 'hello', /no token of make handover-token/],
    ['one without a seal', `${name}.${body}`, /was not made with this signer's key/],
    ['one with a part too much', `${good}.x`, /no token of make handover-token/],
    ['half of one', good.slice(0, -20), /was not made with this signer's key, or was changed/],
    ['one that was changed', `${name}.${Buffer.from(JSON.stringify({ ...said, slots: {} })).toString('base64url')}.${seal}`, /was changed/],
    ['one with another key', (await handover(t, stranger, 'token', { SLOTS: seen })).out.trim(), /was not made with this signer's key/],
    ['an old one', made({ at: now - 7200 }), /the token is 120 minutes old/],
    ['one from the future', made({ at: now + 3600 }), /from the future/],
    ['one of a host that never signed', made({ demoted: false }), /must be of the one that was demoted/],
    ['one for another key', made({ key: ownKey.replace('03', '02') }), /for another key/],
    ['one that says too little', made({ slots: undefined }), /no token of make handover-token, or not the whole of it/],
    ['one whose versions are text', made({ slots: { 'signers-0-1': '41' } }), /no token of make handover-token/],
    ['one of this host', made({ host: two.read('/etc/stacks-signer/guard').split(' ')[2] }), /of this very host/],
  ] as const) {
    const { code, out } = await handover(t, two, 'promote', { TOKEN: token })
    t.equal(code, 1, what)
    t.match(out, message, what)
    t.notOk(two.has('/etc/stacks-signer/role'), `${what}: nothing is written`)
    t.notOk(out.includes(key))
  }
  t.equal((await handover(t, two, 'promote', { TOKEN: made({}) })).code, 0, 'or this test would prove nothing')
})

t.test('without the other host', async (t) => {
  const two = await host(t, 'standby')
  t.equal((await handover(t, two, 'promote', { OTHER: 'lost' })).code, 0)
  t.strictSame(JSON.parse(two.read(`${place}/receipt.json`)), { lost: true }, 'the guard watches for longer')
  const one = await host(t, 'active')
  t.match((await handover(t, one, 'ready')).out, /TOKEN is missing/)
  t.equal((await handover(t, one, 'ready', { OTHER: 'none' })).code, 0)
})

t.test('versions beyond 2^53 keep their digits from the guard to the receipt', async (t) => {
  const [one, two] = [await host(t, 'active'), await host(t, 'standby')]
  await handover(t, one, 'demote')
  const { out } = await handover(t, one, 'token', { SLOTS: '{"cycle":4,"burn":900,"stacks":5000,"slots":{"signers-0-1":18446744073709551615}}' })
  t.equal((await handover(t, two, 'promote', { TOKEN: out })).code, 0)
  t.equal(two.read(`${place}/receipt.json`), '{"cycle":4,"slots":{"signers-0-1":18446744073709551615}}\n')
})

t.test('what the guard must have said before there is a token', async (t) => {
  const root = await host(t, 'standby')
  for (const slots of [undefined, '', '{}', '[]', seen.replace('41', '"41"'), seen.replace('41', '-1'), seen.replace('900', '900.5'), seen.slice(1)]) {
    const { code, out } = await handover(t, root, 'token', slots === undefined ? {} : { SLOTS: slots })
    t.strictSame([code, out], [1, 'handover: the guard did not say what the node knows\n'], String(slots))
  }
})

t.test('a key that is missing or none is said, never shown', async (t) => {
  const root = await host(t, 'standby')
  const file = '/run/secrets/signer-private-key'
  for (const [content, says] of [[undefined, /secrets\/signer-private-key is missing/], ['', /is empty/], [`${key}00\n`, /is malformed: it must hold 64 hexadecimal digits, or 66 that end in 01, and nothing else/], [`${'0'.repeat(64)}\n`, /is not a key of secp256k1/]] as const) {
    if (content === undefined) root.remove(file)
    else root.write(file, content)
    const { code, out } = await handover(t, root, 'token', { SLOTS: seen })
    t.equal(code, 1)
    t.match(out, says)
    t.notMatch(out, key)
  }
  root.write('/elsewhere/key', `${key.toUpperCase()}01\r\n`)
  root.remove(file)
  symlinkSync(root.at('/elsewhere/key'), root.at(file))
  t.equal((await handover(t, root, 'token', { SLOTS: seen })).code, 0, 'Kubernetes mounts secrets as links')
})

t.test('the program by itself; what it leaves belongs to the signer and is locked', async (t) => {
  const root = await host(t, 'standby')
  const { code, out } = await runProgramFile(t, 'handover', ['promote'], { STACK_ROOT: root.path, OTHER: 'lost' }).ended
  t.strictSame([code, out], [0, 'handover: this host is the active one now; its signer starts when the guard has seen that nobody else signs\n'])
  const owner = (path: string) => { const { uid, mode } = statSync(root.at(path)); return [uid, (mode & 0o777).toString(8)] }
  const uid = process.geteuid?.() === 0 ? 2002 : process.geteuid?.()
  t.strictSame([owner('/etc/stacks-signer'), owner('/etc/stacks-signer/role'), owner(place), owner(`${place}/receipt.json`)], [[uid, '500'], [uid, '444'], [uid, '700'], [uid, '640']])
  t.strictSame(await runProgramFile(t, 'handover', ['promot'], { STACK_ROOT: root.path }).ended, { code: 1, out: 'handover: say token, ready, demote or promote\n' })
})

t.test('names the host as init does, also where the machine\'s number lies behind links, as in /sys', async (t) => {
  const root = await host(t, 'standby')
  const name = () => hostName(rootOf({ environment: { STACK_ROOT: root.path } }))
  const asInit = async () => {
    t.equal((await init(root)).code, 0)
    return root.read('/etc/stacks-signer/guard').split(' ')[2]
  }
  root.write('/proc/sys/kernel/random/boot_id', 'boot-1\n')
  root.write('/sys/devices/virtual/dmi/id/product_uuid', '4c4c4544-0042-3510-8052-b3c04f4b4e32\n')
  const without = await asInit()
  t.equal(name(), without)
  mkdirSync(root.at('/sys/class/dmi'), { recursive: true })
  symlinkSync('../../devices/virtual/dmi/id', root.at('/sys/class/dmi/id'))
  t.not(name(), without, 'the number is found')
  t.equal(name(), await asInit())
  root.write('/proc/sys/kernel/random/boot_id', 'boot-2\n')
  t.equal(name(), await asInit(), 'and this host keeps its name in another boot')
})

t.test('nothing is handed over while the role is not known', async (t) => {
  const root = await host(t, 'active')
  const active = root.read(stackJson)
  const rows = [['', /is empty/], ['[]', /is damaged/], ['{"role": "active"}', /is damaged/], [active.replace('"version": 1', '"version": 2'), /has version 2/],
    [active.replace('"role": "active"', '"role": "active", "role": "standby"'), /has a key twice/], [active.replace('"role": "active"', '"role": "active "'), /is damaged: role/]] as const
  for (const [text, said] of rows) {
    root.write(stackJson, text)
    for (const step of ['promote', 'demote', 'ready', 'token']) {
      const ran = await handover(t, root, step, { OTHER: step === 'promote' ? 'lost' : 'none' })
      t.equal(ran.code, 1, step)
      t.match(ran.out, /^handover: config\/stack\.json /)
      t.match(ran.out, said, step)
    }
  }
  t.notOk(root.has('/etc/stacks-signer/role'))
})
