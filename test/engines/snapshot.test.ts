/** The snapshot on the real engine: killed again and again, bounded, and replaced under a running node. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { testKey } from '../support/command.ts'
import { waitFor } from '../support/wait.ts'
import { makeArchive } from './support/archive.ts'
import { docker, program } from './support/docker.ts'
import { release, withOwnEngine } from './support/setting.ts'
import { makeStack, type TestStack } from './support/stack.ts'
import { missingSigns } from './support/working.ts'

const megabytes = 96

await withOwnEngine(t, async (root, engine) => {
  const served = join(root, 'served')
  const sha256 = makeArchive(served, 'mainnet', megabytes)
  const size = readFileSync(join(served, 'chain.tar.zst')).length
  const answers = {
    NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, BITCOIN_P2P_PUBLISH: 'off',
    SNAPSHOT_URL: 'http://archive:8080/slow/chain.tar.zst', SNAPSHOT_SHA256: sha256, SNAPSHOT_CONNECTIONS: '8',
  }

  await t.test('SIGKILL at 30 % five times, then the engine stopped', async (t) => {
    const stack = await makeStack(root, { release, served, answers: { ...answers, STACK_NAME: 'killed', SNAPSHOT_MODE: 'file' }, override: { snapshot: { mem_limit: '256m', memswap_limit: '256m' } } })
    t.equal((await engine.build(stack)).status, 0)
    const up = stack.compose('up', '-d', 'archive', 'snapshot')
    t.equal(up.status, 0, up.err)
    let seen = 0
    for (let kill = 1; kill <= 5; kill += 1) {
      const told = await waitFor(`30 % and a line of its own before kill ${kill}`, () => progress(stack), (all) => all.length > seen && all.at(-1)! >= 30)
      seen = told.length
      docker(['kill', stack.container('snapshot')])
      // What kills a container from inside lets the daemon start it again; a kill by hand does not.
      t.equal(docker(['start', stack.container('snapshot')]).status, 0)
    }
    const told = await progress(stack)
    t.ok(told.at(-1)! < 100, `there is something left to fetch: ${told.join(' ')}`)
    await engine.stop()
    await engine.start()
    await stack.becomesHealthy('snapshot')
    t.match(stack.compose('run', '--rm', '--no-deps', '-T', '--entrypoint', 'cat', 'snapshot', '/var/lib/stacks-node/.snapshot.json').out, sha256)
    t.match((await stack.inspect('snapshot'))?.State, { Status: 'exited', ExitCode: 0 }, 'it ends when it is done')
    await engine.stop()
    await engine.start()
    t.match((await stack.inspect('snapshot'))?.State, { Status: 'exited', ExitCode: 0 }, 'and stays ended')
    t.notOk((await stack.inspect('snapshot'))?.State.OOMKilled, 'within 256 MiB')
    const sent = sentBytes(await stack.logs('archive'))
    t.comment(`sent ${(sent / size).toFixed(3)} times the archive`)
    // Each kill loses what is on its way, and nginx that is stopped logs none of it: how much that is depends on how busy
    // the machine is. From the beginning each time it would be more than twice the archive.
    t.ok(sent >= 0.5 * size && sent <= 1.5 * size, `${sent} bytes of ${size}`)
    stack.compose('down', '--volumes', '--timeout', '5')
  })

  await t.test('make snapshot-refresh under a running node', async (t) => {
    const stack = await makeStack(root, { release, served, answers: { ...answers, SNAPSHOT_URL: 'http://archive:8080/chain.tar.zst', STACK_NAME: 'refreshed', SNAPSHOT_MODE: 'stream' } })
    t.equal((await engine.build(stack)).status, 0)
    t.equal(stack.compose('up', '-d').status, 0)
    t.strictSame(await missingSigns(stack), [])
    const make = (...args: readonly string[]) => program('make', args, { cwd: stack.directory })
    const inside = (...command: readonly string[]) => stack.exec('stacks-node', ...command)
    const place = /snapshot +in place: http:\/\/archive:8080\/chain.tar.zst/
    // A busy machine does not tell everything at once.
    t.match(await waitFor('the status tells of the snapshot', () => make('status').out, (said) => place.test(said)), place)
    t.equal((await inside('touch', '/var/lib/stacks-node/mainnet/mark-of-the-old')).status, 0)
    t.equal(make('snapshot-refresh').status, 2, 'only with a yes')
    const before = (await stack.inspect('stacks-node'))!
    const refreshed = make('snapshot-refresh', 'CONFIRM=yes')
    t.equal(refreshed.status, 0, refreshed.out + refreshed.err)
    const after = (await stack.inspect('stacks-node'))!
    t.equal(after.Id, before.Id)
    t.not(after.State.StartedAt, before.State.StartedAt, 'the node was stopped and started')
    t.notOk(after.State.OOMKilled)
    t.equal((await inside('test', '-e', '/var/lib/stacks-node/mainnet/mark-of-the-old')).status, 1, 'the chain is the new one')
    const old = await inside('sh', '-c', 'ls -d /var/lib/stacks-node/mainnet.old*/mark-of-the-old')
    t.match(old.out, /mark-of-the-old/, 'and the old one is kept')
    await stack.becomesHealthy('stacks-node')
    t.equal(make('snapshot-delete-old', 'CONFIRM=yes').status, 0)
    t.strictSame(await inside('find', '/var/lib/stacks-node', '-maxdepth', '1', '-name', 'mainnet.old*'), { status: 0, out: '', err: '' })
  })
})

/** The percentages of the download, in the order in which they were said. */
async function progress(stack: TestStack): Promise<readonly number[]> {
  return [...(await stack.logs('snapshot')).matchAll(/downloading (\d+) ?%/g)].map(([, percent]) => Number(percent))
}

/** What nginx says it sent of the archive, in all answers together. */
function sentBytes(log: string): number {
  return [...log.matchAll(/"GET \/slow\/chain\.tar\.zst [^"]*" 20[06] (\d+)/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0)
}
