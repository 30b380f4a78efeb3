/** The two TOML configs as data: what the stack fixes, what the network demands, what the operator passes through. */

import { paths, placeholder, ports } from '../catalogue/container.ts'
import type { NetworkFacts } from '../catalogue/networks.ts'
import type { TomlTable } from '../render/toml.ts'
import { bitcoinPeer } from './bitcoin.ts'
import type { BitcoinSettings } from './model.ts'

/** `monitored` opens the metrics to the network. `nodeHost` is where the signer finds the node's RPC: the node itself, or its own TLS sidecar. */
export function signerConfig(facts: NetworkFacts, nodeHost: string, monitored: boolean, passed: TomlTable): TomlTable {
  return {
    node_host: nodeHost,
    endpoint: `0.0.0.0:${ports.signerEvents.number}`,
    ...facts.signer,
    stacks_private_key: placeholder('SIGNER_PRIVATE_KEY'),
    auth_password: placeholder('AUTH_TOKEN'),
    db_path: `${paths.signerData}/signer.sqlite`,
    metrics_endpoint: `${monitored ? '0.0.0.0' : '127.0.0.1'}:${ports.signerMetrics.number}`,
    ...passed,
  }
}

/**
 * `observers` is where the node's events go, the signer's first. For the node, which keeps them in a set, they have no order.
 */
export function nodeConfig(
  facts: NetworkFacts, bitcoin: BitcoinSettings, publicAddress: string | undefined, observers: readonly TomlTable[], monitored: boolean,
  passed: Readonly<Record<string, TomlTable>>,
): TomlTable {
  const peer = bitcoinPeer(bitcoin)
  return {
    node: {
      working_dir: paths.nodeData,
      rpc_bind: `0.0.0.0:${ports.nodeRpc.number}`,
      p2p_bind: `0.0.0.0:${ports.nodeP2p.number}`,
      stacker: true,
      ...(monitored && { prometheus_bind: `0.0.0.0:${ports.nodeMetrics.number}` }),
      ...facts.node,
      ...passed['node'],
    },
    burnchain: {
      chain: 'bitcoin',
      ...facts.burnchain,
      peer_host: peer.host,
      peer_port: peer.port,
      ...passed['burnchain'],
      ...(facts.epochs.length > 0 && { epochs: facts.epochs.map((epoch) => ({ ...epoch })) }),
    },
    connection_options: {
      auth_token: placeholder('AUTH_TOKEN'),
      ...(publicAddress && { public_ip_address: publicAddress }),
      ...passed['connection_options'],
    },
    ...otherSections(passed),
    events_observer: observers,
    ...(facts.ustxBalance.length > 0 && { ustx_balance: facts.ustxBalance.map((balance) => ({ ...balance })) }),
  }
}

/** Of the signer itself, or of the node's own TLS sidecar. It repeats what the signer does not take: an event that is lost is lost for good. */
export function signerObserver(endpoint: string, timeoutMs: number | undefined): TomlTable {
  return { endpoint, events_keys: ['stackerdb', 'block_proposal', 'burn_blocks'], ...(timeoutMs !== undefined && { timeout_ms: timeoutMs }) }
}

function otherSections(passed: Readonly<Record<string, TomlTable>>): TomlTable {
  const known = new Set(['node', 'burnchain', 'connection_options'])
  return Object.fromEntries(Object.entries(passed).filter(([section]) => !known.has(section)))
}
