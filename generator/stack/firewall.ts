/** What the firewall must know besides the published ports, from the answers that concern it. */

import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type { Answers } from '../answers/check.ts'
import { listWords } from '../answers/list.ts'
import { openings } from '../answers/networks.ts'
import { error, warning, type Problem, type Result } from '../problem.ts'
import { observerNetwork } from './event-relay.ts'
import type { Firewall, Host, Stack, StackNetwork } from './model.ts'

const ownAnswers = ['SSH_PORT', 'SSH_FROM', 'FIREWALL_OPEN', 'NODE_ADDRESS', 'SIGNER_ADDRESS'] as const

/** No value with FIREWALL=off. On two hosts each must know where the other stands, as an address: rules know no names. */
export function firewall(answers: Answers): Result<Firewall> {
  const { values, given } = answers
  if (values.FIREWALL === 'off') return { problems: unused(answers, ownAnswers, 'FIREWALL=off', 'write FIREWALL=on') }
  const split = values.TOPOLOGY === 'split'
  const problems = split ? missing(answers) : unused(answers, ['NODE_ADDRESS', 'SIGNER_ADDRESS'], 'one host', 'only with TOPOLOGY=split')
  if (!given.has('SSH_FROM')) {
    problems.push(warning('ssh-from-everywhere', 'the firewall lets SSH in from everywhere: SSH_FROM is not given', answers.place('FIREWALL'),
      'add a line like SSH_FROM=198.51.100.0/24 with the addresses that administer this host'))
  }
  if (answers.partial) return { problems }
  return {
    problems,
    value: {
      ssh: { port: values.SSH_PORT, from: list(values.SSH_FROM) },
      open: values.FIREWALL_OPEN === undefined ? [] : openings(values.FIREWALL_OPEN),
      addresses: split
        ? { node: addresses(values.NODE_HOST, values.NODE_ADDRESS), signer: addresses(values.SIGNER_HOST, values.SIGNER_ADDRESS) }
        : { node: [], signer: [] },
    },
  }
}

/** Programs of this machine, outside of Docker, that the stack calls: their ports, and the networks that the calls come from. */
export function machineCalls({ bitcoin, observers }: Pick<Stack, 'bitcoin' | 'observers'>): readonly { readonly port: number; readonly network: string; readonly what: string }[] {
  return [
    ...(bitcoin.kind === 'external' && bitcoin.here ? [{ port: bitcoin.port, network: 'stacks-p2p', what: 'the bitcoind that the node follows' }] : []),
    ...observers.flatMap(({ machinePort }) => (machinePort === undefined ? [] : [{ port: machinePort, network: observerNetwork, what: 'an observer of EVENT_OBSERVERS' }])),
  ]
}

/** The networks that rules of a firewall name: internal ones, that between two hosts, and those on which programs of this machine are called. */
export function bridged({ name, internal }: StackNetwork, walled: boolean, called: readonly string[]): boolean {
  return (walled && (internal || name === 'tls-wire')) || called.includes(name)
}

/**
 * The hosts with a name for the bridge of each network that `isBridged`. A name is at most 15 characters, so it is a hash: of the
 * stack too, since a machine may run several.
 */
export function withBridges(stack: string, hosts: readonly Host[], isBridged = (network: StackNetwork) => bridged(network, true, [])): readonly Host[] {
  return hosts.map((host) => ({
    ...host,
    networks: host.networks.map((network) => (isBridged(network)
      ? { ...network, bridge: `ss-${createHash('sha256').update(`${stack}/${host.name}/${network.name}`).digest('hex').slice(0, 12)}` }
      : network)),
  }))
}

function missing(answers: Answers): Problem[] {
  return ([['NODE_HOST', 'NODE_ADDRESS', '203.0.113.7'], ['SIGNER_HOST', 'SIGNER_ADDRESS', '203.0.113.8']] as const)
    .filter(([host, address]) => answers.values[host] && addresses(answers.values[host], answers.values[address]).length === 0)
    .map(([host, address, example]) => error('missing-answer', `FIREWALL=on needs ${address}: ${host} is a name, and rules know addresses alone`,
      answers.place(host), `add a line like ${address}=${example}`))
}

function unused(answers: Answers, keys: readonly (typeof ownAnswers)[number][], why: string, hint: string): Problem[] {
  return keys.filter((key) => answers.given.has(key)).map((key) => warning('unused-answer', `${key} is not used with ${why}`, answers.place(key), hint))
}

function addresses(host: string | undefined, given: string | undefined): readonly string[] {
  const bare = host?.replace(/^\[|\]$/g, '') ?? ''
  return [...new Set([...(isIP(bare) ? [bare] : []), ...list(given)])]
}

function list(value: string | undefined): readonly string[] {
  return value === undefined ? [] : listWords(value)
}
