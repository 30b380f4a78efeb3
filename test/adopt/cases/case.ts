/** A deployment as it may stand on somebody's disk, and what adopting it must come to. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { testKey } from '../../support/command.ts'
import { repository } from '../../support/repository.ts'

export interface AdoptCase {
  readonly name: string
  /** Texts by path below the deployment. */
  readonly files: Readonly<Record<string, string>>
  /** Texts that no output may hold. */
  readonly hidden: readonly string[]
  /** Every answer, but the name of the stack and the network. */
  readonly answers: Readonly<Record<string, string>>
  /** Keys of the two TOMLs that are left out. */
  readonly leftOut: readonly string[]
  /** Keys of the two TOMLs, or lists of tables in them, that the generator writes otherwise. */
  readonly otherwise: readonly string[]
}

export const token = 'f3a1c9d2-correct-horse-token'
export const rpcPassword = 'rpc-password-of-an-operator'

/** The least a signer has. */
export function signer(network: string, more = '', key = testKey): string {
  return `node_host = "stacks-node:20443"
endpoint = "0.0.0.0:30000"
network = "${network}"
db_path = "/var/stacks/signer.sqlite"
auth_password = "${token}"
stacks_private_key = "${key}"
${more}`
}

/** The observer of the signer as all samples have it. */
export const observer = `
[[events_observer]]
endpoint = "stacks-signer:30000"
events_keys = ["stackerdb", "block_proposal", "burn_blocks"]
`

export interface NodeParts {
  readonly node?: string
  readonly burnchain?: string
  readonly options?: string
  readonly more?: string
}

/** A node that follows mainnet through a bitcoind elsewhere, as in the samples. */
export function mainnetNode({ node = '', burnchain = '', options = '', more = '' }: NodeParts = {}): string {
  return `[node]
working_dir = "/data/stacks"
rpc_bind = "0.0.0.0:20443"
p2p_bind = "0.0.0.0:20444"
stacker = true
${node}
[burnchain]
chain = "bitcoin"
mode = "mainnet"
${burnchain || 'peer_host = "bitcoin.example.net"\npeer_port = 8333'}
username = "stacks"
password = "${rpcPassword}"
rpc_port = 8332

[connection_options]
auth_token = "${token}"
${options}
${observer}${more}`
}

interface Testnet {
  readonly fromRelease: string
  readonly bootstrap_node: string
  readonly epochs: Readonly<Record<string, number>>
  readonly ustx_balance: readonly (readonly [string, number])[]
  readonly burnchain: Readonly<Record<string, string | number>>
  readonly pox5: Readonly<Record<string, string>>
}

const facts = JSON.parse(readFileSync(join(repository, 'test/facts/stacks-releases.json'), 'utf8')) as { readonly networks: { readonly testnet: { readonly history: readonly Testnet[] } } }

/** A node as the sample of the public testnet has it, beginning with the given release. */
export function testnetNode(release: string, { node = '', options = '', more = '' }: NodeParts = {}): string {
  const known = facts.networks.testnet.history.find(({ fromRelease }) => fromRelease === release)!
  const pairs = (table: Readonly<Record<string, string | number>>) => Object.entries(table).map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join('\n')
  return `[node]
working_dir = "/var/stacks"
rpc_bind = "0.0.0.0:20443"
p2p_bind = "0.0.0.0:20444"
bootstrap_node = "${known.bootstrap_node}"
stacker = true
${pairs(known.pox5)}
${node}
[burnchain]
chain = "bitcoin"
${pairs(known.burnchain)}
${Object.entries(known.epochs).map(([name, height]) => `[[burnchain.epochs]]\nepoch_name = "${name}"\nstart_height = ${height}`).join('\n')}

[connection_options]
auth_token = "${token}"
${options}
${observer}
${known.ustx_balance.map(([address, amount]) => `[[ustx_balance]]\naddress = "${address}"\namount = ${BigInt(amount)}`).join('\n')}
${more}`
}

/** A Compose file of two services with these images; `more` goes below the node. */
export function compose(nodeImage: string, signerImage: string, more = ''): string {
  return `services:
  stacks-signer:
    image: ${signerImage}
    command: /bin/stacks-signer run --config /config/signer-config.toml
    restart: unless-stopped
  stacks-node:
    image: ${nodeImage}
    command: /bin/stacks-node start --config /config/node-config.toml
    ports: ["20444:20444"]
${more}`
}

/** What every case has in common: names that the generator gives its containers and volumes. */
export const renamed = ['signer.db_path', 'node.node.working_dir'] as const
export const unusedRpc = ['burnchain.username', 'burnchain.password', 'burnchain.rpc_port'] as const
export const external = { BITCOIN_MODE: 'external', BITCOIN_HOST: 'bitcoin.example.net', BITCOIN_P2P_PORT: '8333' } as const
export const regtest = { BITCOIN_MODE: 'external', BITCOIN_HOST: 'bitcoin.regtest.hiro.so', BITCOIN_P2P_PORT: '18444' } as const
