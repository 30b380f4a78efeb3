/**
 * How long an event takes from the node to the signer through the two sidecars, beside plain HTTP and beside the pair of
 * proxies that guides show. Real nginx on both ends, on the real engine, joined by a routed link whose delay is made in
 * the router. Prints a table in Markdown: medians in milliseconds of BENCH_EVENTS events (60), round trips of BENCH_DELAYS
 * milliseconds (0,40), and ratios within this run.
 * Needs root and what the engine tests need.
 */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { docker } from '../engines/support/docker.ts'
import { buildTestImages, testImages } from '../engines/support/images.ts'
import { release } from '../engines/support/setting.ts'
import { makeSplit, type SplitStack } from '../engines/support/split.ts'
import { bareNode, bareSigner, guideNode, guideSigner } from './tls/guide.ts'
import { testKey } from '../support/command.ts'
import { waitFor } from '../support/wait.ts'

const events = Number(process.env['BENCH_EVENTS'] ?? 60)
const sizes = [['1 KB', 1000], ['100 KB', 100_000], ['2 MB', 2_000_000]] as const
const here = (name: string) => fileURLToPath(new URL(`tls/${name}`, import.meta.url))
const children: ChildProcess[] = []
const extra: string[] = []

function must(args: readonly string[]): string {
  const ran = docker(args)
  if (ran.status !== 0) throw new Error(`docker ${args.join(' ')}: ${ran.err}`)
  return ran.out.trim()
}

const pidOf = (container: string) => must(['inspect', '--format', '{{.State.Pid}}', container])

/** A container that only lends its network to a program of this machine. */
function lend(name: string, ...args: readonly string[]): string {
  extra.push(`bench-${name}`)
  must(['run', '--detach', '--name', `bench-${name}`, ...args, testImages.outsider])
  return pidOf(`bench-${name}`)
}

function within(pid: string, ...command: readonly string[]): readonly string[] {
  return ['nsenter', '-t', pid, '-n', ...command]
}

function start(command: readonly string[]): ChildProcess {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return child
}

function measure(pid: string, host: string, port: number, bytes: number, count: number): number {
  const [program, ...args] = within(pid, process.execPath, here('client.mjs'), host, String(port), String(bytes), String(count))
  const ran = spawnSync(program!, args, { encoding: 'utf8', maxBuffer: 1 << 26 })
  if (ran.status !== 0) throw new Error(`${host}:${port}: ${ran.stderr}`)
  const times = (JSON.parse(ran.stdout) as number[]).sort((a, b) => a - b)
  return times[Math.floor(times.length / 2)]!
}

/** The median of single events, each from a client of its own. */
function single(pid: string, host: string, port: number, before: () => void): number {
  const times = Array.from({ length: 7 }, () => {
    before()
    return measure(pid, host, port, 1000, 1)
  }).sort((a, b) => a - b)
  return times[3]!
}

/** Leaves the sidecars without a kept connection, as a renewed certificate does: the reload closes what is idle. */
function forget(stack: SplitStack): void {
  const sidecar = `${stack.signer.name}-signer-tls-1`
  must(['exec', sidecar, 'nginx', '-c', '/etc/signer-tls/signer-tls.conf', '-s', 'reload'])
  spawnSync('sleep', ['2'])
}

