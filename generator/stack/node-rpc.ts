/**
 * The node's RPC on a port of the machine. Few of its calls ask for `auth_token`: /v3/block_proposal, /v3/blocks/replay,
 * /v3/blocks/simulate, /v3/contracts/fast-call-read, and a broadcast by /v3/blocks/upload (stackslib/src/net/api/mod.rs of stacks-core
 * 4.0.2). All others answer whoever reaches the port.
 */

import type { Answers } from '../answers/check.ts'
import { listWords } from '../answers/list.ts'
import { readBinding } from '../answers/networks.ts'
import { ports } from '../catalogue/container.ts'
import { error, warning, type Result } from '../problem.ts'
import type { PublishedPort } from './model.ts'
import { isLocal } from './port-clashes.ts'

/** No value where it is not published. */
export function publishedRpc({ values, given, place }: Answers): Result<PublishedPort> {
  const binding = readBinding(values.NODE_RPC_PUBLISH ?? '')
  const unused = (why: string) => (given.has('NODE_RPC_FROM') ? [warning('unused-answer', `NODE_RPC_FROM is not used${why}`, place('NODE_RPC_FROM'))] : [])
  if (!binding) return { problems: unused(' without NODE_RPC_PUBLISH') }
  const { address, port: host } = binding
  const port = { host, container: ports.nodeRpc.number, protocol: 'tcp', address, purpose: 'RPC of the node', answer: 'NODE_RPC_PUBLISH' } as const
  if (isLocal(port)) return { value: port, problems: unused(`: ${address} is reached from this machine alone`) }
  const missing = [...(values.FIREWALL === 'off' ? ['FIREWALL=on'] : []), ...(values.NODE_RPC_FROM === undefined ? ['NODE_RPC_FROM'] : [])]
  if (missing.length > 0) {
    return { problems: [error('rpc-open', `NODE_RPC_PUBLISH=${values.NODE_RPC_PUBLISH} needs ${missing.join(' and ')}: most of the RPC asks for no token, so the firewall must know who may come`,
      place('NODE_RPC_PUBLISH'), `${missing.map((name) => `add a line ${name === 'NODE_RPC_FROM' ? 'like NODE_RPC_FROM=10.0.0.0/24' : name}`).join(' and ')}, or write NODE_RPC_PUBLISH=127.0.0.1:${host}`)] }
  }
  return { value: { ...port, from: listWords(values.NODE_RPC_FROM!) }, problems: [] }
}
