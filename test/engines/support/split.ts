/**
 * A split stack on two hosts that share nothing but a routed link: each host's sidecar stands on a network of its own, and
 * one container routes between the two. The rest of both stacks is as generated.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { command } from '../../support/command.ts'
import { docker } from './docker.ts'
import { doublesImage, testImages } from './images.ts'
import { handles, type TestStack } from './stack.ts'

export interface SplitStack {
  readonly directory: string
  readonly node: TestStack
  readonly signer: TestStack
  /** Takes the link down or up again. */
  readonly link: (state: 'up' | 'down') => void
  /** Runs a command on a third host of the link, beside this side's host. */
  readonly outside: (side: Side, command: readonly string[], input?: string) => { readonly status: number | null; readonly out: string; readonly err: string }
  readonly remove: () => void
}

type Side = 'node' | 'signer'
const subnet = { node: '10.77.1', signer: '10.77.2' } as const
export const addresses = { node: `${subnet.node}.10`, signer: `${subnet.signer}.10` } as const

/** Generates the stack into `root`/NAME and makes the link; starts nothing of the stack. Throws with what went wrong. */
export async function makeSplit(root: string, release: string, answers: Readonly<Record<string, string>>): Promise<SplitStack> {
  const name = answers['STACK_NAME']!
  const directory = join(root, name)
  mkdirSync(root, { recursive: true })
  const text = Object.entries({ ...answers, TOPOLOGY: 'split', NODE_HOST: addresses.node, SIGNER_HOST: addresses.signer }).map(([key, value]) => `${key}=${value}\n`).join('')
  writeFileSync(join(root, `${name}.env`), text, { mode: 0o600 })
  const ran = await command(root, [`${name}.env`, name])
  if (ran.code !== 0) throw new Error(ran.err)
  const network = (side: Side) => `${name}-wire-${side}`
  const router = `${name}-router`
  const remove = () => {
    docker(['rm', '--force', router])
    for (const side of ['node', 'signer'] as const) docker(['network', 'rm', network(side)])
  }
  remove()
  for (const side of ['node', 'signer'] as const) {
    must(['network', 'create', '--subnet', `${subnet[side]}.0/24`, '--gateway', `${subnet[side]}.1`, '--opt', 'com.docker.network.bridge.inhibit_ipv4=true', network(side)])
    writeOverride(join(directory, `${side}-host`), side, release, network(side))
  }
  must(['run', '--detach', '--name', router, '--cap-add', 'NET_ADMIN', '--sysctl', 'net.ipv4.ip_forward=1', '--network', network('node'), '--ip', `${subnet.node}.254`, testImages.outsider])
  must(['network', 'connect', '--ip', `${subnet.signer}.254`, network('signer'), router])
  // The gateway that both networks promise is the router, not the machine that runs the engine.
  must(['exec', router, 'sh', '-c', `for net in ${subnet.node} ${subnet.signer}; do ip addr add $net.1/24 dev $(ip -o addr show to $net.254 | cut -d' ' -f2); done`])
  return {
    directory,
    node: side(directory, name, 'node'),
    signer: side(directory, name, 'signer'),
    // What is on its way is swallowed without a word, as by a cable that was pulled.
    link: (state) => {
      for (const address of Object.values(addresses)) must(['exec', router, 'ip', 'route', state === 'down' ? 'add' : 'del', 'blackhole', `${address}/32`])
    },
    outside: (where, argv, input) => docker(['run', '--rm', '--interactive', '--network', network(where), '--ip', `${subnet[where]}.66`,
      '--volume', `${directory}/..:/shared:ro`, testImages.outsider, ...argv], input === undefined ? {} : { input }),
    remove,
  }
}

function must(args: readonly string[]): void {
  const { status, err } = docker(args)
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${err}`)
}

/** Each side is a project of its own, as it is on a machine of its own. */
function side(directory: string, name: string, which: Side): TestStack {
  return { directory: join(directory, `${which}-host`), name: `${name}-${which}`, ...handles(join(directory, `${which}-host`), `${name}-${which}`) }
}

function writeOverride(directory: string, which: Side, release: string, network: string): void {
  const sidecar = { image: testImages.sidecar, networks: { 'tls-wire': { ipv4_address: addresses[which] } } }
  writeFileSync(join(directory, 'docker-compose.override.yml'), stringify({
    services: {
      init: { build: { args: { BASE_IMAGE: testImages.base } } },
      ...(which === 'node'
        ? { 'node-tls': sidecar, bitcoind: { image: testImages.bitcoind }, 'stacks-node': { image: doublesImage(release), environment: { DOUBLE_TRACE: '1' } } }
        : { 'signer-tls': sidecar, 'stacks-signer': { image: doublesImage(release), environment: { DOUBLE_TRACE: '1' } } }),
    },
    networks: { 'tls-wire': { external: true, name: network } },
  }))
}