async function main(root: string): Promise<void> {
  await buildTestImages(release)
  const stack = await makeSplit(root, release, { STACK_NAME: 'bench', NETWORK: 'mainnet', STACKS_VERSION: release, SIGNER_PRIVATE_KEY: testKey, SNAPSHOT: 'off', BITCOIN_P2P_PUBLISH: 'off' })
  try {
    for (const [side, sidecar] of [['node', 'node-tls'], ['signer', 'signer-tls']] as const) {
      const up = stack[side].compose('up', '-d', '--build', sidecar)
      if (up.status !== 0) throw new Error(up.err)
    }
    const at = (last: number) => stack.addresses.signer.replace(/\.10$/, `.${last}`)
    const signerPid = lend('signer', '--network', `${stack.signer.name}_signer-link`, '--network-alias', 'stacks-signer')
    must(['network', 'connect', '--ip', at(30), stack.network('signer'), 'bench-signer'])
    start(within(signerPid, process.execPath, here('sink.mjs'), '30000'))
    const nodePid = lend('node', '--network', `${stack.node.name}_node-link`)
    must(['network', 'connect', stack.network('node'), 'bench-node'])
    const guide = guideNode(`${at(20)}:4443`, '/ca.pem').replace('proxy_ssl_verify on;', 'proxy_ssl_verify on; proxy_ssl_name signer-tls;')
    startPair(stack, root, 'guide', 20, { node: guide, signer: guideSigner('/leaf.pem', '/leaf.key') })
    startPair(stack, root, 'bare', 21, { node: bareNode(`${at(21)}:4443`), signer: bareSigner() })
    const resolve = (name: string) => must(['inspect', '--format', `{{(index .NetworkSettings.Networks "${stack.node.name}_node-link").IPAddress}}`, name])
    const ways = { plain: [at(30), 30000], ours: [resolve(`${stack.node.name}-node-tls-1`), 31000], bare: [resolve('bench-bare-node'), 31000], guide: [resolve('bench-guide-node'), 31000] } as const
    for (const [host, port] of Object.values(ways)) {
      await waitFor(`${host}:${port} answers`, () => {
        try {
          return measure(nodePid, host, port, 10, 1)
        } catch (cause) {
          return String(cause)
        }
      }, (seen) => typeof seen === 'number')
    }
    console.log('| round trip | event | plain HTTP | two proxies, no TLS | sidecars | guide | sidecars − plain | guide ÷ sidecars |\n|---|---|---|---|---|---|---|---|')
    const firsts: { readonly delay: number; readonly added: number; readonly plain: number }[] = []
    for (const delay of (process.env['BENCH_DELAYS'] ?? '0,40').split(',').map(Number)) {
      if (delay > 0) slow(stack.router, delay / 2)
      for (const [name, bytes] of sizes) {
        const [plain, bare, ours, guide] = (['plain', 'bare', 'ours', 'guide'] as const).map((way) => {
          measure(nodePid, ways[way][0], ways[way][1], bytes, 3)
          return measure(nodePid, ways[way][0], ways[way][1], bytes, events)
        }) as [number, number, number, number]
        console.log(`| ${delay} ms | ${name} | ${plain.toFixed(1)} ms | ${bare.toFixed(1)} ms | ${ours.toFixed(1)} ms | ${guide.toFixed(1)} ms | ${(ours - plain).toFixed(1)} ms | ${(guide / ours).toFixed(2)} |`)
      }
      const plain = single(nodePid, ways.plain[0], ways.plain[1], () => undefined)
      const first = single(nodePid, ways.ours[0], ways.ours[1], () => forget(stack))
      console.log(`| ${delay} ms | 1 KB, nothing kept | ${plain.toFixed(1)} ms | | ${first.toFixed(1)} ms | | ${(first - plain).toFixed(1)} ms | |`)
      firsts.push({ delay, plain, added: first - plain })
    }
    const [still, slowest] = [firsts[0]!, firsts.at(-1)!]
    if (slowest.delay > still.delay) {
      // Plain HTTP makes two round trips, one for its connection and one for the event: so it tells how long one really is.
      const roundTrip = (slowest.plain - still.plain) / 2
      console.log(`\nA first event adds ${((slowest.added - still.added) / roundTrip).toFixed(2)} round trips of ${roundTrip.toFixed(1)} ms, and ${still.added.toFixed(1)} ms of computing.`)
    }
  } catch (cause) {
    for (const [side, sidecar] of [['node', 'node-tls'], ['signer', 'signer-tls']] as const) console.error(await stack[side].logs(sidecar))
    throw cause
  } finally {
    for (const child of children) child.kill()
    for (const name of extra) docker(['rm', '--force', name])
    for (const side of [stack.node, stack.signer]) side.compose('down', '--volumes', '--timeout', '2')
    stack.remove()
  }
}

/** A pair of proxies on the same link: one joined to the node's network, one to the signer's. */
function startPair(stack: SplitStack, root: string, name: string, last: number, configs: { readonly node: string; readonly signer: string }): void {
  const host = join(stack.directory, 'signer-host')
  for (const [side, network, ip, link, mounts] of [
    ['node', stack.network('node'), stack.addresses.node.replace(/\.10$/, `.${last}`), `${stack.node.name}_node-link`, [`${stack.directory}/certs/ca.pem:/ca.pem:ro`]],
    ['signer', stack.network('signer'), stack.addresses.signer.replace(/\.10$/, `.${last}`), `${stack.signer.name}_signer-link`, [`${host}/certs/signer-tls.pem:/leaf.pem:ro`, `${host}/secrets/signer-tls-key:/leaf.key:ro`]],
  ] as const) {
    const file = join(root, `${name}-${side}.conf`)
    writeFileSync(file, configs[side])
    extra.push(`bench-${name}-${side}`)
    must(['create', '--name', `bench-${name}-${side}`, '--network', network, '--ip', ip, '--volume', `${file}:/nginx.conf:ro`, ...mounts.flatMap((mount) => ['--volume', mount]),
      testImages.sidecar, 'nginx', '-c', '/nginx.conf'])
    must(['network', 'connect', link, `bench-${name}-${side}`])
    must(['start', `bench-${name}-${side}`])
  }
}

/** The router holds each packet for half of a round trip. Throws where the kernel has no netem. */
function slow(router: string, milliseconds: number): void {
  for (const device of ['eth0', 'eth1']) {
    const [program, ...args] = within(pidOf(router), 'tc', 'qdisc', 'replace', 'dev', device, 'root', 'netem', 'delay', `${milliseconds}ms`, 'limit', '10000')
    const { status, stderr } = spawnSync(program!, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`the kernel delays no packets (${stderr.trim()}): BENCH_DELAYS=0 measures without a delay`)
  }
}

const root = mkdtempSync(join(tmpdir(), 'bench-tls-'))
try {
  await main(root)
} finally {
  rmSync(root, { recursive: true, force: true })
}
