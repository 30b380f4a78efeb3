/** Deployments of releases before 4.0, whose node and signer are numbered apart. */

import { compose, external, mainnetNode, observer, regtest, renamed, rpcPassword, signer, testnetNode, token, unusedRpc, type AdoptCase } from './case.ts'

const hidden = [token, rpcPassword]
const old = { ALLOW_UNSUPPORTED: 'yes' } as const
const hub = (node: string, signerTag: string) => compose(`blockstack/stacks-core:${node}`, `blockstack/stacks-signer:${signerTag}`)

export const before4: readonly AdoptCase[] = [
  {
    name: '3.1, the pair of the first documentation',
    files: {
      'signer-config.toml': signer('mainnet', 'tenure_last_block_proposal_timeout_secs = 120\nblock_proposal_timeout_ms = 180000\n'),
      'node-config.toml': mainnetNode({ options: 'private_neighbors = false' }),
      'docker-compose.yml': hub('3.1.0.0.13', '3.1.0.0.5.0'),
    },
    hidden,
    answers: {
      ...old, ...external, STACKS_NODE_VERSION: '3.1.0.0.13', STACKS_SIGNER_VERSION: '3.1.0.0.5.0',
      SIGNER__tenure_last_block_proposal_timeout_secs: '120', SIGNER__block_proposal_timeout_ms: '180000', NODE__connection_options__private_neighbors: 'false',
    },
    leftOut: unusedRpc, otherwise: renamed,
  },
  {
    name: '3.1, affirmation maps, which that release still knows',
    files: {
      'conf/Signer.toml': signer('mainnet'),
      'conf/Config.toml': mainnetNode({
        node: 'always_use_affirmation_maps = false\nrequire_affirmed_anchor_blocks = false\nprometheus_bind = "0.0.0.0:9153"',
        burnchain: 'peer_host = "bitcoin.example.net"\npeer_port = 8333\nast_precheck_size_height = 700000',
        more: '\n[[burnchain.affirmation_overrides]]\nreward_cycle = 413\naffirmation = "nnnnn"\n',
      }),
      'docker-compose.yml': compose('blockstack/stacks-blockchain:3.1.0.0.3-debian', 'blockstack/stacks-signer:3.1.0.0.3.0-debian'),
    },
    hidden,
    answers: {
      ...old, ...external, STACKS_NODE_VERSION: '3.1.0.0.3', STACKS_SIGNER_VERSION: '3.1.0.0.3.0', NODE__node__always_use_affirmation_maps: 'false',
      NODE__node__require_affirmed_anchor_blocks: 'false', NODE__node__prometheus_bind: '0.0.0.0:9153', NODE__burnchain__ast_precheck_size_height: '700000',
    },
    leftOut: [...unusedRpc, 'burnchain.affirmation_overrides'], otherwise: renamed,
  },
  {
    name: '3.1, testnet',
    files: {
      'signer.toml': signer('testnet', 'metrics_endpoint = "0.0.0.0:9154"\ndry_run = false\n'),
      'node.toml': testnetNode('3.1.0.0.3'),
      'compose.yaml': hub('3.1.0.0.8', '3.1.0.0.8.1'),
    },
    hidden,
    answers: { ...old, ...regtest, STACKS_NODE_VERSION: '3.1.0.0.8', STACKS_SIGNER_VERSION: '3.1.0.0.8.1', SIGNER__dry_run: 'false' },
    leftOut: [], otherwise: [...renamed, 'signer.metrics_endpoint'],
  },
  {
    name: '3.2, the official stacks-blockchain-docker, keys that the release refuses',
    files: {
      'conf/mainnet/Signer.toml': signer('mainnet').replace('stacks-node:', 'stacks-blockchain:'),
      'conf/mainnet/Config.toml': mainnetNode({
        node: 'always_use_affirmation_maps = true\nassume_present_anchor_blocks = true\nbootstrap_node = "02196f005965cebe6ddc3901b7b1cc1aa7a88f305bb8c5893456b8f9a605923893@seed.mainnet.hiro.so:20444"',
        more: '\n[[events_observer]]\nendpoint = "stacks-blockchain-api:3700"\nevents_keys = ["*"]\ntimeout_ms = 300_000\n',
      }),
      'conf/mainnet/bitcoin.conf': 'server=1\nrpcuser=stacks\nrpcpassword=another-rpc-password\nrpcallowip=0.0.0.0/0\n[main]\nbind=0.0.0.0:8333\n',
      '.env': 'STACKS_BLOCKCHAIN_VERSION=3.2.0.0.2\nSTACKS_SIGNER_VERSION=3.2.0.0.2.0\nSTACKS_CORE_P2P_PORT=21444\nPG_PASSWORD=postgres-password-1\n',
    },
    hidden: [...hidden, 'another-rpc-password', 'postgres-password-1'],
    answers: {
      ...old, ...external, STACKS_NODE_VERSION: '3.2.0.0.2', STACKS_SIGNER_VERSION: '3.2.0.0.2.0', NODE_P2P_PORT: '21444',
      NODE__node__bootstrap_node: '02196f005965cebe6ddc3901b7b1cc1aa7a88f305bb8c5893456b8f9a605923893@seed.mainnet.hiro.so:20444',
    },
    leftOut: [...unusedRpc, 'node.always_use_affirmation_maps', 'node.assume_present_anchor_blocks', 'events_observer[1].endpoint', 'events_observer[1].events_keys', 'events_observer[1].timeout_ms'],
    otherwise: [...renamed, 'signer.node_host', 'node.events_observer'],
  },
  {
    name: '3.2, a pruned bitcoind beside it',
    files: {
      'signer/signer-config.toml': signer('mainnet', 'tenure_idle_timeout_secs = 120\n'),
      'node/node-config.toml': mainnetNode({ burnchain: 'peer_host = "btc"\npeer_port = 8333' }),
      'bitcoin/bitcoin.conf': `# mine\nprune=55000\nrpcauth=stacks:${'ab'.repeat(16)}\nmaxconnections=12\ndbcache=512\n`,
      'docker-compose.yml': `name: my-signer
${hub('${NODE_TAG:-3.2.0.0.0}', '3.2.0.0.0.0')}
  btc:
    image: bitcoin/bitcoin:28.0
    ports: ["8332:8332", "8333:8333"]
`,
    },
    hidden: [...hidden, 'ab'.repeat(16)],
    answers: { ...old, BITCOIN_MODE: 'pruned', BITCOIN_P2P_PUBLISH: 'on', STACKS_NODE_VERSION: '3.2.0.0.0', STACKS_SIGNER_VERSION: '3.2.0.0.0.0', SIGNER__tenure_idle_timeout_secs: '120' },
    leftOut: unusedRpc, otherwise: [...renamed, 'node.burnchain.peer_host', 'node.burnchain.peer_port'],
  },
  {
    name: '3.3, alpine, another port for peers, a public address',
    files: {
      'signer-config.toml': signer('mainnet', 'capitulate_miner_view_timeout_secs = 20\n'),
      'node-config.toml': mainnetNode({ options: 'public_ip_address = "203.0.113.7:30444"\nnum_neighbors = 48\nwalk_seed_probability = 0.05' }),
      'docker-compose.yml': compose('blockstack/stacks-core:3.3.0.0.5-alpine', 'blockstack/stacks-signer:3.3.0.0.5.0-alpine').replace('20444:20444', '30444:20444'),
    },
    hidden,
    answers: {
      ...old, ...external, IMAGE_VARIANT: 'alpine', STACKS_NODE_VERSION: '3.3.0.0.5', STACKS_SIGNER_VERSION: '3.3.0.0.5.0', NODE_P2P_PORT: '30444', PUBLIC_ADDRESS: '203.0.113.7:30444',
      SIGNER__capitulate_miner_view_timeout_secs: '20', NODE__connection_options__num_neighbors: '48', NODE__connection_options__walk_seed_probability: '0.05',
    },
    leftOut: unusedRpc, otherwise: renamed,
  },
  {
    name: '3.3, testnet, an observer with a setting of its own',
    files: {
      'signer.toml': signer('testnet'),
      'node.toml': testnetNode('3.3.0.0.0').replace(observer, `${observer}timeout_ms = 60000\ndisable_retries = true\n`),
      'docker-compose.yml': hub('3.3.0.0.0', '3.3.0.0.0.0'),
    },
    hidden,
    answers: { ...old, ...regtest, STACKS_NODE_VERSION: '3.3.0.0.0', STACKS_SIGNER_VERSION: '3.3.0.0.0.0', SIGNER_OBSERVER_TIMEOUT_MS: '60000' },
    leftOut: ['events_observer[0].disable_retries'], otherwise: [...renamed, 'node.events_observer'],
  },
  {
    name: '3.4, the new registry, every key of the signer, keys of the node at many types',
    files: {
      'signer-config.toml': signer('mainnet', ['event_timeout_ms = 5000', 'first_proposal_burn_block_timing_secs = 60', 'block_proposal_max_age_secs = 600', 'dry_run = true', 'tenure_idle_timeout_buffer_secs = 2',
        'reorg_attempts_activity_timeout_ms = 200_000', 'proposal_wait_for_parent_time_secs = 15', 'validate_with_replay_tx = false', 'stackerdb_timeout_secs = 120', 'reset_replay_set_after_fork_blocks = 2',
        'read_count_idle_timeout_secs = 20', 'chain_id = 1', ''].join('\n'), '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'),
      'node-config.toml': mainnetNode({
        node: 'stacker_dbs = ["SP000000000000000000002Q6VF78.one", "SP000000000000000000002Q6VF78.two"]\ntxindex = true\nevent_dispatcher_blocking = false\nevent_dispatcher_queue_size = 500\nname = "{{ name }} $HOME # ünïcödé"',
        more: '\n[fee_estimation]\nfee_rate_fuzzer_fraction = 0.1\ndisabled = false\n\n[miner]\nnonce_cache_size = 1_048_576\n',
      }),
      'docker-compose.yml': compose('ghcr.io/stacks-network/stacks-core:3.4.0.0.4', 'ghcr.io/stacks-network/stacks-signer:3.4.0.0.4.0', '    platform: linux/amd64\n'),
    },
    hidden: [...hidden, '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a6'],
    answers: {
      ...old, ...external, PLATFORM: 'linux/amd64', STACKS_NODE_VERSION: '3.4.0.0.4', STACKS_SIGNER_VERSION: '3.4.0.0.4.0', SIGNER__event_timeout_ms: '5000', SIGNER__first_proposal_burn_block_timing_secs: '60',
      SIGNER__block_proposal_max_age_secs: '600', SIGNER__dry_run: 'true', SIGNER__tenure_idle_timeout_buffer_secs: '2', SIGNER__reorg_attempts_activity_timeout_ms: '200000',
      SIGNER__proposal_wait_for_parent_time_secs: '15', SIGNER__validate_with_replay_tx: 'false', SIGNER__stackerdb_timeout_secs: '120', SIGNER__reset_replay_set_after_fork_blocks: '2',
      SIGNER__read_count_idle_timeout_secs: '20', SIGNER__chain_id: '1', NODE__node__stacker_dbs: 'SP000000000000000000002Q6VF78.one,SP000000000000000000002Q6VF78.two', NODE__node__txindex: 'true',
      NODE__node__event_dispatcher_blocking: 'false', NODE__node__event_dispatcher_queue_size: '500', NODE__node__name: '{{ name }} $HOME # ünïcödé', NODE__fee_estimation__fee_rate_fuzzer_fraction: '0.1',
      NODE__fee_estimation__disabled: 'false', NODE__miner__nonce_cache_size: '1048576',
    },
    leftOut: unusedRpc, otherwise: renamed,
  },
  {
    name: '3.4, an older testnet than the release knows',
    files: { 'signer.toml': signer('testnet'), 'node.toml': testnetNode('3.1.0.0.1'), 'docker-compose.yml': compose('ghcr.io/stacks-network/stacks-core:3.4.0.0.1', 'ghcr.io/stacks-network/stacks-signer:3.4.0.0.1.0') },
    hidden,
    answers: { ...old, ...regtest, STACKS_NODE_VERSION: '3.4.0.0.1', STACKS_SIGNER_VERSION: '3.4.0.0.1.0' },
    leftOut: [], otherwise: [...renamed, 'node.burnchain.epochs'],
  },
]
