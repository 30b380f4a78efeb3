/** The services of a stack, each with only what its program needs. */

import { paths, ports, users } from '../catalogue/container.ts'
import { health, httpHealth, longStart } from './health.ts'
import { memoryLimit } from './memory.ts'
import type { ImageRef, Mount, OwnBitcoin, PublishedPort, Role, Service, SnapshotSettings, TlsEnd } from './model.ts'
import { folder, volume } from './mounts.ts'
import { programCommand, runsProgram } from './programs.ts'

/** What most services have in common. */
const longRunning = {
  environment: {}, ports: [], secrets: [], after: ['init'], stopsBefore: [], lifetime: 'long-running' as const, capabilities: [], temporary: [],
  configFiles: [], networks: [],
} satisfies Partial<Service>

/** What a second one of its kind is called, and where its data lies. */
export interface Second {
  readonly name: string
  readonly config: string
  readonly data: string
  /** Its configuration, in config/ and in its volume. */
  readonly file: string
}

/** Fetches, verifies and unpacks the chainstate archive once, and ends. A later start finds that it is done. */
export function snapshotService(
  nodejs: ImageRef, snapshot: SnapshotSettings, { name, volume: data, network } = { name: 'snapshot', volume: 'stacks-node-data', network: 'snapshot' },
): Service {
  const archive = snapshot.file === undefined ? undefined : archiveMount(snapshot.file)
  return {
    ...longRunning,
    name,
    purpose: 'Fetches the chainstate archive once; ends when it is in place',
    ...runsProgram('snapshot', nodejs),
    lifetime: 'until-done',
    user: users.stacksNode,
    command: [],
    environment: {
      // Buffers are freed with the objects that they belong to: the younger those die, the fewer wait for it.
      NODE_OPTIONS: `--max-old-space-size=${memoryLimit(name) / 2} --max-semi-space-size=1`,
      SNAPSHOT_URL: archive ? archive.url : snapshot.url,
      NETWORK_DIR: snapshot.networkDirectory,
      ...(snapshot.sha256 && { SNAPSHOT_SHA256: snapshot.sha256 }),
      SNAPSHOT_MODE: snapshot.mode,
      SNAPSHOT_CONNECTIONS: String(snapshot.connections),
    },
    networks: [network],
    mounts: [volume(data, paths.nodeData), ...(archive ? [archive.mount] : [])],
    health: health(programCommand('snapshot', '--health'), longStart),
    stopGrace: '30s',
    pids: 128,
    temporary: ['/tmp'],
  }
}

/** An archive of the host, and what it is called in the container. */
function archiveMount(file: string): { readonly url: string; readonly mount: Mount } {
  const name = file.slice(file.lastIndexOf('/') + 1)
  return { url: `file://${paths.archive}/${encodeURIComponent(name)}`, mount: folder(file, `${paths.archive}/${name}`) }
}

const firstBitcoind: Second = { name: 'bitcoind', config: 'bitcoin-config', data: 'bitcoin-data', file: 'bitcoin.conf' }

export function bitcoindService(image: ImageRef, bitcoin: OwnBitcoin, publish: boolean, { name, config, data, file } = firstBitcoind): Service {
  const where = [`-conf=${paths.bitcoinConfig}/${file}`, `-datadir=${paths.bitcoinData}`]
  const published: PublishedPort = {
    host: bitcoin.p2pPort, container: bitcoin.p2pPort, protocol: 'tcp', purpose: 'Bitcoin peers', answer: 'BITCOIN_P2P_PUBLISH',
  }
  return {
    ...longRunning,
    name,
    purpose: `Bitcoin ${bitcoin.pruned ? 'pruned' : 'full'} node, the chain that the stacks-node follows`,
    image,
    user: users.bitcoind,
    entrypoint: ['bitcoind'],
    command: where,
    networks: ['bitcoin-p2p', 'bitcoin-link'],
    ports: publish ? [published] : [],
    mounts: [volume(config, paths.bitcoinConfig, true), volume(data, paths.bitcoinData)],
    health: health(['bitcoin-cli', ...where, 'getblockchaininfo'], '1h'),
    // As contrib/init/bitcoind.service of Bitcoin Core. A killed bitcoind may have to reindex for days.
    stopGrace: '10m',
    pids: 512,
    openFiles: 16384,
    temporary: ['/tmp'],
    configFiles: [`config/${file}`],
  }
}

/** A change of role is another container: one that signs does not go on as a standby's. */
export function ofRole(role: Role): Readonly<Record<string, string>> {
  return role === 'standby' ? { ROLE: role } : {}
}

/**
 * `after` is what must not vanish before the signer: its own sidecar, where there is one.
 */
