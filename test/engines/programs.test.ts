/** The programs of docker/programs in a real engine: from a clone under a strict umask to a healthy service, and in a container beside the stack. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { testKey } from '../support/command.ts'
import { readFiles } from '../support/files.ts'
import { testImages } from './support/images.ts'
import { release, withEngine } from './support/setting.ts'
import { makeStack } from './support/stack.ts'

await withEngine(t, async (root) => {
  const identity = spawnSync('age-keygen', { encoding: 'utf8' }).stdout
  const stack = await makeStack(root, {
    release,
    answers: { STACK_NAME: 'programs', NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, MONITORING: 'metrics', SECRETS_RECIPIENTS: /age1\w+/.exec(identity)![0] },
  })
  const program = join(stack.directory, 'docker/metrics.mjs')
  chmodSync(program, 0o600)

  await t.test('a service runs its program, which its own user can read and nobody can change', async (t) => {
    const up = stack.compose('up', '--detach', 'metrics')
    t.equal(up.status, 0, up.err)
    await stack.becomesHealthy('metrics')
    t.match(await stack.logs('metrics'), /metrics: listening on 9155: \/metrics \/node \/signer \/signer\/heartbeat/)
    t.match((await stack.exec('metrics', 'stat', '-c', '%a %u %n', '/stack/programs', '/stack/programs/metrics.mjs')).out, /^555 0 \/stack\/programs\n444 0 \/stack\/programs\/metrics\.mjs/)
    t.not((await stack.exec('metrics', 'sh', '-c', 'echo >>/stack/programs/metrics.mjs')).status, 0)
    const page = await stack.exec('metrics', 'node', '-e', 'fetch("http://127.0.0.1:9155/metrics").then((answer) => answer.text()).then(console.log)')
    t.match(page.out, /^stack_node_rpc_up 0$/m)
  })

  await t.test('secrets are encrypted for git, and opened in the folder of a second machine', async (t) => {
    const second = join(root, 'second')
    const make = (cwd: string, ...words: readonly string[]) => spawnSync('make', ['--no-print-directory', ...words], { cwd, encoding: 'utf8' })
    const sealed = make(stack.directory, 'secrets-seal')
    t.equal(sealed.status, 0, sealed.stderr)
    cpSync(stack.directory, second, { recursive: true, filter: (path) => path !== join(stack.directory, 'secrets') })
    writeFileSync(join(root, 'identity'), identity, { mode: 0o600 })
    const opened = make(second, 'secrets-open', `IDENTITY=${join(root, 'identity')}`)
    t.equal(opened.status, 0, opened.stderr)
    t.strictSame(readFiles(join(second, 'secrets')), readFiles(join(stack.directory, 'secrets'), ['.sealed', '.gitignore']))
    t.equal(statSync(join(second, 'secrets/signer-private-key')).mode & 0o777, 0o600)
  })

  await t.test('it ends when it is told to', async (t) => {
    const stop = stack.compose('stop', 'metrics')
    t.equal(stop.status, 0, stop.err)
    t.equal((await stack.inspect('metrics'))?.State.ExitCode, 0)
  })

  await t.test('the same program in a container beside the stack', async (t) => {
    t.equal(statSync(program).mode & 0o777, 0o600)
    const { status, stderr } = spawnSync('sh', ['docker/host/program.sh', 'metrics', '--env', 'LISTEN=9155', '--', '--health'], {
      cwd: stack.directory, encoding: 'utf8', env: { ...process.env, NODE_IMAGE: testImages.nodejs },
    })
    t.strictSame([status, stderr], [1, ''], 'it ran, and nothing listens there')
  })
})
