/** An sBTC signer's stack that is up: a real PostgreSQL and a real bitcoind, and a stand-in that reads its configuration strictly. */

import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { sbtcTestKey, testKey } from '../support/command.ts'
import { docker, program, startEngine, stopEngine, waitFor } from './support/docker.ts'
import { buildSbtcImages } from './support/images.ts'
import { release, withEngine } from './support/setting.ts'
import { health, makeStack, type TestStack } from './support/stack.ts'

t.setTimeout(900_000)

const answers = {
  NETWORK: 'mainnet', STACKS_VERSION: release, SNAPSHOT: 'off', SBTC_SIGNER: 'on', SBTC_PRIVATE_KEY: sbtcTestKey, EMILY_API_KEY: 'an-api-key-of-nobody',
  SBTC_SIGNING_SET: '02b61056bb84aa2ff7d740a31334c68a691e93ed3a229632e1b22e5b47bbb87ec0', SBTC_SIGNATURES_REQUIRED: '1', SBTC_QUIC: 'on', SBTC__bitcoin__chain_tip_polling_interval: '1',
}
const parts = ['postgres', 'sbtc-bitcoind', 'sbtc-stacks-node', 'sbtc-watch']
const healthy = (stack: TestStack, names = parts) => names.every((name) => health(stack.inspect(name)) === 'healthy')
const inside = (stack: TestStack, service: string, ...words: readonly string[]) => stack.compose('exec', '-T', service, ...words)
const rows = (stack: TestStack, sql: string) => stack.compose('exec', '-T', '--user', '999', 'postgres', 'psql', '-tA', '-U', 'postgres', '-d', 'signer', '-c', sql).out.trim()

