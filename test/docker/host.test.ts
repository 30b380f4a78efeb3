/** docker/programs/init: which host this is, and what the guard has cleared on it that still counts. */

import { createHash } from 'node:crypto'
import { rmSync, statSync } from 'node:fs'
import t, { type Test } from 'tap'
import { ownKey } from './guard-node.ts'
import { init as runInit, sampleFile, stackJson } from './init-setting.ts'
import { copyGate, makeRoot, type Root } from './tools.ts'

const key = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'
const place = '/var/lib/stacks-signer/guard'
const [one, two] = ['4c4c4544-0042-3510-8052-b3c04f4b4e32', '4c4c4544-0042-3510-8052-b3c04f4b4e33']

function host(t: Test): Root {
  const root = makeRoot(t, ['/etc/stacks-signer', '/var/lib/stacks-signer'])
  root.write('/stack/config/signer-config.toml', 'stacks_private_key = "@SIGNER_PRIVATE_KEY@"\nauth_password = "@AUTH_TOKEN@"\n')
  root.write(stackJson, sampleFile())
  root.write('/run/secrets/signer-private-key', `${key}\n`)
  root.write('/run/secrets/auth-token', 'sixteen-signs-or-more\n')
  copyGate(root)
  machine(root, 'boot-1', { dmi: one })
  return root
}

/** The machine that the volumes are on now. */
function machine(root: Root, boot: string, { dmi = '', hypervisor = '' } = {}): void {
  root.write('/proc/sys/kernel/random/boot_id', `${boot}\n`)
  root.write('/sys/class/dmi/id/product_uuid', dmi && `${dmi}\n`)
  root.write('/sys/hypervisor/uuid', hypervisor && `${hypervisor}\n`)
}

/** Runs init; the line that it leaves for the guard. */
async function init(t: Test, root: Root): Promise<string> {
  const ran = await runInit(root)
  t.equal(ran.code, 0, ran.out)
  return root.read('/etc/stacks-signer/guard')
}

t.test('a machine with a number of its own is the same host after a boot, and another machine is not', async (t) => {
  for (const [what, numbers] of [['DMI', { dmi: one }], ['a hypervisor', { hypervisor: one }], ['both', { dmi: one, hypervisor: two }]] as const) {
    const root = host(t)
    machine(root, 'boot-1', numbers)
    const first = await init(t, root)
    machine(root, 'boot-2', numbers)
    t.equal(await init(t, root), first, what)
    machine(root, 'boot-2', 'dmi' in numbers ? { ...numbers, dmi: '99994544-0042-3510-8052-b3c04f4b4e32' } : { hypervisor: two })
    t.not(await init(t, root), first, `${what}: a copy of the disk`)
  }
})

t.test('a machine without one: each boot is another host', async (t) => {
  for (const dmi of ['', '00000000-0000-0000-0000-000000000000', 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', '03000200-0400-0500-0006-000700080009']) {
    const root = host(t)
    machine(root, 'boot-1', { dmi })
    const first = await init(t, root)
    root.write(`${place}/cleared`, `${first}boot-1\n`)
    t.equal(await init(t, root), first, 'the same boot')
    machine(root, 'boot-2', { dmi })
    t.not(await init(t, root), first, dmi)
    t.notOk(root.read(`${place}/cleared`).startsWith(root.read('/etc/stacks-signer/guard')), 'what was cleared does not count')
  }
})

t.test('what was cleared counts in this boot, once init has seen that it is this host', async (t) => {
  const root = host(t)
  const first = await init(t, root)
  for (const old of [`${first}boot-0\n`, first, `${first}boot-1\n`]) {
    rmSync(root.at(`${place}/cleared`), { force: true })
    root.write(`${place}/cleared`, old)
    await init(t, root)
    t.equal(root.read(`${place}/cleared`), `${first}boot-1\n`, JSON.stringify(old))
  }
})

const marker = '/stack/config/new-key'
const now = () => Math.floor(Date.now() / 1000)

t.test('a key that was made just now starts without a look, in new volumes alone', async (t) => {
  const root = host(t)
  root.write(marker, `${ownKey} ${now() - 60}\n`)
  const line = await init(t, root)
  t.equal(root.read(`${place}/skip`), `${line}new key\n`)
  const again = host(t)
  await init(t, again)
  again.write(marker, `${ownKey} ${now()}\n`)
  await init(t, again)
  t.notOk(again.has(`${place}/skip`), 'not where init has run before')
})

t.test('an old marker, one for another key, and what is none', async (t) => {
  for (const text of [
    `${ownKey} ${now() - 3601}\n`, `${ownKey} ${now() + 600}\n`, `02${'11'.repeat(32)} ${now()}\n`, `${ownKey}\n`, `${ownKey} ${now()}`, `${ownKey} -1\n`, '', '\0', `${ownKey} ${now()}\n\n`,
  ]) {
    const root = host(t)
    root.write(marker, text)
    await init(t, root)
    t.notOk(root.has(`${place}/skip`), JSON.stringify(text))
  }
  const standby = host(t)
  standby.write(stackJson, sampleFile({}, 'standby'))
  standby.write(marker, `${ownKey} ${now()}\n`)
  await init(t, standby)
  t.notOk(standby.has(`${place}/skip`), 'nor on a standby')
})

t.test('a host that the version before has cleared stays cleared: its files are read as they were written', async (t) => {
  const root = host(t)
  const id = 'ab'.repeat(32)
  const folders = ['/etc/stacks-signer', '/var/lib/stacks-signer'].map((path) => String(statSync(root.at(path)).ino))
  const name = createHash('sha256').update([id, ...folders, one].join('\n')).digest('hex').slice(0, 32)
  const line = `v1 active ${name} ${ownKey}\n`
  root.write('/etc/stacks-signer/host-id', `${id}\n`)
  for (const path of ['/etc/stacks-signer/guard', `${place}/wanted`]) root.write(path, line)
  root.write(`${place}/cleared`, `${line}boot-1\n`)
  root.write(`${place}/proven`, line)
  t.equal(await init(t, root), line)
  t.equal(root.read(`${place}/cleared`), `${line}boot-1\n`)
  t.equal(root.read(`${place}/proven`), line)

  root.write('/etc/stacks-signer/role', 'active standby\n')
  t.match(await init(t, root), /^v1 standby /, 'the word of make demote counts')
  t.notOk(root.has(`${place}/cleared`))
})
