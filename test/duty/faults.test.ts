/** The checks that the other engine tests make can fail: each planted fault is found. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { testKey } from '../support/command.ts'
import { testImages } from '../engines/support/images.ts'
import { docker } from '../engines/support/docker.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeStack, type TestStack } from '../engines/support/stack.ts'
import { missingSigns } from '../engines/support/working.ts'

t.setTimeout(900_000)

await withEngine(t, async (root) => {
  const stack = await makeStack(root, {
    release,
    answers: { STACK_NAME: 'faults', NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: '20644' },
  })
  const up = stack.compose('up', '-d', '--build')
  t.equal(up.status, 0, up.err)
  t.strictSame(await missingSigns(stack, 120), [], 'without a fault it works')

  await planted(t, stack, 'an unknown key in node-config.toml', edit(stack, 'node-config.toml', (text) => text.replace('[node]\n', '[node]\nstaker = true\n')), async (t) => {
    t.match(stack.logs('stacks-node'), /Invalid config file: .*staker/)
    t.equal(stack.inspect('stacks-node')?.Config.User, '2001:2001')
  })

  await planted(t, stack, 'an unknown key in signer-config.toml', edit(stack, 'signer-config.toml', (text) => `${text}event_timeout = 1\n`), async (t) => {
    t.match(stack.logs('stacks-signer'), /event_timeout/)
  })

  await planted(t, stack, 'no stacker in node-config.toml', edit(stack, 'node-config.toml', (text) => text.replace('stacker = true\n', '')))

  await planted(t, stack, 'another token on the node', () => {
    // The fault before this one is still in the volume.
    const filled = stack.compose('up', '--no-deps', 'init')
    if (filled.status !== 0) throw new Error(filled.err)
    const changed = docker(['run', '--rm', '--user', '0:0', '--volume', `${stack.name}_stacks-node-config:/config`, testImages.base,
      'sed', '-i', 's/^auth_token = .*/auth_token = "another-token-entirely"/', '/config/node-config.toml'])
    if (changed.status !== 0) throw new Error(changed.err)
    return () => undefined
  }, async (t) => {
    t.match(stack.logs('stacks-signer'), /block proposal rejected: 401/)
  })
})

type Undo = () => void

/** Plants a fault, starts what reads it anew, and expects that the signs of work stay away. */
async function planted(t: Test, stack: TestStack, name: string, plant: () => Undo, more: (t: Test) => Promise<void> = async () => undefined): Promise<void> {
  await t.test(name, async (t) => {
    const undo = plant()
    stack.compose('rm', '--force', '--stop', 'stacks-signer', 'stacks-node')
    // Without init, which would put the right token back.
    const up = stack.compose('up', '-d', ...(name.includes('token') ? ['--no-deps', 'stacks-signer', 'stacks-node'] : []))
    t.equal(up.status, 0, up.err)
    const missing = await missingSigns(stack, 25)
    t.not(missing.length, 0, `found: ${missing.join('; ')}`)
    await more(t)
    undo()
  })
}

/** A fault in a committed config: `init` fills what it is given. */
function edit(stack: TestStack, name: string, change: (text: string) => string): () => Undo {
  return () => {
    const path = join(stack.directory, 'config', name)
    const before = readFileSync(path, 'utf8')
    const after = change(before)
    if (after === before) throw new Error(`nothing was planted in ${name}`)
    writeFileSync(path, after)
    return () => { writeFileSync(path, before) }
  }
}
