/** A terminal that is closed while `make up` is at work: everything starts all the same. */

import { spawn } from 'node:child_process'
import t from 'tap'
import { testKey } from '../support/command.ts'
import { waitFor } from '../engines/support/docker.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { health, makeStack } from '../engines/support/stack.ts'

t.setTimeout(600_000)

await withEngine(t, async (root) => {
  const stack = await makeStack(root, {
    release,
    answers: { STACK_NAME: 'terminal', NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: '20645' },
  })
  const built = stack.compose('build')
  t.equal(built.status, 0, built.err)

  // A real pseudo-terminal: when `script` dies, the kernel hangs up on all that runs in it.
  const terminal = spawn('script', ['--quiet', '--command', 'make up', '/dev/null'], { cwd: stack.directory, stdio: 'ignore', detached: true })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => { terminal.once('exit', (_code, signal) => resolve(signal)) })
  await waitFor('up has begun', 30, () => stack.inspect('init') !== undefined)
  t.not(stack.inspect('stacks-node')?.State.Status, 'running', 'it is not done yet')
  process.kill(terminal.pid!, 'SIGKILL')
  t.equal(await ended, 'SIGKILL', 'the terminal was closed while up was at work')

  const healthy = () => ['bitcoind', 'stacks-signer', 'stacks-node'].every((name) => health(stack.inspect(name)) === 'healthy')
  const seconds = await waitFor('all is healthy', 180, healthy)
  t.ok(seconds > 0)
})
