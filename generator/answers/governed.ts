/** Keys of the two TOMLs that are not passed through: the generator writes them, or they hold secrets. */

export interface Governed {
  /** `signer.key` or `node.section.key`; `*` stands for any section. */
  readonly key: string
  readonly why: string
  readonly instead: string
}

const committed = 'holds a secret, and both the answers and the TOML are committed'
const layout = 'is fixed by the layout of the containers'
const changeNothing = 'leave it out'

export const governed: readonly Governed[] = [
  { key: 'signer.stacks_private_key', why: committed, instead: 'write SIGNER_PRIVATE_KEY, or put the key into secrets/signer-private-key' },
  { key: 'signer.auth_password', why: committed, instead: 'write AUTH_TOKEN, or put it into secrets/auth-token' },
  { key: 'node.*.auth_token', why: committed, instead: 'write AUTH_TOKEN, or put it into secrets/auth-token' },
  { key: 'node.*.password', why: committed, instead: 'write BITCOIN_RPC_PASSWORD' },
  { key: 'node.*.seed', why: committed, instead: 'leave it out: a node that does not mine makes its own' },
  { key: 'node.*.local_peer_seed', why: committed, instead: 'leave it out: the node makes its own' },
  { key: 'node.*.mining_key', why: committed, instead: 'leave it out: this node does not mine' },
  { key: 'signer.node_host', why: layout, instead: changeNothing },
  { key: 'signer.endpoint', why: layout, instead: changeNothing },
  { key: 'signer.metrics_endpoint', why: 'is what the health check asks', instead: changeNothing },
  { key: 'signer.db_path', why: layout, instead: changeNothing },
  { key: 'signer.network', why: 'follows NETWORK', instead: 'write NETWORK' },
  { key: 'node.node.working_dir', why: layout, instead: changeNothing },
  { key: 'node.node.rpc_bind', why: layout, instead: 'for a port of this machine, write NODE_RPC_PUBLISH' },
  { key: 'node.node.p2p_bind', why: layout, instead: 'for the port that peers reach, write NODE_P2P_PORT' },
  { key: 'node.node.stacker', why: 'is always true beside a signer', instead: changeNothing },
  { key: 'node.node.miner', why: 'is always false: this node does not mine', instead: changeNothing },
  { key: 'node.burnchain.chain', why: 'is always bitcoin', instead: changeNothing },
  { key: 'node.burnchain.mode', why: 'follows NETWORK', instead: 'write NETWORK' },
  { key: 'node.burnchain.signet_challenge', why: 'follows NETWORK', instead: 'write NETWORK' },
  { key: 'node.burnchain.peer_host', why: 'follows BITCOIN_MODE', instead: 'write BITCOIN_MODE=external and BITCOIN_HOST' },
  { key: 'node.burnchain.peer_port', why: 'follows BITCOIN_MODE', instead: 'write BITCOIN_MODE=external and BITCOIN_P2P_PORT' },
  { key: 'node.burnchain.rpc_port', why: 'follows the answers', instead: 'write BITCOIN_RPC_PORT' },
  { key: 'node.burnchain.username', why: 'follows the answers', instead: 'write BITCOIN_RPC_USER' },
  { key: 'node.connection_options.public_ip_address', why: 'follows the answers', instead: 'write PUBLIC_ADDRESS' },
]

/** The row that forbids passing this key through. */
export function findGoverned(consumer: 'signer' | 'node', section: string, key: string): Governed | undefined {
  const path = consumer === 'signer' ? `signer.${key}` : `node.${section}.${key}`
  return governed.find((row) => row.key === path || row.key === path.replace(/^node\.[^.]*\./, 'node.*.'))
}

/** Sections and keys that are lists of tables: no line NAME=value can express one. */
const listsOfTables: Readonly<Record<string, string>> = {
  events_observer: 'the generator writes the observer of the signer (SIGNER_OBSERVER_TIMEOUT_MS) and those of EVENT_OBSERVERS',
  ustx_balance: 'it follows NETWORK',
  mstx_balance: 'it follows NETWORK',
  'burnchain.epochs': 'it follows NETWORK',
  'burnchain.affirmation_overrides': 'stacks-node 3.2.0.0.2 removed it',
}

/** Why `section` or `section.key` cannot be passed through, where it is a list of tables. */
export function listOfTables(section: string, key: string): { readonly name: string; readonly why: string } | undefined {
  const name = [section, `${section}.${key}`].find((one) => Object.hasOwn(listsOfTables, one))
  return name === undefined ? undefined : { name, why: listsOfTables[name]! }
}
