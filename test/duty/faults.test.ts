/**
 * A stack that comes up although its terminal is closed while `make up` is at work; and the checks that the other engine
 * tests make can fail: each fault that is then planted in it is found.
 */

import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { testKey } from '../support/command.ts'
import { ownPort } from '../support/own.ts'
import { waitFor } from '../support/wait.ts'
import { must } from '../engines/support/docker.ts'
import { testImages } from '../engines/support/images.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeStack, type TestStack } from '../engines/support/stack.ts'
import { missingSigns, unseenSigns } from '../engines/support/working.ts'

await withEngine(t, async (root) => {
  const stack = await makeStack(root, {
    release,
    answers: {
      STACK_NAME: 'faults', NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: String(await ownPort()),
    },
  })
  const built = stack.compose('build')
  t.equal(built.status, 0, built.err)

  await t.test('a terminal that is closed while `make up` is at work', async (t) => {
    // A real pseudo-terminal: when `script` dies, the kernel hangs up on all that runs in it.
    const terminal = spawn('script', ['--quiet', '--command', 'make up', '/dev/null'], { cwd: stack.directory, stdio: 'ignore', detached: true })
    const ended = new Promise<NodeJS.Signals | null>((resolve) => { terminal.once('exit', (_code, signal) => resolve(signal)) })
    await waitFor('up has begun', () => stack.inspect('init'))
    t.not((await stack.inspect('stacks-node'))?.State.Status, 'running', 'it is not done yet')
    process.kill(terminal.pid!, 'SIGKILL')
    t.equal(await ended, 'SIGKILL', 'the terminal was closed while up was at work')
    await stack.becomesHealthy('bitcoind', 'stacks-signer', 'stacks-node')
  })

  t.strictSame(await missingSigns(stack), [], 'without a fault it works')

  await planted(t, stack, 'an unknown key in node-config.toml', edit(stack, 'node-config.toml', (text) => text.replace('[node]\n', '[node]\nstaker = true\n')), ['stacks-node', /Invalid config file: .*staker/], async (t) => {
    t.equal((await stack.inspect('stacks-node'))?.Config.User, '2001:2001')
  })

  await planted(t, stack, 'an unknown key in signer-config.toml', edit(stack, 'signer-config.toml', (text) => `${text}event_timeout = 1\n`), ['stacks-signer', /event_timeout/])

  // Blocks come, and what only a node that serves a signer sends would have come with them.
  await planted(t, stack, 'no stacker in node-config.toml', edit(stack, 'node-config.toml', (text) => text.replace('stacker = true\n', '')), ['stacks-signer', /received new_block[^]*received new_block[^]*received new_block/])

  await planted(t, stack, 'another token on the node', () => {
    // The fault before this one is still in the volume.
    const filled = stack.compose('up', '--no-deps', 'init')
    if (filled.status !== 0) throw new Error(filled.err)
    must(['run', '--rm', '--user', '0:0', '--volume', `${stack.name}_stacks-node-config:/config`, testImages.base,
      'sed', '-i', 's/^auth_token = .*/auth_token = "another-token-entirely"/', '/config/node-config.toml'])
    return () => undefined
  }, ['stacks-signer', /block proposal rejected: 401/])
})

type Undo = () => void

/** Plants a fault, starts what reads it anew, and expects that it is told and that the signs of work stay away. */
async function planted(t: Test, stack: TestStack, name: string, plant: () => Undo, [service, pattern]: readonly [string, RegExp], more: (t: Test) => Promise<void> = async () => undefined): Promise<void> {
  await t.test(name, async (t) => {
    const undo = plant()
    stack.compose('rm', '--force', '--stop', 'stacks-signer', 'stacks-node')
    // Without init, which would put the right token back.
    const up = stack.compose('up', '-d', ...(name.includes('token') ? ['--no-deps', 'stacks-signer', 'stacks-node'] : []))
    t.equal(up.status, 0, up.err)
    t.match(await stack.says(service, pattern), pattern)
    const missing = await unseenSigns(stack)
    t.not(missing.length, 0, `not seen: ${missing.join('; ')}`)
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