await withEngine(t, async (root) => {
  buildSbtcImages()
  const stack = await makeStack(root, { release, answers: { ...answers, STACK_NAME: 'sbtc-alone', SIGNER: 'off' } })
  const up = stack.compose('up', '-d', '--build')
  t.equal(up.status, 0, up.err)
  await waitFor('everything is healthy', 240, () => healthy(stack)).catch(() => {
    t.fail(['init', ...parts, 'sbtc-signer', 'blocklist-client'].map((name) => `${name} ${health(stack.inspect(name))}\n${stack.logs(name).split('\n').slice(-15).join('\n')}`).join('\n'))
  })

  await t.test('they do what they should with each other', async (t) => {
    t.equal(rows(stack, 'SELECT count(*) FROM public.__sbtc_migrations'), '21')
    await waitFor('a block of Bitcoin is in the database', 60, () => Number(rows(stack, 'SELECT count(*) FROM sbtc_signer.bitcoin_blocks')) > 0)
    await waitFor('the node hands its events to the signer', 60, () => /observed a stacks block/.test(stack.logs('sbtc-signer')))
    t.match(stack.logs('sbtc-stacks-node'), /Registering event observer at: sbtc-signer:8801/)
    const info = program('make', ['sbtc-info'], { cwd: stack.directory })
    t.equal(info.status, 0, info.err)
    t.match(info.out, /"build_info"/)
    // The stand-in of the node knows no contract.
    const set = program('make', ['sbtc-set'], { cwd: stack.directory })
    t.equal(set.status, 2)
    t.match(set.out + set.err, /could not tell/)
    t.match(program('make', ['sbtc-bitcoin-cli'], { cwd: stack.directory }).out, /"chain": "main"/)
    for (const target of ['check-config', 'check-secrets', 'version', 'ps', 'status']) {
      const ran = program('make', [target], { cwd: stack.directory })
      t.equal(ran.status, 0, `make ${target}: ${ran.out}${ran.err}`)
    }
  })

  await t.test('only its own port is open to the world, and only what is named reaches anything', async (t) => {
    const published = Object.fromEntries(['sbtc-signer', 'blocklist-client', ...parts].map((name) => [name, Object.keys(stack.inspect(name)!.HostConfig.PortBindings ?? {}).sort()]))
    t.strictSame(published, { 'sbtc-signer': ['4122/tcp', '4122/udp'], 'blocklist-client': [], postgres: [], 'sbtc-bitcoind': [], 'sbtc-stacks-node': [], 'sbtc-watch': [] })
    const reaches = (from: string, host: string, port: number) => inside(stack, from, 'bash', '-c', `timeout 5 bash -c 'exec 3<>/dev/tcp/${host}/${port}'`).status === 0
    t.ok(reaches('sbtc-signer', 'postgres', 5432))
    t.notOk(reaches('blocklist-client', 'postgres', 5432))
    t.notOk(reaches('sbtc-stacks-node', 'postgres', 5432))
    t.notOk(reaches('blocklist-client', 'sbtc-stacks-node', 20443))
  })

  await t.test('no secret in what the engine shows, nor in a log', async (t) => {
    const secrets = ['sbtc-signer-private-key', 'emily-api-key', 'postgres-password', 'sbtc-bitcoin-rpc-password'].map((name) => readFileSync(join(stack.directory, 'secrets', name), 'utf8').trim())
    for (const name of ['init', 'sbtc-signer', 'blocklist-client', ...parts]) {
      const shown = JSON.stringify(stack.inspect(name)) + stack.logs(name) + docker(['top', `${stack.name}-${name}-1`, '-eo', 'args']).out
      for (const secret of secrets) t.notOk(shown.includes(secret), name)
    }
  })

  await t.test('a signer that has ended cleanly by a fault is started again, and the node has lost nothing', async (t) => {
    const before = stack.inspect('sbtc-signer')!.RestartCount
    t.equal(stack.compose('kill', '--signal', 'SIGKILL', 'postgres').status, 0)
    await waitFor('the signer has ended', 60, () => /the database failed/.test(stack.logs('sbtc-signer')))
    stack.compose('start', 'postgres')
    await waitFor('all is healthy again', 180, () => healthy(stack) && stack.inspect('sbtc-signer')!.RestartCount > before)
    t.equal(rows(stack, 'SELECT count(*) FROM public.__sbtc_migrations'), '21', 'the database is whole')
  })

  await t.test('bitcoind keeps its address when it is made anew', async (t) => {
    const address = /rpcbind=(198\.\S+)/.exec(readFileSync(join(stack.directory, 'config/sbtc-bitcoin.conf'), 'utf8'))![1]!
    t.equal(stack.compose('up', '-d', '--force-recreate', '--no-deps', 'sbtc-bitcoind').status, 0)
    await waitFor('bitcoind is healthy', 120, () => healthy(stack, ['sbtc-bitcoind']))
    t.match(docker(['inspect', '--format', '{{json .NetworkSettings.Networks}}', `${stack.name}-sbtc-bitcoind-1`]).out, `"${address}"`)
  })

  await t.test('a reboot', async (t) => {
    await stopEngine()
    await startEngine()
    await waitFor('all is healthy again', 240, () => healthy(stack))
    t.equal(rows(stack, 'SELECT count(*) FROM public.__sbtc_migrations'), '21')
  })

  await t.test('stop lets each program end by itself', async (t) => {
    const stopped = stack.compose('stop')
    t.equal(stopped.status, 0, stopped.err)
    t.equal(stack.inspect('postgres')?.State.ExitCode, 0)
    t.match(stack.logs('postgres'), /fast shutdown request[^]*database system is shut down/)
    t.equal(stack.inspect('sbtc-bitcoind')?.State.ExitCode, 0)
    stack.compose('down', '--volumes')
    rmSync(stack.directory, { recursive: true })
  })

  await t.test('beside a Stacks signer, on the same nodes', async (t) => {
    const shared = await makeStack(root, { release, answers: { ...answers, STACK_NAME: 'sbtc-shared', SIGNER_PRIVATE_KEY: testKey, SBTC_SHARED_NODES: 'yes' } })
    const ran = shared.compose('up', '-d', '--build')
    t.equal(ran.status, 0, ran.err)
    await waitFor('everything is healthy', 240, () => healthy(shared, ['postgres', 'bitcoind', 'stacks-signer', 'stacks-node', 'sbtc-watch']))
    for (const observer of ['stacks-signer:30000', 'sbtc-signer:8801']) t.match(shared.logs('stacks-node'), `Registering event observer at: ${observer}`)
    await waitFor('both take events', 60, () => /observed a stacks block/.test(shared.logs('sbtc-signer')) && /Received a new burn block event/.test(shared.logs('stacks-signer')))
    shared.compose('down', '--volumes')
  })
})
