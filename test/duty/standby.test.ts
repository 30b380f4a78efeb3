/** Two hosts with one key: the standby cannot sign, the guard sees the active one, and the handover goes by tokens. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { stranger } from '../doubles/node/world.ts'
import { testKey } from '../support/command.ts'
import { ownPort } from '../support/own.ts'
import { waitFor } from '../support/wait.ts'
import { program, type Ran } from '../engines/support/docker.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeStack, type TestStack } from '../engines/support/stack.ts'
import { missingSigns } from '../engines/support/working.ts'

await withEngine(t, async (root) => {
  const made = async (name: string, role: string) => makeStack(root, {
    release,
    answers: { STACK_NAME: name, NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: String(await ownPort()), ROLE: role },
    // A minute for each signing interval is right for a chain, and long for a test.
    override: { guard: { environment: { GUARD_LEAST: '3', GUARD_PERIOD: '1' } } },
  })
  const [active, standby] = [await made('handover-one', 'active'), await made('handover-two', 'standby')]
  const own = (JSON.parse(readFileSync(join(active.directory, '.stack-manifest.json'), 'utf8')) as { public: { publicKey: string } }).public.publicKey
  const make = (stack: TestStack, ...words: readonly string[]): Ran => program('make', ['-s', ...words], { cwd: stack.directory })
  const verdict = async (stack: TestStack) => (await stack.exec('guard', 'cat', '/var/lib/stacks-signer/guard/verdict')).out
  /** What the nodes say of the slots. `writing` is what another host writes, so a host that signs itself must not have its own key in it. */
  const slots = async (writing: readonly string[], hosts: readonly TestStack[] = [active, standby]) => {
    for (const { exec } of hosts) {
      const set = await exec('stacks-node', 'sh', '-c', 'printf %s "$0" >/var/lib/stacks-node/world.json', JSON.stringify({ signers: { 1: [stranger, own] }, writing }))
      if (set.status !== 0) throw new Error(set.err)
    }
  }
  const token = async (stack: TestStack): Promise<string> => {
    const ran = await waitFor('the token', () => make(stack, 'handover-token'), ({ status }) => status === 0)
    t.match(ran.out, /^stacks-standby-1\./)
    return ran.out.trim()
  }
  const noSigner = async (stack: TestStack) => !/^\/bin\/stacks-signer run/m.test(await stack.top('stacks-signer'))
  const guardSays = (stack: TestStack, word: string) => waitFor(`the guard: ${word}`, () => verdict(stack), (said) => said.startsWith(word))

  const up = active.compose('up', '-d', '--build')
  t.equal(up.status, 0, up.err)
  t.strictSame(await missingSigns(active), [], 'the active one works, as its key has no seat yet')

  await t.test('the standby follows, and its signer has no key', async (t) => {
    const up = standby.compose('up', '-d', '--build')
    t.equal(up.status, 0, up.err)
    await standby.becomesHealthy('stacks-node')
    t.match(await standby.logs('stacks-node'), /follows without its event observer/)
    t.notMatch(await standby.logs('stacks-node'), /Registering event observer/)
    t.match(await standby.logs('stacks-signer'), /this host is the standby/)
    standby.compose('up', '-d', 'stacks-signer')
    t.ok(await noSigner(standby))
    const files = (await standby.exec('stacks-signer', 'ls', '/etc/stacks-signer')).out
    t.match(files, /stacks-signer\.sh/)
    t.notMatch(files, /signer-config\.toml/)
    const status = await waitFor('the status tells of the guard', () => JSON.parse(make(standby, 'status', 'JSON=1').out) as { guard?: { state?: string } }, ({ guard }) => guard?.state === 'standby')
    t.match(status, { guard: { state: 'standby', role: 'standby' } })
  })

  let first = ''
  await t.test('promoted while the active one signs: refused, with the two versions', async (t) => {
    await slots([stranger], [active])
    await slots([stranger, own], [standby])
    first = await token(standby)
    t.not(make(standby, 'promote').status, 0, 'not without a token')
    t.not(make(standby, 'promote', 'OTHER=lost').status, 0, 'nor without a word')
    const forced = make(standby, 'promote', 'OTHER=lost', 'CONFIRM=yes')
    t.equal(forced.status, 0, forced.err)
    await guardSays(standby, 'refused')
    t.match(await verdict(standby), /slot 1 of signers-1-\d \(cycle 1\) went from version \d+ to \d+ while the signer here is off/)
    await standby.says('stacks-signer', /went from version \d+ to \d+/)
    t.ok(await noSigner(standby))
    standby.compose('restart', 'guard', 'stacks-signer')
    await guardSays(standby, 'refused')
    t.ok(await noSigner(standby), 'a restart does not forget it')
    const back = make(standby, 'demote', 'OTHER=none', 'CONFIRM=yes')
    t.equal(back.status, 0, back.err)
  })

  await t.test('demoted and promoted by their tokens: the guard passes', async (t) => {
    t.not(make(active, 'demote').status, 0, 'not without a token')
    const demoted = make(active, 'demote', `TOKEN=${first}`)
    t.equal(demoted.status, 0, demoted.err)
    await active.says('stacks-node', /follows without its event observer/)
    await active.becomesHealthy('stacks-node')
    t.ok(await noSigner(active))
    const files = (await active.exec('stacks-signer', 'ls', '/etc/stacks-signer')).out
    t.match(files, /stacks-signer\.sh/)
    t.notMatch(files, /signer-config\.toml/)
    await slots([stranger])
    const second = await token(active)
    const promoted = make(standby, 'promote', `TOKEN=${second}`)
    t.equal(promoted.status, 0, promoted.err)
    await guardSays(standby, 'passed')
    t.match(await verdict(standby), /no instance wrote its slots in 2 signing intervals/)
    t.strictSame(await missingSigns(standby), [])
    t.ok(await noSigner(active))
  })

  await t.test('a restart of what is cleared asks nobody again', async (t) => {
    const restarted = make(standby, 'restart')
    t.equal(restarted.status, 0, restarted.err)
    await standby.becomesHealthy('stacks-signer')
    t.match(await verdict(standby), /^passed/)
  })

  await t.test('another instance writes before the signer has: the guard refuses, and the gate stops the signer', async (t) => {
    await slots([stranger, own], [standby])
    await guardSays(standby, 'refused')
    t.match(await verdict(standby), /went from version \d+ to \d+ which the signer here has not written/)
    await waitFor('the signer is stopped', () => noSigner(standby))
    await standby.says('stacks-signer', /gate: the guard has taken back what it had cleared: the signer was stopped/)
    await slots([stranger], [standby])
    t.equal(make(standby, 'guard-retry', 'CONFIRM=yes').status, 0)
    t.not(make(standby, 'guard-skip').status, 0, 'not without a word')
    await waitFor('the refusal is forgotten', () => verdict(standby), (said) => !said.startsWith('refused'))
    const skipped = make(standby, 'guard-skip', 'CONFIRM=yes')
    t.equal(skipped.status, 0, skipped.err)
    await standby.becomesHealthy('stacks-signer')
    await guardSays(standby, 'passed')
  })

  await t.test('a new token, given to both', async (t) => {
    const read = () => readFileSync(join(standby.directory, 'secrets/auth-token'), 'utf8').trim()
    const before = read()
    t.not(make(standby, 'rotate-token').status, 0, 'not without a word')
    const rotated = make(standby, 'rotate-token', 'CONFIRM=yes')
    t.equal(rotated.status, 0, rotated.err)
    t.not(read(), before)
    t.equal((await standby.exec('stacks-signer', 'grep', '-c', read(), '/etc/stacks-signer/signer-config.toml')).out.trim(), '1')
    const since = new Date().toISOString()
    await waitFor('proposals are taken again', async () => (await standby.logs('stacks-signer')).split('\n').filter((line) => line > since), (lines) => lines.some((line) => /block proposal accepted: 202/.test(line)))
  })
})
