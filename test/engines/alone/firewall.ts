/**
 * The firewall beside a real engine, seen from a host outside: a network namespace on a link of its own.
 *
 * The engine runs on this very machine, and so the rules filter this machine's own traffic. All addresses but those of the
 * link are therefore let in, and the table is removed whatever happens.
 */

import { spawn, spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { testKey } from '../../support/command.ts'
import { docker, program, waitFor } from '../support/docker.ts'
import { doublesImage } from '../support/images.ts'
import { release, withEngine } from '../support/setting.ts'
import { makeStack, type TestStack } from '../support/stack.ts'
import { missingSigns } from '../support/working.ts'

const name = 'walled'
const table = `stacks_signer_${name}`
const space = 'stack-outside'
const [machine, listed, other] = ['198.18.0.1', '198.18.0.2', '198.18.0.3']
const [machine6, other6] = ['fd98::1', 'fd98::3']
const [ssh, peers, mistake] = [20022, 20955, 9955]
const script = (file: string) => fileURLToPath(new URL(`../../docker/${file}`, import.meta.url))

/** Every IPv4 address but those of 198.18.0.0/15, as 15 networks: each differs from it in one more bit. */
const elsewhere = Array.from({ length: 15 }, (_, bit) => {
  const address = ((198 << 24 | 18 << 16) >>> (31 - bit) ^ 1) << (31 - bit) >>> 0
  return `${address >>> 24}.${address >>> 16 & 255}.0.0/${bit + 1}`
})
const ownBusiness = [...elsewhere, '2000::/3', 'fe80::/10'].flatMap((from) => ['tcp', 'udp'].map((protocol) => `1-65535/${protocol}@${from}`)).join(',')

export default (t: Test) => withEngine(t, async (root) => {
  const missing = ['nft', 'ip', 'nsenter', 'unshare', 'flock'].filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
  if (missing.length > 0) {
    if (process.env['REQUIRE_ENGINES'] === '1') t.fail(`${missing.join(', ')} not installed`)
    else t.pass('skipped', { skip: `${missing.join(', ')} not installed` })
    return
  }
  const children = [] as ReturnType<typeof spawn>[]
  try {
    outsideHost()
    const service = (where: readonly string[], ...words: readonly string[]) => {
      const child = spawn(where[0] ?? 'python3', [...where.slice(1), ...(where.length > 0 ? ['python3'] : []), script('firewall-services.py'), ...words], { stdio: 'ignore' })
      children.push(child)
    }
    service([], 'host', String(ssh))
    service(['ip', 'netns', 'exec', space], 'outside', '443')
    const stack = await makeStack(root, {
      release,
      answers: {
        STACK_NAME: name, NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off',
        NODE_P2P_PORT: String(peers), FIREWALL: 'on', SSH_PORT: String(ssh), SSH_FROM: [listed, ...elsewhere].join(','), FIREWALL_OPEN: ownBusiness,
      },
      // What the README says must not be done: the node's RPC, open to the world.
      override: { 'stacks-node': { image: doublesImage(release), ports: [`${mistake}:20443`] } },
    })
    const up = stack.compose('up', '-d', '--build')
    t.equal(up.status, 0, up.err)
    t.strictSame(await missingSigns(stack, 180), [])
    await checks(t, stack)
  } finally {
    for (const child of children) child.kill('SIGKILL')
    program('nft', ['delete', 'table', 'inet', table])
    program('ip', ['netns', 'del', space])
    program('ip', ['link', 'del', 'fw-machine'])
  }
}, 'alone')

function outsideHost(): void {
  for (const line of [
    `netns add ${space}`, `link add fw-machine type veth peer name fw-outside netns ${space}`, `addr add ${machine}/24 dev fw-machine`,
    `addr add ${machine6}/64 dev fw-machine nodad`, 'link set fw-machine up', ...[listed, other].map((address) => `-n ${space} addr add ${address}/24 dev fw-outside`),
    `-n ${space} addr add ${other6}/64 dev fw-outside nodad`, `-n ${space} link set fw-outside up`, `-n ${space} route add default via ${machine}`,
  ]) {
    const { status, err } = program('ip', line.split(' '))
    if (status !== 0) throw new Error(`ip ${line}: ${err}`)
  }
}

async function checks(t: Test, stack: TestStack): Promise<void> {
  // Whatever sshd this machine has listens elsewhere, which apply would rightly refuse.
  const programs = t.testdir({ ss: '#!/bin/sh\n' })
  chmodSync(join(programs, 'ss'), 0o755)
  const environment = [`FIREWALL_STATE=${stack.directory}/../state`, 'FIREWALL_SYSTEMD=/nonexistent', `PATH=${programs}:${process.env['PATH']}`]
  const firewall = (word: string, seconds = 60) => program('env', [...environment, `FIREWALL_SECONDS=${seconds}`, 'make', '--no-print-directory', `firewall-${word}`], { cwd: stack.directory })
  const scan = (address: string, from: string) => {
    const { status, out, err } = program('ip', ['netns', 'exec', space, 'python3', script('firewall-scan.py'), from, address])
    if (status !== 0) throw new Error(err)
    return out.trim().split('\n')
  }
  const reaches = (into: readonly string[], address: string, port: number) => program('nsenter', [...into, 'python3', '-c',
    'import socket,sys\nsocket.create_connection((sys.argv[1],int(sys.argv[2])),timeout=3)', address, String(port)]).status === 0
  const inside = (container: string) => ['-t', docker(['inspect', '--format', '{{.State.Pid}}', `${name}-${container}-1`]).out.trim(), '-n']
  const outside = [`--net=/run/netns/${space}`]

  await t.test('before', async (t) => {
    const open = scan(machine, other)
    for (const port of [ssh, peers, mistake]) t.ok(open.includes(String(port)), `${port} is open`)
  })

  await t.test('nobody confirms', async (t) => {
    const applied = firewall('apply', 10)
    t.equal(applied.status, 0, applied.err)
    t.notOk(reaches(outside, machine, mistake))
    await waitFor('the roll-back', 60, () => reaches(outside, machine, mistake))
    t.not(firewall('check').status, 0)
  })

  await t.test('confirmed', async (t) => {
    for (const word of ['apply', 'confirm', 'check']) {
      const ran = firewall(word)
      t.equal(ran.status, 0, ran.out + ran.err)
    }
    t.strictSame(scan(machine, other), [String(peers), 'echo'])
    t.strictSame(scan(machine, listed), [String(ssh), String(peers), 'echo'].sort())
    t.strictSame(scan(machine6, other6), [String(peers), 'echo'], 'over IPv6, where Docker has a proxy of its own')
    const address = docker(['inspect', '--format', `{{(index .NetworkSettings.Networks "${name}_stacks-p2p").IPAddress}}`, `${name}-stacks-node-1`]).out.trim()
    t.notOk(reaches(outside, address, 20443), 'past the published port')
  })

  await t.test('the stack works on', async (t) => {
    t.ok(reaches(inside('stacks-node'), listed, 443), 'the node has its way out')
    t.notOk(reaches(inside('stacks-signer'), listed, 443), 'the signer has none')
    const seen = stack.logs('stacks-signer').length
    await waitFor('the signer hears of more', 120, () => stack.logs('stacks-signer').length > seen)
    const again = stack.compose('down')
    t.equal(again.status, 0, again.err)
    t.equal(stack.compose('up', '-d').status, 0)
    t.strictSame(await missingSigns(stack, 180), [], 'networks that are made anew have the names that the rules know')
    t.strictSame(scan(machine, other), [String(peers), 'echo'])
    t.equal(firewall('check').status, 0)
  })

  await t.test('removed', async (t) => {
    t.equal(firewall('remove').status, 0)
    t.ok(reaches(outside, machine, mistake))
    t.not(program('nft', ['list', 'table', 'inet', table]).status, 0)
  })
}
