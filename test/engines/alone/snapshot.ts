/** The snapshot on the real engine: killed again and again, bounded, and replaced under a running node. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { testKey } from '../../support/command.ts'
import { makeArchive } from '../support/archive.ts'
import { docker, program, startEngine, stopEngine, waitFor } from '../support/docker.ts'
import { release, withEngine } from '../support/setting.ts'
import { health, makeStack, type TestStack } from '../support/stack.ts'
import { missingSigns } from '../support/working.ts'

const megabytes = 96

export default (t: Test) => withEngine(t, async (root) => {
  const served = join(root, 'served')
  const sha256 = makeArchive(served, 'mainnet', megabytes)
  const size = readFileSync(join(served, 'chain.tar.zst')).length
  const answers = {
    NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, BITCOIN_P2P_PUBLISH: 'off',
    SNAPSHOT_URL: 'http://archive:8080/slow/chain.tar.zst', SNAPSHOT_SHA256: sha256, SNAPSHOT_CONNECTIONS: '8',
  }

  await t.test('SIGKILL at 30 % five times, then the engine stopped', async (t) => {
    const stack = await makeStack(root, { release, served, answers: { ...answers, STACK_NAME: 'killed', NODE_P2P_PORT: '21044', SNAPSHOT_MODE: 'file' }, override: { snapshot: { mem_limit: '256m', memswap_limit: '256m' } } })
    t.equal(stack.compose('build').status, 0)
    const up = stack.compose('up', '-d', 'archive', 'snapshot')
    t.equal(up.status, 0, up.err)
    let seen = 0
    for (let kill = 1; kill <= 5; kill += 1) {
      await waitFor(`30 % and a line of its own before kill ${kill}`, 120, () => progress(stack).length > seen && progress(stack).at(-1)! >= 30)
      seen = progress(stack).length
      docker(['kill', 'killed-snapshot-1'])
      // What kills a container from inside lets the daemon start it again; a kill by hand does not.
      t.equal(docker(['start', 'killed-snapshot-1']).status, 0)
    }
    const told = progress(stack)
    t.ok(told.at(-1)! < 100, `there is something left to fetch: ${told.join(' ')}`)
    await stopEngine()
    await startEngine()
    await waitFor('the snapshot is in place', 240, () => health(stack.inspect('snapshot')) === 'healthy')
    t.match(stack.compose('exec', '-T', 'snapshot', 'cat', '/var/lib/stacks-node/.snapshot.json').out, sha256)
    t.notOk(stack.inspect('snapshot')?.State.OOMKilled, 'within 256 MiB')
    const sent = sentBytes(stack)
    t.comment(`sent ${(sent / size).toFixed(3)} times the archive`)
    // What was on its way when nginx itself was stopped is in no log.
    t.ok(sent >= 0.9 * size && sent <= 1.1 * size, `${sent} bytes of ${size}`)
    stack.compose('down', '--volumes', '--timeout', '5')
  })

  await t.test('make snapshot-refresh under a running node', async (t) => {
    const stack = await makeStack(root, { release, served, answers: { ...answers, SNAPSHOT_URL: 'http://archive:8080/chain.tar.zst', STACK_NAME: 'refreshed', NODE_P2P_PORT: '21044', SNAPSHOT_MODE: 'stream' } })
    t.equal(stack.compose('up', '-d').status, 0)
    t.strictSame(await missingSigns(stack, 180), [])
    const make = (...args: readonly string[]) => program('make', args, { cwd: stack.directory })
    const inside = (...command: readonly string[]) => stack.compose('exec', '-T', 'snapshot', ...command)
    t.match(make('status').out, /snapshot +in place: http:\/\/archive:8080\/chain.tar.zst/)
    t.equal(inside('touch', '/var/lib/stacks-node/mainnet/mark-of-the-old').status, 0)
    t.equal(make('snapshot-refresh').status, 2, 'only with a yes')
    const before = stack.inspect('stacks-node')!
    const refreshed = make('snapshot-refresh', 'CONFIRM=yes')
    t.equal(refreshed.status, 0, refreshed.out + refreshed.err)
    const after = stack.inspect('stacks-node')!
    t.equal(after.Id, before.Id)
    t.not(after.State.StartedAt, before.State.StartedAt, 'the node was stopped and started')
    t.notOk(after.State.OOMKilled)
    t.not(inside('test', '-e', '/var/lib/stacks-node/mainnet/mark-of-the-old').status, 0, 'the chain is the new one')
    const old = inside('sh', '-c', 'ls -d /var/lib/stacks-node/mainnet.old*/mark-of-the-old').out
    t.match(old, /mark-of-the-old/, 'and the old one is kept')
    await waitFor('the node is healthy again', 120, () => health(stack.inspect('stacks-node')) === 'healthy')
    t.equal(make('snapshot-forget-old', 'CONFIRM=yes').status, 0)
    t.equal(inside('sh', '-c', 'ls -d /var/lib/stacks-node/mainnet.old* 2>/dev/null').out, '')
  })
}, 'alone')

/** The percentages of the download, in the order in which they were said. */
function progress(stack: TestStack): readonly number[] {
  return [...stack.logs('snapshot').matchAll(/downloading (\d+) ?%/g)].map(([, percent]) => Number(percent))
}

/** What nginx says it sent of the archive, in all answers together. */
function sentBytes(stack: TestStack): number {
  return [...stack.logs('archive').matchAll(/"GET \/slow\/chain\.tar\.zst [^"]*" 20[06] (\d+)/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0)
}
