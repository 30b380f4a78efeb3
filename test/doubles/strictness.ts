/** Configs that are right, and what is to be found when one thing in them is wrong. */

import { testKey } from '../support/command.ts'

export interface StrictCase { readonly what: string; readonly toml: string; readonly ended: number; readonly says: RegExp }

export interface NodePorts { readonly mode: string; readonly workingDir: string; readonly rpc: number; readonly p2p: number; readonly bitcoin: number; readonly observer: number }

/** A node's config with an observer, on loopback. */
export function nodeToml({ mode, workingDir, rpc, p2p, bitcoin, observer }: NodePorts): string {
  return `[node]
working_dir = "${workingDir}"
rpc_bind = "127.0.0.1:${rpc}"
p2p_bind = "127.0.0.1:${p2p}"
stacker = true

[burnchain]
chain = "bitcoin"
mode = "${mode}"
peer_host = "127.0.0.1"
peer_port = ${bitcoin}

[connection_options]
auth_token = "shared-token-of-this-test"

[[events_observer]]
endpoint = "127.0.0.1:${observer}"
events_keys = ["stackerdb", "block_proposal", "burn_blocks"]
`
}

export interface SignerPorts { readonly db: string; readonly node: number; readonly events: number; readonly metrics: number; readonly token: string }

/** A signer's config, on loopback. */
export function signerToml({ db, node, events, metrics, token }: SignerPorts): string {
  return `node_host = "127.0.0.1:${node}"
endpoint = "127.0.0.1:${events}"
network = "testnet"
stacks_private_key = "${testKey}"
auth_password = "${token}"
db_path = "${db}"
metrics_endpoint = "127.0.0.1:${metrics}"
`
}

type Row = readonly [what: string, change: (toml: string) => string, says: RegExp]

/** The node of 4.0.4: the first case is right, each other one ends with 1. */
export function strictNode(workingDir: string): readonly StrictCase[] {
  const right = nodeToml({ mode: 'mainnet', workingDir, rpc: 20443, p2p: 20444, bitcoin: 8333, observer: 30000 })
  const file = /Invalid config file: /
  const testnet = (epochs: string) => (toml: string) => toml.replace('mainnet', 'krypton').replace('\n[connection_options]', `\n${epochs}\n[connection_options]`)
  const epoch = (name: string, start: number) => `[[burnchain.epochs]]\nepoch_name = "${name}"\nstart_height = ${start}\n`
  const rows: readonly Row[] = [
    ['an unknown key', (toml) => toml.replace('stacker', 'staker'), /Invalid config file: .*unknown field `staker`/],
    ['an unknown section', (toml) => `${toml}[signer]\nx = 1\n`, /Invalid config file: .*unknown field `signer`/],
    ['an unknown key of an observer', (toml) => `${toml}retry = true\n`, file],
    ['a removed key', (toml) => toml.replace('stacker', 'always_use_affirmation_maps = true\nstacker'), file],
    ['a text for a boolean', (toml) => toml.replace('stacker = true', 'stacker = "true"'), file],
    ['a text for an integer', (toml) => toml.replace('8333', '"8333"'), file],
    ['a float for an integer', (toml) => toml.replace('8333', '8333.0'), file],
    ['a port too high', (toml) => toml.replace('8333', '83330'), file],
    ['a key twice', (toml) => toml.replace('stacker = true', 'stacker = true\nstacker = true'), file],
    ['no TOML', () => 'node {', file],
    ['an observer without keys', (toml) => toml.replace(/events_keys.*/, ''), /missing field `events_keys`/],
    ['an observer that is no list', (toml) => toml.replace('[[events_observer]]', '[events_observer]'), file],
    ['an event key that is none', (toml) => toml.replace('"stackerdb"', '"stacker_db"'), /event key stacker_db/],
    ['a name to bind', (toml) => toml.replace('127.0.0.1:20443', 'localhost:20443'), /parse rpc_bind/],
    ['a Bitcoin host without an address', (toml) => toml.replace('peer_host = "127.0.0.1"', 'peer_host = "nobody.invalid"'), /Invalid config: .*peer_host/],
    ['a mode that is none', (toml) => toml.replace('mainnet', 'testnet'), /Invalid config: .*mode/],
    ['epochs on mainnet', (toml) => testnet(epoch('1.0', 0))(toml).replace('krypton', 'mainnet'), /mainnet node with custom `epochs`/],
    ['balances on mainnet', (toml) => `${toml}[[ustx_balance]]\naddress = "ST000000000000000000002AMW42H"\namount = 1\n`, /initial_balances/],
    ['another chain on mainnet', (toml) => toml.replace('peer_port', 'chain_id = 2\npeer_port'), /chain_id/],
    ['an epoch too many', testnet(epoch('5.0', 0)), /Unknown epoch name: 5\.0/],
    ['an epoch left out', testnet(epoch('1.0', 0) + epoch('2.05', 1)), /misplaced epoch: 2\.0/],
    ['a first epoch that does not start at 0', testnet(epoch('1.0', 5)), /out of order/],
    ['a seed without a key', (toml) => toml.replace('stacker', 'bootstrap_node = "seed.example:20444"\nstacker'), /bootstrap_node/],
  ]
  return [{ what: 'a right config', toml: right, ended: 0, says: /Loaded config!/ }, ...cases(right, rows, 1)]
}

