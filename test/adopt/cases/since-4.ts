/** Deployments of 4.0 releases, and such as do not tell their release. */

import { compose, external, mainnetNode, regtest, renamed, rpcPassword, signer, testnetNode, token, unusedRpc, type AdoptCase } from './case.ts'

const hidden = [token, rpcPassword]
const ghcr = (tag: string, more = '') => compose(`ghcr.io/stacks-network/stacks-core:${tag}`, `ghcr.io/stacks-network/stacks-signer:${tag}`, more)

export const since4: readonly AdoptCase[] = [
  {
    name: '4.0.1, the quickstart with its replay keys',
    files: {
      'signer-config.toml': signer('mainnet', 'metrics_endpoint = "0.0.0.0:9154"\nvalidate_with_replay_tx = false\nreset_replay_set_after_fork_blocks = 2\ntenure_idle_timeout_secs = 30\n'),
      'node-config.toml': mainnetNode({ node: 'seed = "0102030405060708090a0b0c0d0e0f100102030405060708090a0b0c0d0e0f10"\nlocal_peer_seed = "1102030405060708090a0b0c0d0e0f100102030405060708090a0b0c0d0e0f10"\nminer = false' }),
      'docker-compose.yml': ghcr('4.0.1', '    environment:\n      RUST_BACKTRACE: full\n      API_TOKEN: a-token-of-something\n'),
    },
    hidden: [...hidden, '0102030405060708090a0b0c0d0e0f10', 'a-token-of-something'],
    answers: { ...external, STACKS_VERSION: '4.0.1', SIGNER__validate_with_replay_tx: 'false', SIGNER__reset_replay_set_after_fork_blocks: '2', SIGNER__tenure_idle_timeout_secs: '30' },
    leftOut: [...unusedRpc, 'node.seed', 'node.local_peer_seed'], otherwise: [...renamed, 'signer.metrics_endpoint', 'node.node.miner'],
  },
  {
    name: '4.0.2, testnet as its sample has it',
    files: { 'signer.toml': signer('testnet'), 'node.toml': testnetNode('4.0.2', { node: 'prometheus_bind = "0.0.0.0:9153"' }), 'docker-compose.yml': ghcr('4.0.2') },
    hidden,
    answers: { ...regtest, STACKS_VERSION: '4.0.2', NODE__node__prometheus_bind: '0.0.0.0:9153' },
    leftOut: ['burnchain.rpc_port'], otherwise: renamed,
  },
  {
    name: '4.0.2, the binaries on the host, with a bitcoind there',
    files: {
      'etc/signer-config.toml': signer('mainnet').replace('stacks-node:20443', '127.0.0.1:20443').replace('0.0.0.0:30000', '127.0.0.1:30000'),
      'etc/node-config.toml': mainnetNode({ burnchain: 'peer_host = "127.0.0.1"\npeer_port = 8333' }).replace('stacks-signer:30000', '127.0.0.1:30000').replace('"0.0.0.0:20443"', '"127.0.0.1:20443"'),
      'etc/bitcoin.conf': 'txindex=1\n',
      '.env': 'STACKS_BLOCKCHAIN_VERSION=4.0.2\nSTACKS_SIGNER_VERSION=4.0.2\n',
    },
    hidden,
    answers: { BITCOIN_MODE: 'full', STACKS_VERSION: '4.0.2' },
    leftOut: unusedRpc,
    otherwise: [...renamed, 'signer.node_host', 'signer.endpoint', 'node.node.rpc_bind', 'node.events_observer', 'node.burnchain.peer_host', 'node.burnchain.peer_port'],
  },
  {
    name: '4.0.4, keys that it removed, that it does not know, and that nobody knows',
    files: {
      'signer-config.toml': signer('mainnet', 'validate_with_replay_tx = true\nblock_proposal_timeot_ms = 1\nmessage_private_key = "8f87cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a1"\n'),
      'node-config.toml': mainnetNode({
        node: 'fault_injection_block_push_fail_probability = 3\nnot_a_key = "x"\npox_sync_sample_secs = "thirty"',
        more: '\n[nowhere]\na = 1\nb = { c = 2 }\n\n[empty]\n',
      }),
      'docker-compose.yml': ghcr('4.0.4'),
    },
    hidden: [...hidden, '8f87cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a1'],
    answers: { ...external, STACKS_VERSION: '4.0.4' },
    leftOut: [...unusedRpc, 'validate_with_replay_tx', 'block_proposal_timeot_ms', 'message_private_key', 'node.fault_injection_block_push_fail_probability', 'node.not_a_key', 'node.pox_sync_sample_secs', 'nowhere.a', 'nowhere.b.c', 'empty'],
    otherwise: renamed,
  },
  {
    name: 'latest, which tells no release; a weak token; a node whose port is published on the loopback alone',
    files: {
      'signer-config.toml': signer('mainnet').replace(token, '12345'),
      'node-config.toml': mainnetNode().replace(token, '12345'),
      'docker-compose.yml': ghcr('latest').replace('20444:20444', '127.0.0.1:20444:20444'),
    },
    hidden: [rpcPassword],
    answers: { ...external, STACKS_VERSION: '4.0.4' },
    leftOut: [...unusedRpc, 'auth_password', 'connection_options.auth_token'], otherwise: renamed,
  },
  {
    name: 'two configs and nothing else; secrets where none should be',
    files: {
      'a.toml': signer('mainnet'),
      'b.toml': mainnetNode({
        node: `data_url = "http://operator:pass@203.0.113.7:20443"\nname = "key ${token}"\nmarf_cache_strategy = "753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6"\nmock_mining_output_dir = """\ntwo\nlines"""`,
        options: `stackerdb_hint_replicas = "${rpcPassword}"`,
      }),
    },
    hidden: [...hidden, 'operator:pass', '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'],
    answers: { ...external, STACKS_VERSION: '4.0.4' },
    leftOut: [...unusedRpc, 'node.data_url', 'node.name', 'node.marf_cache_strategy', 'node.mock_mining_output_dir', 'connection_options.stackerdb_hint_replicas'], otherwise: renamed,
  },
]
