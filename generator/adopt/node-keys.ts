/** What becomes of the keys of node-config.toml. */

import { findGoverned, listOfTables } from '../answers/governed.ts'
import { paths } from '../catalogue/container.ts'
import { networkFacts, type NetworkFacts } from '../catalogue/networks.ts'
import { nodeReleases } from '../catalogue/releases.ts'
import { isPort, type BitcoinFacts } from './bitcoin.ts'
import { showable } from './hiding.ts'
import type { KeyFacts } from './keys.ts'
import type { DraftAnswer, Finding, Mapped, Setting } from './model.ts'
import { observerAnswers, observerFinding } from './observers.ts'
import { leftOut, pass } from './pass.ts'
import type { PeerFacts } from './peers.ts'
import { leavesOf, sameData, unitsOf, type Leaf } from './units.ts'

export interface NodeFacts {
  readonly keys: KeyFacts
  readonly bitcoin: BitcoinFacts
  readonly peers: PeerFacts
}

export function mapNode(setting: Setting, facts: NodeFacts): Mapped {
  const answers: DraftAnswer[] = [...observerAnswers(setting)]
  const findings = leavesOf('node', setting.node).map((leaf) => {
    const governed = governedKey(setting, facts, leaf) ?? ofNetwork(setting, leaf)
    if (governed) return governed
    const { finding, answer } = pass(setting, leaf)
    if (answer) answers.push(answer)
    return finding
  })
  return { findings, answers }
}

function governedKey(setting: Setting, { keys, bitcoin, peers }: NodeFacts, leaf: Leaf): Finding | undefined {
  const { origin, path: key, value } = leaf
  if (leaf.unit.path === 'events_observer') return observerFinding(setting, leaf)
  switch (key) {
    case 'connection_options.auth_token': return { origin, key, ...keys.authToken }
    case 'connection_options.public_ip_address': return { origin, key, ...peers.publicAddress }
    case 'burnchain.mode': return value === 'xenon' ? { origin, key, fate: 'fixed', answers: ['NETWORK'], danger: true, note: 'the testnet of this name is gone' }
      : { origin, key, fate: 'answer', answers: ['NETWORK'], note: setting.network }
    case 'burnchain.peer_host': return { origin, key, ...bitcoin.host }
    case 'burnchain.peer_port': return isPort(value) ? { origin, key, ...bitcoin.port } : leftOut(leaf, 'its value cannot be used: the key expects a port')
    case 'node.p2p_bind': return { origin, key, ...peers.p2pBind }
    case 'node.working_dir': return { origin, key, fate: 'fixed', note: `the volume stacks-node-data (${paths.nodeData}); the chain is in ${showable(setting, key, value)}; move it there while both are stopped` }
    case 'node.seed': return leftOut(leaf, 'a node that does not mine makes its own')
    case 'node.local_peer_seed': return leftOut(leaf, 'the node makes its own, and is another one to its peers')
    case 'node.miner': return { origin, key, fate: 'fixed', note: value === true ? 'this node does not mine' : 'the generator never writes it: this node does not mine', ...(value === true && { danger: true }) }
  }
  if (/^burnchain\.(username|password|rpc_port)$/.test(key)) return leftOut(leaf, 'a node that does not mine follows Bitcoin over its P2P port alone')
  const [section = '', name = ''] = key.split('.')
  const rule = findGoverned('node', section, name)
  if (rule) return rule.why.startsWith('holds a secret') ? leftOut(leaf, 'it holds a secret that this stack has no use for') : { origin, key, fate: 'fixed', note: `it ${rule.why}` }
  return undefined
}

/** Keys whose values are those of the network, whatever the release: they follow NETWORK. */
function ofNetwork({ network, releases }: Setting, leaf: Leaf): Finding | undefined {
  const { origin, path: key, unit, value } = leaf
  const [section = '', name = ''] = unit.path.split('.')
  const list = listOfTables(section, name)
  if (list && !unit.path.startsWith('events_observer')) {
    if (network === 'mainnet' && list.why.startsWith('it follows')) return leftOut(leaf, 'a stacks-node on mainnet refuses it: the value is built in')
    if (!list.why.startsWith('it follows') || name === 'mstx_balance' || section === 'mstx_balance') return leftOut(leaf, list.why)
    const same = sameData(valuesOf(networkFacts(network, releases.node.version)).get(unit.path), value)
    return { origin, key, fate: 'fixed', note: `it follows NETWORK${same ? '' : `: ${network} as stacks-node ${releases.node.version} knows it`}`, ...(!same && { danger: true }) }
  }
  const written = valuesOf(networkFacts(network, releases.node.version))
  if (!written.has(key)) return undefined
  if (sameData(written.get(key), value)) return { origin, key, fate: 'fixed', note: 'it follows NETWORK' }
  const former = nodeReleases.some(({ version }) => sameData(valuesOf(networkFacts(network, version)).get(key), value))
  return former ? { origin, key, fate: 'fixed', danger: true, note: `it follows NETWORK: this value is that of the ${network} of another release` } : undefined
}

function valuesOf(facts: NetworkFacts): ReadonlyMap<string, unknown> {
  return unitsOf('node', {
    node: facts.node, burnchain: { ...facts.burnchain, epochs: facts.epochs.map((one) => ({ ...one })) }, ustx_balance: facts.ustxBalance.map((one) => ({ ...one })),
  })
}