export function signerService(image: ImageRef, role: Role, after: readonly string[] = []): Service {
  return {
    ...longRunning,
    name: 'stacks-signer',
    purpose: 'Validates and signs blocks; talks to its node alone',
    image,
    targetPrograms: ['handover'],
    user: users.stacksSigner,
    entrypoint: ['/bin/sh', `${paths.signerConfig}/stacks-signer.sh`],
    command: ['/bin/stacks-signer', 'run', '--config', `${paths.signerConfig}/signer-config.toml`],
    environment: ofRole(role),
    after: ['init', ...after],
    networks: ['signer-link'],
    mounts: [volume('stacks-signer-config', paths.signerConfig, true), volume('stacks-signer-data', paths.signerData)],
    // It waits for the guard, which waits for the node.
    health: httpHealth(paths.signerConfig, ports.signerMetrics.number, '/', longStart),
    // The signer installs no signal handler, so it ends at once under an init process.
    stopGrace: '10s',
    pids: 512,
    openFiles: 16384,
    temporary: ['/tmp'],
    configFiles: ['config/signer-config.toml', 'docker/gate/http-get.sh', 'docker/gate/stacks-signer.sh'],
  }
}

/**
 * Watches the signer's slots through `node`, host:port of an RPC, before the signer starts and until it has written itself.
 * It has no key, and shares no network with the signer; what it finds lies beside the signer's database.
 */
export function guardService(nodejs: ImageRef, node: string, lanes: readonly string[], guard: 'on' | 'off'): Service {
  return {
    ...longRunning,
    name: 'guard',
    purpose: guard === 'off' ? 'Off: lets the signer start without a check' : 'Lets the signer start only when nobody else signs with its key',
    ...runsProgram('guard', nodejs),
    user: users.stacksSigner,
    command: [],
    environment: { NODE_RPC: node, LANES: lanes.join(','), ...(guard === 'off' && { DOPPELGANGER_GUARD: guard }) },
    networks: ['guard-link'],
    mounts: [volume('stacks-signer-data', paths.signerData)],
    health: health(programCommand('guard', '--health'), '1m'),
    stopGrace: '10s',
    pids: 64,
    temporary: ['/tmp'],
  }
}

const firstNode: Second = { name: 'stacks-node', config: 'stacks-node-config', data: 'stacks-node-data', file: 'node-config.toml' }

/**
 * `after` is stopped after the node, which hands its last events to the signer and would hang on one that is gone;
 * `stopsBefore` are those of it that lie on that way.
 */
export function nodeService(
  image: ImageRef, gate: Readonly<Record<string, string>>, networks: readonly string[], published: readonly PublishedPort[],
  after: readonly string[], stopsBefore: readonly string[], { name, config, data, file } = firstNode,
): Service {
  return {
    ...longRunning,
    name,
    purpose: 'Follows the Stacks chain; starts when snapshot, bitcoind and signer are there',
    image,
    user: users.stacksNode,
    entrypoint: ['/bin/sh', `${paths.nodeConfig}/stacks-node.sh`],
    command: ['/bin/stacks-node', 'start', '--config', `${paths.nodeConfig}/${file}`],
    // The sBTC signer waits for no guard.
    environment: name === 'stacks-node' ? { ...gate, ALONE_CONFIG: `${paths.nodeConfig}/node-config-alone.toml`, ALONE_AFTER: '30' } : gate,
    after: ['init', ...after],
    // A node whose signer goes away under it hangs in its own stop, until it is killed.
    stopsBefore,
    networks,
    ports: published,
    mounts: [volume(config, paths.nodeConfig, true), volume(data, paths.nodeData)],
    health: httpHealth(paths.nodeConfig, ports.nodeRpc.number, '/v2/info', longStart),
    // stacks-blockchain-docker gives it 1200 s, since "during sync it can take a long time to stop the runloop"; the systemd units of the Stacks documentation 600 s.
    stopGrace: '20m',
    pids: 1024,
    openFiles: 16384,
    temporary: ['/tmp'],
    configFiles: [`config/${file}`, 'docker/gate/http-get.sh', 'docker/gate/stacks-node.sh'],
  }
}

/** nginx at one end of the TLS link: plain HTTP to its own program alone, TLS to the other end alone. */
export function sidecarService(image: ImageRef, end: TlsEnd, networks: readonly string[], published: boolean): Service {
  const node = end.service === 'node-tls'
  const directory = node ? paths.nodeTls : paths.signerTls
  const wire: PublishedPort = {
    host: end.port, container: (node ? ports.nodeTls : ports.signerTls).number, protocol: 'tcp', purpose: `TLS from the ${node ? 'signer' : 'node'}'s host, and from nowhere else`,
    answer: node ? 'NODE_TLS_PORT' : 'SIGNER_TLS_PORT',
  }
  return {
    ...longRunning,
    name: end.service,
    purpose: node ? 'Carries events to the signer and the signer\'s calls to the node, over mutual TLS' : 'Carries calls to the node and the node\'s events to the signer, over mutual TLS',
    image,
    user: users.sidecar,
    entrypoint: ['nginx'],
    command: ['-c', `${directory}/${end.service}.conf`, '-g', 'daemon off;'],
    networks,
    ports: published ? [wire] : [],
    mounts: [volume(`${end.service}-config`, directory, true)],
    health: httpHealth(directory, ports.sidecarHealth.number, '/healthy', '1m'),
    // It finishes the requests at hand; no source says how long one may take.
    stopGrace: '30s',
    pids: 64,
    openFiles: 16384,
    // A large body is taken whole before it is sent on.
    temporary: ['/tmp:size=640m'],
    configFiles: [`config/nginx/${end.service}.conf`, 'docker/gate/http-get.sh'],
  }
}
