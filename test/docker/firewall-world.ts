/**
 * A host, its containers and the world outside, each in a network namespace of its own. The host forwards and publishes
 * ports as Docker does, by rules of its own table; nothing but the firewall keeps anything from anything.
 */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { planText } from '../support/pipeline.ts'
import { start, until, type Running } from './tools.ts'

export const outside = { listed: '10.99.1.2', other: '10.99.1.3', listed6: 'fd99:1::2', other6: 'fd99:1::3' } as const
export const host = { v4: '10.99.1.1', v6: 'fd99:1::1' } as const
/** A container on a network with a way out; its ports 20444 and 9999 are published under the same numbers. */
export const container = '172.31.9.2'
/** A container on a network of the stack that the rules name. */
export const inner = '172.31.8.2'

export interface Ran { readonly status: number | null; readonly out: string }
type Where = 'host' | 'outside' | 'container' | 'inner'

export interface World {
  /** Runs a command in a namespace; both streams in one text. */
  run(where: Where, argv: readonly string[], env?: Readonly<Record<string, string>>): Ran
  /** Starts a command there, which ends with the test. */
  start(t: Test, where: Where, argv: readonly string[], env?: Readonly<Record<string, string>>): Running
  /** What answers at a TCP port: the name it says, or 'nothing'. */
  ask(where: Where, address: string, port: number, from?: string): string
  /** Open TCP ports of all 65,535, seen from outside, and 'echo' if it answers a ping. */
  scan(address: string, from: string): readonly (number | 'echo')[]
  /** Writes the firewall files of a stack, and returns what runs its script. */
  stack(t: Test, answers: string, home?: string): Walled
}

export interface Walled {
  readonly directory: string
  readonly files: ReturnType<typeof planText>['files']
  /** `firewall.sh WORD`, in the host's namespace, on trial for an hour, which no test waits for. */
  firewall(word: string, env?: Readonly<Record<string, string>>): Ran
  /** Lets the time of every trial be over now, and waits until what rolls back has ended. */
  timeUp(): Promise<void>
}

/** Starts what says its name at ports; the words NAME PORT... follow. */
export const services: readonly string[] = [process.execPath, fileURLToPath(new URL('firewall-services.mjs', import.meta.url))]
const asking = `
const [host, port, localAddress] = process.argv.slice(1)
const socket = require('node:net').connect({ host, port: Number(port), ...(localAddress && { localAddress }) })
const end = (said) => { console.log(said.trim()); process.exit() }
const late = setTimeout(end, 2000, 'nothing')
socket.on('connect', () => { clearTimeout(late) })
socket.on('error', () => { end('nothing') })
socket.on('data', (said) => { end(String(said)) })`

/** What lists the open TCP ports of all 65,535 of an address, and says 'up' if it answers a ping; `from` is an address of `device`. */
export function scanners(device: string, from: string, address: string): readonly (readonly string[])[] {
  const nmap = ['nmap', ...(address.includes(':') ? ['-6'] : []), '-n', '-e', device, '-S', from, '-oG', '-']
  return [[...nmap, '-Pn', '-sS', '-p-', '--min-rate', '8000', '--max-retries', '3', address], [...nmap, '-sn', '-PE', '--disable-arp-ping', address]]
}

/** The open ports in what the scanners say, and 'echo' for a host that answers a ping. */
export function scanned([ports, ping]: readonly string[]): readonly (number | 'echo')[] {
  const open = [...ports!.matchAll(/\b(\d+)\/open\/tcp/g)].map(([, port]) => Number(port)).sort((a, b) => a - b)
  return [...open, ...(ping!.includes('Status: Up') ? ['echo' as const] : [])]
}

/** What `/proc/PID/PATH` says; nothing of a process that has ended. */
function proc(pid: string, path: string): string {
  try {
    return readFileSync(`/proc/${pid}/${path}`, 'utf8')
  } catch {
    return ''
  }
}

const processesWith = (word: string) => readdirSync('/proc').filter((name) => /^\d+$/.test(name) && proc(name, 'cmdline').includes(word))
const childrenOf = (pid: string) => proc(pid, `task/${pid}/children`).split(' ').filter(Boolean)

function end(pid: string): void {
  try {
    process.kill(Number(pid))
  } catch { /* it has ended by itself */ }
}

