/** Two hosts with one key: the standby cannot sign, the guard sees the active one, and the handover goes by tokens. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { stranger } from '../doubles/node/world.ts'
import { testKey } from '../support/command.ts'
import { docker, program, waitFor, type Ran } from '../engines/support/docker.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { health, makeStack, type TestStack } from '../engines/support/stack.ts'
import { missingSigns } from '../engines/support/working.ts'

t.setTimeout(1_200_000)


await withEngine(t, async (root) => {
  const made = (name: string, role: string, port: string) => makeStack(root, {
    release,
    answers: { STACK_NAME: name, NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: port, ROLE: role },
    // A minute for each signing interval is right for a chain, and long for a test.
    override: { guard: { environment: { GUARD_LEAST: '3', GUARD_PERIOD: '1' } } },
  })
  const [active, standby] = [await made('handover-one', 'active', '20646'), await made('handover-two', 'standby', '20647')]
  const own = (JSON.parse(readFileSync(join(active.directory, '.stack-manifest.json'), 'utf8')) as { public: { publicKey: string } }).public.publicKey
  const make = (stack: TestStack, ...words: readonly string[]): Ran => program('make', ['-s', ...words], { cwd: stack.directory })
  const verdict = (stack: TestStack) => stack.compose('exec', '-T', 'guard', 'cat', '/var/lib/stacks-signer/guard/verdict').out
  /** What both nodes say of the slots, as they would by replication. */
  const slots = (writing: readonly string[]) => {
    for (const { name } of [active, standby]) {
      const set = docker(['exec', '--interactive', `${name}-stacks-node-1`, 'sh', '-c', 'cat >/var/lib/stacks-node/world.json'],
        { input: JSON.stringify({ signers: { 1: [stranger, own] }, writing }) })
      if (set.status !== 0) throw new Error(set.err)
    }
  }
  const token = async (stack: TestStack): Promise<string> => {
    let ran = make(stack, 'handover-token')
    await waitFor('the token', 120, () => { ran = make(stack, 'handover-token'); return ran.status === 0 })
    t.match(ran.out, /^stacks-standby-1\./)
    return ran.out.trim()
  }
  const noSigner = (stack: TestStack) => !/^\/bin\/stacks-signer run/m.test(docker(['top', `${stack.name}-stacks-signer-1`, '-eo', 'args']).out)

  const up = active.compose('up', '-d', '--build')
  t.equal(up.status, 0, up.err)
  t.strictSame(await missingSigns(active, 180), [], 'the active one works, as its key has no seat yet')

  await t.test('the standby follows, and its signer has no key', async (t) => {
    const up = standby.compose('up', '-d', '--build')
    t.equal(up.status, 0, up.err)
    await waitFor('its node is healthy', 180, () => health(standby.inspect('stacks-node')) === 'healthy')
    t.match(standby.logs('stacks-node'), /follows without its event observer/)
    t.notMatch(standby.logs('stacks-node'), /Registering event observer/)
    t.match(standby.logs('stacks-signer'), /this host is the standby/)
    standby.compose('up', '-d', 'stacks-signer')
    t.ok(noSigner(standby))
    const files = standby.compose('exec', '-T', 'stacks-signer', 'ls', '/etc/stacks-signer').out
    t.match(files, /stacks-signer\.sh/)
    t.notMatch(files, /signer-config\.toml/)
    const ran = make(standby, 'status', 'JSON=1')
    t.match(JSON.parse(ran.out), { guard: { state: 'standby', role: 'standby' } }, ran.err)
  })

  let first = ''
  await t.test('promoted while the active one signs: refused, with the two versions', async (t) => {
    slots([stranger, own])
    first = await token(standby)
    t.not(make(standby, 'promote').status, 0, 'not without a token')
    t.not(make(standby, 'promote', 'OTHER=lost').status, 0, 'nor without a word')
    const forced = make(standby, 'promote', 'OTHER=lost', 'CONFIRM=yes')
    t.equal(forced.status, 0, forced.err)
    await waitFor('the guard refuses', 180, () => verdict(standby).startsWith('refused'))
    t.match(verdict(standby), /slot 1 of signers-1-\d \(cycle 1\) went from version \d+ to \d+ while the signer here is off/)
    await waitFor('the gate says so', 30, () => /went from version \d+ to \d+/.test(standby.logs('stacks-signer')))
    t.ok(noSigner(standby))
    standby.compose('restart', 'guard', 'stacks-signer')
    await waitFor('the guard is back', 60, () => verdict(standby).startsWith('refused'))
    t.ok(noSigner(standby), 'a restart does not forget it')
    const back = make(standby, 'demote', 'OTHER=none')
    t.equal(back.status, 0, back.err)
  })

  await t.test('demoted and promoted by their tokens: the guard passes', async (t) => {
    t.not(make(active, 'demote').status, 0, 'not without a token')
    const demoted = make(active, 'demote', `TOKEN=${first}`)
    t.equal(demoted.status, 0, demoted.err)
    await waitFor('its node follows alone', 180, () => health(active.inspect('stacks-node')) === 'healthy' && /follows without its event observer/.test(active.logs('stacks-node')))
    t.ok(noSigner(active))
    t.notMatch(active.compose('exec', '-T', 'stacks-signer', 'ls', '/etc/stacks-signer').out, /signer-config\.toml/)
    slots([stranger])
    const second = await token(active)
    const promoted = make(standby, 'promote', `TOKEN=${second}`)
    t.equal(promoted.status, 0, promoted.err)
    await waitFor('the guard passes', 240, () => verdict(standby).startsWith('passed'))
    t.match(verdict(standby), /nobody wrote its slots in 2 signing intervals/)
    t.strictSame(await missingSigns(standby, 240), [])
    t.ok(noSigner(active))
  })

  await t.test('a restart of what is cleared asks nobody again', async (t) => {
    slots([stranger, own])
    const restarted = make(standby, 'restart')
    t.equal(restarted.status, 0, restarted.err)
    await waitFor('the signer is healthy', 120, () => health(standby.inspect('stacks-signer')) === 'healthy')
    t.match(verdict(standby), /^passed/)
  })

  await t.test('a new token, given to both', async (t) => {
    const read = () => readFileSync(join(standby.directory, 'secrets/auth-token'), 'utf8').trim()
    const before = read()
    t.not(make(standby, 'rotate-token').status, 0, 'not without a word')
    const rotated = make(standby, 'rotate-token', 'CONFIRM=yes')
    t.equal(rotated.status, 0, rotated.err)
    t.not(read(), before)
    t.equal(standby.compose('exec', '-T', 'stacks-signer', 'grep', '-c', read(), '/etc/stacks-signer/signer-config.toml').out.trim(), '1')
    const since = new Date().toISOString()
    await waitFor('proposals are taken again', 240, () => standby.logs('stacks-signer').split('\n').some((line) => line > since && /block proposal accepted: 202/.test(line)))
  })
})
