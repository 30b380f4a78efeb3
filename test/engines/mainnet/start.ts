/**
 * The first start: `docker compose up -d` comes back while the snapshot takes minutes, and all the rest follows without
 * another command, through a reboot in the middle of it.
 */

import type { Test } from 'tap'
import { waitFor } from '../../support/wait.ts'
import type { OwnEngine } from '../support/own-engine.ts'
import type { TestStack } from '../support/stack.ts'
import { missingSigns } from '../support/working.ts'

export async function firstStart(t: Test, stack: TestStack, engine: OwnEngine, sha256: string): Promise<void> {
  await t.test('up comes back while the snapshot is on its way', async (t) => {
    const up = stack.compose('up', '-d')
    t.equal(up.status, 0, up.err)
    t.equal(await stack.health('snapshot'), 'starting', 'the snapshot is not there yet')
    t.equal((await stack.inspect('init'))?.State.ExitCode, 0)
    t.equal((await stack.inspect('stacks-node'))?.State.Status, 'running')
  })

  await t.test('the node waits inside its container, and the others do not', async (t) => {
    await stack.becomesHealthy('bitcoind')
    await stack.says('stacks-signer', /the signer is not started: the guard: the node at stacks-node:20443 does not answer yet/)
    t.equal(await stack.health('stacks-signer'), 'starting')
    t.notMatch(await stack.top('stacks-signer'), /^\/bin\/stacks-signer run/m, 'nothing signs that was not looked for elsewhere')
    t.match(await stack.logs('stacks-node'), /waiting for the snapshot/)
    t.notMatch(await stack.top('stacks-node'), /^\/bin\/stacks-node start/m, 'the node itself does not run yet')
    t.equal(await stack.health('stacks-node'), 'starting', 'waiting is no illness')
  })

  await t.test('a reboot in the middle of the snapshot', async (t) => {
    await waitFor('some of the archive is there', () => progress(stack), (percent) => percent > 10)
    await engine.stop()
    await engine.start()
    await stack.becomesHealthy('snapshot')
    const said = await stack.logs('snapshot')
    t.match(said, /resuming with [1-9]\d? % here/, 'it went on where it was')
    t.equal(said.match(/verified: sha256/g)?.length, 1, 'once')
    const marker = await stack.exec('stacks-node', 'cat', '/var/lib/stacks-node/.snapshot.json')
    t.match(marker.out, sha256)
    const index = await stack.exec('stacks-node', 'cat', '/var/lib/stacks-node/mainnet/chainstate/vm/index.sqlite')
    t.equal(index.out, 'index of the snapshot')
  })

  await t.test('everything reaches healthy without another command', async (t) => {
    t.strictSame(await missingSigns(stack), [])
  })

  await t.test('in the right order', async (t) => {
    const first = async (service: string, pattern: RegExp) => firstTime(await stack.logs(service), pattern)
    const node = await first('stacks-node', /Registering event observer at/)
    const signer = await first('stacks-signer', /Signer spawned successfully/)
    t.ok(await first('snapshot', /in place: .*nothing more to do/) < node, 'snapshot, then node')
    t.ok(await first('guard', /passed: not registered for cycle 1 or the next/) < signer, 'guard, then signer')
    t.ok(signer < node, 'signer, then node')
    t.ok(await first('bitcoind', /init message: Done loading/) < node, 'bitcoind, then node')
  })
}

/** The percentage that the snapshot said last. */
async function progress(stack: TestStack): Promise<number> {
  return Number((await stack.logs('snapshot')).match(/(\d+(?:\.\d+)?) ?%/g)?.at(-1)?.replace(/[^\d.]/g, '') ?? 0)
}

/** When a line that matches was first written, in Docker's own time stamps. */
function firstTime(log: string, pattern: RegExp): string {
  return log.split('\n').find((line) => pattern.test(line))?.split(' ')[0] ?? 'never'
}