/** `bridge` is the name of the bridge on which the inner container stands. */
export async function makeWorld(t: Test, bridge: string): Promise<World> {
  const name = (where: Where) => `fw${process.pid}${where}`
  const children: ChildProcess[] = []
  const must = (...argv: readonly string[]) => {
    const { status, stderr } = spawnSync(argv[0]!, argv.slice(1), { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`)
  }
  const ip = (where: Where, text: string) => must('ip', '-n', name(where), ...text.split(' '))
  t.teardown(() => {
    for (const child of children) child.kill('SIGKILL')
    for (const where of ['host', 'outside', 'container', 'inner'] as const) spawnSync('ip', ['netns', 'del', name(where)])
  })
  for (const where of ['host', 'outside', 'container', 'inner'] as const) {
    must('ip', 'netns', 'add', name(where))
    ip(where, 'link set lo up')
  }
  must('ip', 'link', 'add', 'eth0', 'netns', name('host'), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name('outside'))
  for (const address of [`${host.v4}/24`, `${host.v6}/64`]) ip('host', `addr add ${address} dev eth0${address.includes(':') ? ' nodad' : ''}`)
  for (const address of Object.values(outside)) ip('outside', `addr add ${address}/${address.includes(':') ? '64' : '24'} dev eth0${address.includes(':') ? ' nodad' : ''}`)
  for (const where of ['host', 'outside'] as const) ip(where, 'link set eth0 up')
  for (const [where, link, network] of [['container', 'br-0123456789ab', '172.31.9'], ['inner', bridge, '172.31.8']] as const) {
    ip('host', `link add ${link} type bridge`)
    ip('host', `addr add ${network}.1/24 dev ${link}`)
    must('ip', 'link', 'add', `v${where}`, 'netns', name('host'), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name(where))
    ip('host', `link set v${where} master ${link}`)
    for (const one of [link, `v${where}`]) ip('host', `link set ${one} up`)
    ip(where, `addr add ${network}.2/24 dev eth0`)
    ip(where, 'link set eth0 up')
    ip(where, `route add default via ${network}.1`)
    ip('outside', `route add ${network}.0/24 via ${host.v4}`)
  }
  ip('host', `route add default via ${outside.listed}`)
  must('ip', 'netns', 'exec', name('host'), 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
  must('ip', 'netns', 'exec', name('host'), 'nft', `table ip nat {
    chain prerouting { type nat hook prerouting priority dstnat;
      fib daddr type local tcp dport { 20444, 9999 } dnat to ${container}
      fib daddr type local tcp dport 3443 dnat to ${inner}:3443
    }
  }`)
  for (const [where, ports] of [['host', ['22', '80', '9100', '20444']], ['container', ['20444', '9999']], ['inner', ['30000', '3443']], ['outside', ['53', '443', '2443']]] as const) {
    const child = spawn('ip', ['netns', 'exec', name(where), ...services, where, ...ports], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    await new Promise((resolve) => { child.stdout.once('data', resolve) })
  }
  const inside = (where: Where, argv: readonly string[]) => ['netns', 'exec', name(where), ...argv]
  const run: World['run'] = (where, argv, env = {}) => {
    const { status, stdout, stderr } = spawnSync('ip', inside(where, argv), { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', ...env } })
    return { status, out: stdout + stderr }
  }
  return {
    run,
    start: (test, where, argv, env = {}) => start(test, 'ip', inside(where, argv), env),
    ask: (where, address, port, from = '') => run(where, [process.execPath, '-e', asking, address, String(port), from]).out.trim(),
    scan: (address, from) => {
      return scanned(scanners('eth0', from, address).map((scanner) => {
        const { status, out } = run('outside', scanner)
        if (status !== 0) throw new Error(out)
        return out
      }))
    },
    stack: (test, answers, home = '') => {
      const directory = mkdtempSync(join(tmpdir(), 'firewall-'))
      const state = join(directory, 'state')
      test.teardown(() => {
        for (const pid of processesWith(`${state}/`)) for (const one of [pid, ...childrenOf(pid)]) end(one)
        rmSync(directory, { recursive: true, force: true })
      })
      const { files } = planText(answers)
      for (const [path, { content }] of files) {
        if (!path.startsWith(home)) continue
        const target = join(directory, path.slice(home.length))
        mkdirSync(dirname(target), { recursive: true })
        writeFileSync(target, content)
      }
      return {
        directory,
        files,
        firewall: (word, env = {}) => run('host', ['sh', join(directory, 'docker/host/firewall.sh'), word],
          { FIREWALL_STATE: state, FIREWALL_SYSTEMD: '/nonexistent', FIREWALL_SECONDS: '3600', ...env }),
        timeUp: () => until(() => {
          const undoing = processesWith(`${state}/`)
          for (const pid of undoing) for (const child of childrenOf(pid)) if (proc(child, 'cmdline').startsWith('sleep')) end(child)
          return undoing.length === 0
        }, () => processesWith(`${state}/`).join(' ')),
      }
    },
  }
}
