/** On which port and address of the host peers reach the node. */

import { valueFault } from '../answers/values.ts'
import { ports } from '../catalogue/container.ts'
import type { ComposeFacts } from './compose.ts'
import type { EnvFacts } from './env-file.ts'
import type { ConfigFile, DraftAnswer, Finding, Origin } from './model.ts'
import { hostPort, isOpen } from './published.ts'
import { isTable } from './units.ts'

export interface PeerFacts {
  readonly answers: readonly DraftAnswer[]
  /** The port inside the old container, or on the old host. */
  readonly inside: number
  /** The port of the host; the generator's own where nothing tells. */
  readonly host: number
  readonly p2pBind: Pick<Finding, 'fate' | 'answers' | 'note'>
  readonly publicAddress: Pick<Finding, 'fate' | 'answers' | 'note' | 'danger'>
}

/** A variable of the official stacks-blockchain-docker, for where its Compose files are not here. */
export const p2pVariable = 'STACKS_CORE_P2P_PORT'

export function peersOf(node: ConfigFile, compose: ComposeFacts | undefined, env: EnvFacts): PeerFacts {
  const section = isTable(node.data['node']) ? node.data['node'] : {}
  const inside = portOf(section['p2p_bind']) ?? ports.nodeP2p.number
  const { port: host, from } = published(node, inside, compose, env)
  const options = isTable(node.data['connection_options']) ? node.data['connection_options'] : {}
  const address = options['public_ip_address']
  const fault = typeof address === 'string' && address !== '' ? valueFault({ kind: 'address' }, address) : { message: 'expects an IP address' }
  const carried = !fault && typeof address === 'string'
  const other = host !== ports.nodeP2p.number
  return {
    inside, host,
    answers: [
      ...(other ? [{ key: 'NODE_P2P_PORT', value: String(host), from }] : []),
      ...(carried ? [{ key: 'PUBLIC_ADDRESS', value: address, from: [node.place('connection_options.public_ip_address')] }] : []),
    ],
    p2pBind: { fate: 'fixed', ...(other && { answers: ['NODE_P2P_PORT'] }), note: `the layout of the containers; peers reach the node on port ${host} of the host` },
    publicAddress: carried ? { fate: 'answer', answers: ['PUBLIC_ADDRESS'], note: 'what the node announces' }
      : { fate: 'left-out', note: `it ${fault!.message.split(', found')[0]}`, danger: true },
  }
}

function published(node: ConfigFile, inside: number, compose: ComposeFacts | undefined, env: EnvFacts): { readonly port: number; readonly from: readonly Origin[] } {
  const service = compose?.services.find((one) => one.program === 'node')
  const bound = { port: inside, from: [node.place('node.p2p_bind')] }
  if (!service) {
    const variable = compose ? undefined : env.entries.findLast(({ name }) => name === p2pVariable)
    const port = Number(variable?.value)
    return variable && Number.isInteger(port) && port > 0 && port <= 65535 ? { port, from: [variable.origin] } : bound
  }
  if (service.hostNetwork) return bound
  for (const { published: one, origin } of service.ports) {
    const port = one && isOpen(one) ? hostPort([one], inside) : undefined
    if (port !== undefined) return { port, from: [origin] }
  }
  return { port: ports.nodeP2p.number, from: [] }
}

/** An answer is written for another port than the generator's own alone. */
export function portFate({ host }: PeerFacts): Pick<Finding, 'fate' | 'answers'> {
  return host === ports.nodeP2p.number ? { fate: 'fixed' } : { fate: 'answer', answers: ['NODE_P2P_PORT'] }
}

/** The port of `HOST:PORT`. */
export function portOf(value: unknown): number | undefined {
  const found = typeof value === 'string' ? /:(\d{1,5})$/.exec(value)?.[1] : undefined
  const port = Number(found)
  return found !== undefined && port >= 1 && port <= 65535 ? port : undefined
}