/** The signer of 4.0.4: the first case is right, each other one ends with 101. */
export function strictSigner(db: string): readonly StrictCase[] {
  const right = signerToml({ db, node: 20443, events: 30000, metrics: 9154, token: 'shared-token-of-this-test' })
  const rows: readonly Row[] = [
    ['an unknown key', (toml) => `${toml}event_timeout = 1\n`, /unknown field `event_timeout`/],
    ['a key removed in 4.0.3', (toml) => `${toml}validate_with_replay_tx = false\n`, /unknown field `validate_with_replay_tx`/],
    ['a key of test builds', (toml) => `${toml}supported_signer_protocol_version = 1\n`, /unknown field/],
    ...['node_host', 'endpoint', 'network', 'stacks_private_key', 'auth_password', 'db_path'].map((key): Row =>
      [`no ${key}`, (toml) => toml.replace(new RegExp(`^${key} .*\n`, 'm'), ''), new RegExp(`missing field \`${key}\``)]),
    ['a text for an integer', (toml) => `${toml}event_timeout_ms = "5000"\n`, /event_timeout_ms/],
    ['a section', (toml) => `${toml}[signer]\n`, /unknown field `signer`/],
    ['a network that is none', (toml) => toml.replace('testnet', 'regtest'), /network/],
    ['a key with 0x', (toml) => toml.replace(testKey, `0x${testKey}`), /stacks_private_key/],
    ['a key one digit short', (toml) => toml.replace(testKey, testKey.slice(0, 63)), /stacks_private_key/],
    ['a key of zeros', (toml) => toml.replace(testKey, '0'.repeat(64)), /stacks_private_key/],
    ['a node without a port', (toml) => toml.replace('127.0.0.1:20443', 'stacks-node'), /node_host/],
    ['a node as a URL', (toml) => toml.replace('127.0.0.1:20443', 'http://stacks-node:20443'), /node_host/],
    ['an endpoint without an address', (toml) => toml.replace('127.0.0.1:30000', 'nobody.invalid:30000'), /BadField\("endpoint"/],
    ['a metrics endpoint without a port', (toml) => toml.replace('127.0.0.1:9154', '127.0.0.1'), /BadField\("endpoint"/],
  ]
  return [{ what: 'a right config', toml: right, ended: 0, says: /ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM/ }, ...cases(right, rows, 101)]
}

function cases(right: string, rows: readonly Row[], ended: number): readonly StrictCase[] {
  return rows.map(([what, change, says]) => {
    const toml = change(right)
    if (toml === right) throw new Error(`${what}: nothing was changed`)
    return { what, toml, ended, says }
  })
}
