/**
 * A signer for mainnet with a snapshot, from its first start to its stop: brought up once, looked at, changed a little, and
 * rebooted in the middle of the snapshot and when all is up.
 */

import { join } from 'node:path'
import t from 'tap'
import { testKey } from '../support/command.ts'
import { afterChanges, looks } from './mainnet/running.ts'
import { firstStart } from './mainnet/start.ts'
import { makeArchive } from './support/archive.ts'
import { release, withOwnEngine } from './support/setting.ts'
import { makeStack } from './support/stack.ts'

await withOwnEngine(t, async (root, engine) => {
  const served = join(root, 'served')
  const sha256 = makeArchive(served, 'mainnet', 14)
  const stack = await makeStack(root, {
    release,
    served,
    answers: {
      STACK_NAME: 'running', NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey,
      SNAPSHOT_URL: 'http://archive:8080/slow/chain.tar.zst', SNAPSHOT_SHA256: sha256,
      // The server is slow on each connection.
      SNAPSHOT_CONNECTIONS: '1',
    },
    // At a reboot the signer ends first, and a node whose signer is away is deaf to SIGTERM: systemd kills it after 90 s.
    override: { 'stacks-node': { stop_grace_period: '90s' } },
  })
  const built = await engine.build(stack)
  t.equal(built.status, 0, built.err)
  await firstStart(t, stack, engine, sha256)
  await looks(t, stack)
  await afterChanges(t, stack, engine)
})
