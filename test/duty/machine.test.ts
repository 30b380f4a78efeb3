/**
 * What a stack takes of its machine and shows of itself: limits as the engine has them, a service that runs out of memory and leaves the
 * signer alone, the RPC on loopback and nowhere else, and an observer that hangs while the signer signs.
 */

import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { paths, ports } from '../../generator/catalogue/container.ts'
import { testKey } from '../support/command.ts'
import { ownPort } from '../support/own.ts'
import { waitFor } from '../support/wait.ts'
import { testImages } from '../engines/support/images.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeStack } from '../engines/support/stack.ts'
import { missingSigns } from '../engines/support/working.ts'

interface Limited { readonly mem_limit: string; readonly mem_reservation: string; readonly cpu_shares?: number }

/** A container of the operator's on the network of observers: it says what it is asked, and answers if `answer` is one. */
const observer = (answer: string) => ({
  image: testImages.nodejs, networks: ['event-observers'], init: true,
  command: ['node', '-e', `require('node:http').createServer((q, r) => { let size = 0; q.on('data', (part) => { size += part.length }).on('end', () => { console.log(q.method, q.url, size); ${answer} }) }).listen(3700)`],
})
/** Exit code 0 where a TCP connection is made. */
const connect = (host: string, port: number) => ['node', '-e', `require('node:net').connect(${port}, '${host}').setTimeout(5000, () => process.exit(3)).on('connect', () => process.exit(0)).on('error', () => process.exit(2))`]

await withEngine(t, async (root) => {
  const rpc = await ownPort()
  const stack = await makeStack(root, {
    release,
    answers: {
      STACK_NAME: 'machine-share', NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: String(await ownPort()),
      NODE_RPC_PUBLISH: `127.0.0.1:${rpc}`, EVENT_OBSERVERS: '\'silent:3700 timeout_ms=600000, taking:3700 burn_blocks\'',
    },
    override: { silent: observer(''), taking: observer('r.end()') },
  })
  const up = stack.compose('up', '-d', '--build')
  t.equal(up.status, 0, up.err)

  await t.test('an observer that hangs: the signer does its work, and the other observer hears', async (t) => {
    t.match(await stack.says('silent', / POST \/new_/), ' POST /new_')
    t.strictSame(await missingSigns(stack), [])
    t.match(await stack.says('taking', / POST \/new_burn_block [1-9]/), 'POST /new_burn_block')
    t.equal((await stack.logs('silent')).match(/ POST \//g)?.length, 1, 'it holds its first event still')
    t.equal(await stack.health('event-relay'), 'healthy')
  })

  await t.test('the engine has the limits of the Compose file', async (t) => {
    const { services } = parse(readFileSync(join(stack.directory, 'docker-compose.yml'), 'utf8')) as { readonly services: Readonly<Record<string, Limited>> }
    for (const [name, { mem_limit: limit, mem_reservation: reservation, cpu_shares: shares = 0 }] of Object.entries(services)) {
      const { Memory, MemoryReservation, CpuShares } = (await stack.inspect(name))!.HostConfig
      t.strictSame([Memory, MemoryReservation, CpuShares], [Number.parseInt(limit) * 1024 * 1024, Number.parseInt(reservation) * 1024 * 1024, shares], name)
    }
  })

  await t.test('the RPC from loopback, and from nowhere else', async (t) => {
    t.equal((await fetch(`http://127.0.0.1:${rpc}/v2/info`)).status, 200)
    t.match((await stack.inspect('stacks-node'))!.HostConfig.PortBindings, { [`${ports.nodeRpc.number}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(rpc) }] })
    const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []).filter(({ internal, family }) => !internal && family === 'IPv4')
    t.ok(others.length > 0)
    for (const { address } of others) await t.rejects(fetch(`http://${address}:${rpc}/v2/info`), address)
    const node = (await stack.inspect('stacks-node'))!.NetworkSettings.Networks
    for (const [host, port] of [['stacks-node', ports.nodeRpc.number], ...Object.values(node).map(({ IPAddress }) => [IPAddress, ports.nodeRpc.number] as const), ...others.map(({ address }) => [address, rpc] as const)] as const) {
      t.not((await stack.exec('taking', ...connect(host, port))).status, 0, `a container on the network of observers does not reach ${host}:${port}`)
    }
    t.equal((await stack.exec('taking', ...connect('event-relay', ports.eventRelay.number))).status, 0, 'but it reaches the relay: the question itself is sound')
  })

  await t.test('a service that runs out of memory leaves the signer alone', async (t) => {
    const before = await Promise.all(['stacks-signer', 'stacks-node'].map(async (name) => (await stack.inspect(name))!))
    // It grows within the limits of that container, until the kernel ends it.
    const grown = await stack.exec('event-relay', 'node', '--max-old-space-size=100000', '-e', 'const all = []; for (;;) all.push(Buffer.alloc(1 << 24, 1))')
    t.not(grown.status, 0)
    const events = await waitFor('the kernel has counted it', () => stack.exec('event-relay', 'cat', '/sys/fs/cgroup/memory.events'), ({ status, out }) => status !== 0 || /^oom_kill [1-9]/m.test(out))
    t.comment(events.out)
    for (const { Id, RestartCount, State } of before) {
      const service = Id === before[0]!.Id ? 'stacks-signer' : 'stacks-node'
      t.match(await stack.inspect(service), { Id, RestartCount, State: { StartedAt: State.StartedAt, Status: 'running', OOMKilled: false } }, service)
    }
    await stack.becomesHealthy('event-relay', 'stacks-signer', 'stacks-node')
  })

  await t.test('the config of the node knows nothing of the published port', async (t) => {
    t.match((await stack.exec('stacks-node', 'grep', 'rpc_bind', `${paths.nodeConfig}/node-config.toml`)).out, `rpc_bind = "0.0.0.0:${ports.nodeRpc.number}"`)
  })
})
