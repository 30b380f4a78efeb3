/**
 * A split stack on two hosts that share nothing but a routed link: each host's sidecar stands on a network of its own, and
 * one container routes between the two. The rest of both stacks is as generated.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { command } from '../../support/command.ts'
import { ownName } from '../../support/own.ts'
import { docker, must, type Ran } from './docker.ts'
import { doublesImage, testImages } from './images.ts'
import { handles, runningPrograms, type TestStack } from './stack.ts'

export interface SplitStack {
  readonly directory: string
  readonly node: TestStack
  readonly signer: TestStack
  /** Where the sidecar of each host is on the link. */
  readonly addresses: Readonly<Record<Side, string>>
  /** The network of this side of the link. */
  readonly network: (side: Side) => string
  /** The container that routes between the two. */
  readonly router: string
  /** Takes the link down or up again. */
  readonly link: (state: 'up' | 'down') => void
  /** Runs a command on a third host of the link, beside this side's host. */
  readonly outside: (side: Side, command: readonly string[], input?: string) => Ran
  readonly remove: () => void
}

type Side = 'node' | 'signer'
const sides = ['node', 'signer'] as const

/** Generates the stack below `root` and makes the link; starts nothing of the stack. Throws with what went wrong. */
export async function makeSplit(root: string, release: string, answers: Readonly<Record<string, string>>): Promise<SplitStack> {
  const name = ownName(answers['STACK_NAME']!)
  const directory = join(root, name)
  const network = (side: Side) => `${name}-wire-${side}`
  const router = `${name}-router`
  const subnet = { node: makeNetwork(network('node')), signer: makeNetwork(network('signer')) }
  const addresses = { node: `${subnet.node}.10`, signer: `${subnet.signer}.10` }
  mkdirSync(root, { recursive: true })
  const text = Object.entries({ ...answers, STACK_NAME: name, TOPOLOGY: 'split', NODE_HOST: addresses.node, SIGNER_HOST: addresses.signer }).map(([key, value]) => `${key}=${value}\n`).join('')
  writeFileSync(join(root, `${name}.env`), text, { mode: 0o600 })
  const ran = await command(root, [`${name}.env`, name])
  if (ran.code !== 0) throw new Error(ran.err)
  for (const side of sides) writeOverride(join(directory, `${side}-host`), side, release, network(side), addresses[side])
  must(['run', '--detach', '--name', router, '--cap-add', 'NET_ADMIN', '--sysctl', 'net.ipv4.ip_forward=1', '--network', network('node'), '--ip', `${subnet.node}.254`, testImages.outsider])
  must(['network', 'connect', '--ip', `${subnet.signer}.254`, network('signer'), router])
  // The gateway that both networks promise is the router, not the machine that runs the engine.
  must(['exec', router, 'sh', '-c', `for net in ${subnet.node} ${subnet.signer}; do ip addr add $net.1/24 dev $(ip -o addr show to $net.254 | cut -d' ' -f2); done`])
  // Each side is a project of its own, as it is on a machine of its own.
  const side = (which: Side) => handles(join(directory, `${which}-host`), `${name}-${which}`)
  return {
    directory, addresses, network, router, node: side('node'), signer: side('signer'),
    // What is on its way is swallowed without a word, as by a cable that was pulled.
    link: (state) => {
      for (const address of Object.values(addresses)) must(['exec', router, 'ip', 'route', state === 'down' ? 'add' : 'del', 'blackhole', `${address}/32`])
    },
    outside: (where, argv, input) => docker(['run', '--rm', '--interactive', '--network', network(where), '--ip', `${subnet[where]}.66`,
      '--volume', `${root}:/shared:ro`, testImages.outsider, ...argv], input === undefined ? {} : { input }),
    remove: () => {
      docker(['rm', '--force', router])
      for (const which of sides) docker(['network', 'rm', network(which)])
    },
  }
}

/** A network whose addresses the engine gives to nobody else: the first that it has free. Returns its first three numbers. */
function makeNetwork(name: string): string {
  for (let third = 0; third < 256; third += 1) {
    const subnet = `10.77.${third}`
    const { status, err } = docker(['network', 'create', '--subnet', `${subnet}.0/24`, '--gateway', `${subnet}.1`, '--opt', 'com.docker.network.bridge.inhibit_ipv4=true', name])
    if (status === 0) return subnet
    if (!/overlaps/.test(err)) throw new Error(err)
  }
  throw new Error('10.77.0.0/16 is full')
}

function writeOverride(directory: string, which: Side, release: string, network: string, address: string): void {
  const sidecar = { image: testImages.sidecar, networks: { 'tls-wire': { ipv4_address: address } } }
  writeFileSync(join(directory, 'docker-compose.override.yml'), stringify({
    services: {
      ...Object.fromEntries(runningPrograms(readFileSync(join(directory, 'docker-compose.yml'), 'utf8')).map((service) => [service, { image: testImages.nodejs }])),
      ...(which === 'node'
        ? { 'node-tls': sidecar, bitcoind: { image: testImages.bitcoind }, 'stacks-node': { image: doublesImage(release), environment: { DOUBLE_TRACE: '1' } } }
        : { 'signer-tls': sidecar, 'stacks-signer': { image: doublesImage(release), environment: { DOUBLE_TRACE: '1' } } }),
    },
    networks: { 'tls-wire': { external: true, name: network } },
  }))
}
