/** A reboot of a host with an sBTC signer: what it has comes back by itself, and whole. */

import type { Test } from 'tap'
import { sbtcTestKey } from '../../support/command.ts'
import { startEngine, stopEngine, waitFor } from '../support/docker.ts'
import { buildSbtcImages } from '../support/images.ts'
import { release, withEngine } from '../support/setting.ts'
import { health, makeStack } from '../support/stack.ts'

const parts = ['postgres', 'sbtc-bitcoind', 'sbtc-stacks-node', 'sbtc-watch']

export default (t: Test) => withEngine(t, async (root) => {
  buildSbtcImages()
  const stack = await makeStack(root, {
    release,
    answers: {
      STACK_NAME: 'sbtc-reboot', NETWORK: 'mainnet', STACKS_VERSION: release, SNAPSHOT: 'off', SIGNER: 'off', SBTC_SIGNER: 'on', SBTC_PRIVATE_KEY: sbtcTestKey, EMILY_API_KEY: 'an-api-key-of-nobody',
      SBTC_SIGNING_SET: '02b61056bb84aa2ff7d740a31334c68a691e93ed3a229632e1b22e5b47bbb87ec0', SBTC_SIGNATURES_REQUIRED: '1', SBTC__bitcoin__chain_tip_polling_interval: '1',
    },
  })
  const rows = (sql: string) => stack.compose('exec', '-T', '--user', '999', 'postgres', 'psql', '-tA', '-U', 'postgres', '-d', 'signer', '-c', sql).out.trim()
  const healthy = () => parts.every((name) => health(stack.inspect(name)) === 'healthy')
  const up = stack.compose('up', '-d', '--build')
  t.equal(up.status, 0, up.err)
  await waitFor('everything is healthy', 240, healthy)
  const started = stack.inspect('sbtc-signer')!.State.StartedAt
  await stopEngine()
  await startEngine()
  await waitFor('all is healthy again', 240, () => healthy() && stack.inspect('sbtc-signer')!.State.StartedAt > started)
  t.equal(rows('SELECT count(*) FROM public.__sbtc_migrations'), '21')
  await waitFor('the node hands its events to the signer', 60, () => /observed a stacks block/.test(stack.logs('sbtc-signer')))
}, 'alone')
