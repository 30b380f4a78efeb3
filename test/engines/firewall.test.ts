/**
 * The firewall beside a real engine, seen from a host outside. Engine and host stand in network namespaces of their own,
 * with a link between them: the rules filter nothing else of this machine.
 */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { scanned, scanners, services } from '../docker/firewall-world.ts'
import { testKey } from '../support/command.ts'
import { waitFor } from '../support/wait.ts'
import { program } from './support/docker.ts'
import { doublesImage } from './support/images.ts'
import type { OwnEngine } from './support/own-engine.ts'
import { release, withOwnEngine } from './support/setting.ts'
import { makeStack, type TestStack } from './support/stack.ts'
import { missingSigns } from './support/working.ts'

const [machine, listed, other] = ['198.18.0.1', '198.18.0.2', '198.18.0.3']
const [machine6, other6] = ['fd98::1', 'fd98::3']
const [ssh, peers, mistake] = [22, 20444, 9955]
/** Says whether there is a connection within ten seconds. */
const reaching = `
const [host, port] = process.argv.slice(1)
const socket = require('node:net').connect({ host, port: Number(port), timeout: 10_000 })
for (const event of ['connect', 'timeout', 'error']) socket.on(event, () => { console.log(event); process.exit() })`

await withOwnEngine(t, async (root, engine) => {
  const missing = ['nft', 'ip', 'nmap', 'nsenter', 'unshare', 'flock'].filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
  if (missing.length > 0) {
    if (process.env['REQUIRE_ENGINES'] === '1') t.fail(`${missing.join(', ')} not installed`)
    else t.pass('skipped', { skip: `${missing.join(', ')} not installed` })
    return
  }
  const children: ChildProcess[] = []
  /** Starts what runs until the test is over, and waits for its first word. */
  const start = async (command: string, ...args: readonly string[]) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    children.push(child)
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => { throw new Error(`${args.join(' ')} has ended`) })])
    return String(child.pid)
  }
  try {
    const outside = await start('unshare', '--net', 'sh', '-c', 'echo ready; exec sleep infinity')
    link(engine, outside)
    const serve = (pid: string, ...words: readonly string[]) => start('nsenter', '--target', pid, '--net', ...services, ...words)
    await serve(String(engine.pid()), 'host', String(ssh))
    await serve(outside, 'outside', '443')
    const stack = await makeStack(root, {
      release,
      answers: {
        STACK_NAME: 'walled', NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off', FIREWALL: 'on', SSH_FROM: listed,
      },
      // What the README says must not be done: the node's RPC, open to the world.
      override: { 'stacks-node': { image: doublesImage(release), ports: [`${mistake}:20443`] } },
    })
    const built = await engine.build(stack)
    t.equal(built.status, 0, built.err)
    const up = stack.compose('up', '-d')
    t.equal(up.status, 0, up.err)
    t.strictSame(await missingSigns(stack), [])
    await checks(t, stack, engine, outside)
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
})

/** Joins the engine's network namespace and that of the process `outside`. */
function link(engine: OwnEngine, outside: string): void {
  const machineSide = (line: string) => engine.inside('ip', ...line.split(' '))
  const outsideSide = (line: string) => program('nsenter', ['--target', outside, '--net', 'ip', ...line.split(' ')])
  for (const [where, line] of [
    [machineSide, `link add fw-machine type veth peer name fw-outside netns ${outside}`], [machineSide, `addr add ${machine}/24 dev fw-machine`],
    [machineSide, `addr add ${machine6}/64 dev fw-machine nodad`], [machineSide, 'link set fw-machine up'],
    ...[listed, other].map((address) => [outsideSide, `addr add ${address}/24 dev fw-outside`] as const),
    [outsideSide, `addr add ${other6}/64 dev fw-outside nodad`], [outsideSide, 'link set lo up'], [outsideSide, 'link set fw-outside up'], [outsideSide, `route add default via ${machine}`],
  ] as const) {
    const { status, err } = where(line)
    if (status !== 0) throw new Error(`ip ${line}: ${err}`)
  }
}

async function checks(t: Test, stack: TestStack, engine: OwnEngine, outside: string): Promise<void> {
  const table = /^table inet (\S+) \{$/m.exec(readFileSync(join(stack.directory, 'firewall/firewall.nft'), 'utf8'))![1]!
  const firewall = (word: string, seconds = 600) => engine.inside('env', '-C', stack.directory, `FIREWALL_STATE=${stack.directory}/../state`, 'FIREWALL_SYSTEMD=/nonexistent',
    `FIREWALL_SECONDS=${seconds}`, 'make', '--no-print-directory', `firewall-${word}`)
  const scan = (address: string, from: string) => {
    return scanned(scanners('fw-outside', from, address).map((scanner) => {
      const { status, out, err } = program('nsenter', ['--target', outside, '--net', ...scanner])
      if (status !== 0) throw new Error(err)
      return out
    }))
  }
  const reaches = (pid: string, address: string, port: number) => {
    const { status, out, err } = program('nsenter', ['--target', pid, '--net', process.execPath, '-e', reaching, address, String(port)])
    if (status !== 0) throw new Error(err)
    return out.trim() === 'connect'
  }
  const pidOf = async (service: string) => String((await stack.inspect(service))!.State.Pid)

  await t.test('before', async (t) => {
    const open = scan(machine, other)
    for (const port of [ssh, peers, mistake]) t.ok(open.includes(port), `${port} is open`)
  })

  await t.test('nobody confirms', async (t) => {
    const applied = firewall('apply', 30)
    t.equal(applied.status, 0, applied.err)
    t.notOk(reaches(outside, machine, mistake))
    await waitFor('the roll-back', () => reaches(outside, machine, mistake))
    t.not(firewall('check').status, 0)
  })

  await t.test('confirmed', async (t) => {
    for (const word of ['apply', 'confirm', 'check']) {
      const ran = firewall(word)
      t.equal(ran.status, 0, ran.out + ran.err)
    }
    t.strictSame(scan(machine, other), [peers, 'echo'])
    t.strictSame(scan(machine, listed), [ssh, peers, 'echo'])
    t.strictSame(scan(machine6, other6), [peers, 'echo'], 'over IPv6, where Docker has a proxy of its own')
    const address = (await stack.inspect('stacks-node'))!.NetworkSettings.Networks[`${stack.name}_stacks-p2p`]!.IPAddress
    t.notOk(reaches(outside, address, 20443), 'past the published port')
  })

  await t.test('the stack works on', async (t) => {
    t.ok(reaches(await pidOf('stacks-node'), listed, 443), 'the node has its way out')
    t.notOk(reaches(await pidOf('stacks-signer'), listed, 443), 'the signer has none')
    const said = await stack.logs('stacks-signer')
    await waitFor('the signer hears of more', () => stack.logs('stacks-signer'), (more) => more.length > said.length)
    const again = stack.compose('down')
    t.equal(again.status, 0, again.err)
    t.equal(stack.compose('up', '-d').status, 0)
    t.strictSame(await missingSigns(stack), [], 'networks that are made anew have the names that the rules know')
    t.strictSame(scan(machine, other), [peers, 'echo'])
    t.equal(firewall('check').status, 0)
  })

  await t.test('removed', async (t) => {
    t.equal(firewall('remove').status, 0)
    t.ok(reaches(outside, machine, mistake))
    t.not(engine.inside('nft', 'list', 'table', 'inet', table).status, 0)
  })
}
