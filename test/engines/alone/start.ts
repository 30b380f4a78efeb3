/**
 * The first start: `docker compose up -d` comes back while the snapshot takes minutes, and all the rest follows without
 * another command, through a reboot in the middle of it.
 */

import { join } from 'node:path'
import type { Test } from 'tap'
import { testKey } from '../../support/command.ts'
import { makeArchive } from '../support/archive.ts'
import { docker, startEngine, stopEngine, waitFor } from '../support/docker.ts'
import { release, withEngine } from '../support/setting.ts'
import { health, makeStack, type TestStack } from '../support/stack.ts'
import { missingSigns } from '../support/working.ts'

export default (t: Test) => withEngine(t, async (root) => {
  const served = join(root, 'served')
  const sha256 = makeArchive(served, 'mainnet', 14)
  const stack = await makeStack(root, {
    release,
    served,
    answers: {
      STACK_NAME: 'first-start', NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey,
      SNAPSHOT_URL: 'http://archive:8080/slow/chain.tar.zst', SNAPSHOT_SHA256: sha256,
      // The server is slow on each connection.
      SNAPSHOT_CONNECTIONS: '1',
    },
  })
  const built = stack.compose('build')
  t.equal(built.status, 0, built.err)

  await t.test('up comes back while the snapshot is on its way', async (t) => {
    const up = stack.compose('up', '-d')
    t.equal(up.status, 0, up.err)
    t.ok(up.seconds < 120, `up took ${up.seconds.toFixed(1)} s`)
    t.equal(health(stack.inspect('snapshot')), 'starting', 'the snapshot is not there yet')
    t.equal(stack.inspect('init')?.State.ExitCode, 0)
    t.equal(stack.inspect('stacks-node')?.State.Status, 'running')
  })

  await t.test('the node waits inside its container, and the others do not', async (t) => {
    await waitFor('bitcoind is healthy', 90, () => health(stack.inspect('bitcoind')) === 'healthy')
    await waitFor('the signer waits for the guard', 60, () => /the signer is not started: the guard: the node at stacks-node:20443 does not answer yet/.test(stack.logs('stacks-signer')))
    t.equal(health(stack.inspect('stacks-signer')), 'starting')
    t.notMatch(docker(['top', `${stack.name}-stacks-signer-1`, '-eo', 'args']).out, /^\/bin\/stacks-signer run/m, 'nothing signs that was not looked for elsewhere')
    t.match(stack.logs('stacks-node'), /waiting for the snapshot/)
    const processes = docker(['top', `${stack.name}-stacks-node-1`, '-eo', 'args']).out
    t.notMatch(processes, /^\/bin\/stacks-node start/m, 'the node itself does not run yet')
    t.equal(health(stack.inspect('stacks-node')), 'starting', 'waiting is no illness')
  })

  await t.test('a reboot in the middle of the snapshot', async (t) => {
    await waitFor('some of the archive is there', 60, () => progress(stack) > 10)
    await stopEngine()
    await startEngine()
    await waitFor('the snapshot is in place', 300, () => health(stack.inspect('snapshot')) === 'healthy')
    const said = stack.logs('snapshot')
    t.match(said, /resuming with [1-9]\d? % here/, 'it went on where it was')
    t.equal(said.match(/verified: sha256/g)?.length, 1, 'once')
    const marker = stack.compose('exec', '-T', 'snapshot', 'cat', '/var/lib/stacks-node/.snapshot.json').out
    t.match(marker, sha256)
    const index = stack.compose('exec', '-T', 'snapshot', 'cat', '/var/lib/stacks-node/mainnet/chainstate/vm/index.sqlite').out
    t.equal(index, 'index of the snapshot')
  })

  await t.test('everything reaches healthy without another command', async (t) => {
    t.strictSame(await missingSigns(stack, 240), [])
  })

  await t.test('in the right order', async (t) => {
    const node = firstTime(stack.logs('stacks-node'), /Registering event observer at/)
    t.ok(firstTime(stack.logs('snapshot'), /in place: .*nothing more to do/) < node, 'snapshot, then node')
    t.ok(firstTime(stack.logs('guard'), /passed: not registered for cycle 1 or the next/) < firstTime(stack.logs('stacks-signer'), /Signer spawned successfully/), 'guard, then signer')
    t.ok(firstTime(stack.logs('stacks-signer'), /Signer spawned successfully/) < node, 'signer, then node')
    t.ok(firstTime(stack.logs('bitcoind'), /init message: Done loading/) < node, 'bitcoind, then node')
  })
}, 'alone')

/** The percentage that the snapshot said last. */
function progress(stack: TestStack): number {
  return Number(stack.logs('snapshot').match(/(\d+(?:\.\d+)?) ?%/g)?.at(-1)?.replace(/[^\d.]/g, '') ?? 0)
}

/** When a line that matches was first written, in Docker's own time stamps. */
function firstTime(log: string, pattern: RegExp): string {
  return log.split('\n').find((line) => pattern.test(line))?.split(' ')[0] ?? 'never'
}
