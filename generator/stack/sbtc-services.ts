/** The services of an sBTC signer, besides the nodes that it stands on. */

import { paths, ports, users } from '../catalogue/container.ts'
import { health } from './health.ts'
import type { ImageRef, Mount, PublishedPort, Sbtc, Service } from './model.ts'
import { volume } from './mounts.ts'
import { programCommand, runsProgram } from './programs.ts'
import { databaseName } from './sbtc-configs.ts'

const config = (name: string, target: string): Mount => volume(name, target, true)

const service = {
  environment: {}, ports: [], secrets: [], after: ['init'], stopsBefore: [], lifetime: 'long-running', capabilities: [], temporary: ['/tmp'],
  configFiles: [], networks: [], mounts: [], pids: 128, stopGrace: '30s',
} as const satisfies Partial<Service>

/** What `sbtc-watch` says of its health: what it asks hold no tool to ask themselves. `first` must have ended well before it starts. */
export function sbtcSignerService(image: ImageRef, { bitcoind, p2pPort, quic }: Sbtc, first: readonly string[]): Service {
  const published = (protocol: 'tcp' | 'udp'): PublishedPort => ({ host: p2pPort, container: ports.sbtcP2p.number, protocol, purpose: 'sBTC signers', answer: 'SBTC_P2P_PORT' })
  return {
    ...service,
    name: 'sbtc-signer',
    purpose: 'Signs deposits and withdrawals of sBTC, with the other admitted signers',
    image,
    targetPrograms: ['sealed'],
    user: users.sbtcSigner,
    entrypoint: ['/usr/local/bin/signer'],
    command: ['--config', `${paths.sbtcSignerConfig}/sbtc-signer.toml`, '--migrate-db'],
    networks: ['sbtc-p2p', 'sbtc-database', 'sbtc-blocklist', 'sbtc-bitcoin-link', 'sbtc-node-link'],
    ports: [published('tcp'), ...(quic ? [published('udp')] : [])],
    mounts: [config('sbtc-signer-config', paths.sbtcSignerConfig)],
    after: ['init', ...first, 'postgres', 'blocklist-client', bitcoind],
    stopsBefore: ['postgres', bitcoind],
    // No source says how long; release 1.3.3 was seen to end within a second.
    stopGrace: '1m',
    pids: 512,
    openFiles: 16384,
    configFiles: ['config/sbtc-signer.toml'],
  }
}

export function blocklistService(image: ImageRef): Service {
  return {
    ...service,
    name: 'blocklist-client',
    purpose: 'Tells the sBTC signer which addresses are sanctioned',
    image,
    user: users.blocklist,
    entrypoint: ['/usr/local/bin/blocklist-client'],
    command: ['-c', `${paths.blocklistConfig}/blocklist-client.toml`],
    networks: ['sbtc-blocklist', 'sbtc-sanctions'],
    mounts: [config('blocklist-config', paths.blocklistConfig)],
    configFiles: ['config/blocklist-client.toml'],
  }
}

export function postgresService(image: ImageRef): Service {
  return {
    ...service,
    name: 'postgres',
    purpose: 'The database of the sBTC signer: its shares of the keys, among others',
    image,
    user: users.postgres,
    entrypoint: ['/bin/sh', `${paths.postgresConfig}/postgres.sh`],
    command: [],
    networks: ['sbtc-database'],
    mounts: [config('postgres-config', paths.postgresConfig), volume('postgres-data', paths.postgresData)],
    health: health(['pg_isready', `--username=${databaseName}`, `--dbname=${databaseName}`], '5m'),
    // SIGTERM would wait for whoever is connected.
    stopSignal: 'SIGINT',
    // The Dockerfile of the image: a kill likely corrupts data, and "even 90 seconds may not be long enough". How long is enough no source says.
    stopGrace: '5m',
    pids: 256,
    temporary: ['/tmp', '/var/run/postgresql'],
    configFiles: ['config/postgres/pg_hba.conf', 'config/postgres/postgresql.conf', 'docker/gate/postgres.sh'],
  }
}

/** The images of sBTC may come to hold no shell, so their health is asked for from here; what it needs to know is public. */
export function sbtcWatchService(nodejs: ImageRef, { node, deployer, signingSet, required, identity }: Sbtc): Service {
  return {
    ...service,
    name: 'sbtc-watch',
    purpose: 'Asks the sBTC signer and its blocklist client whether they answer, and compares the signer set with the chain',
    ...runsProgram('sbtc-watch', nodejs),
    user: users.metrics,
    command: [],
    environment: {
      SBTC_SIGNER: `sbtc-signer:${ports.sbtcEvents.number}`,
      BLOCKLIST: `blocklist-client:${ports.blocklist.number}`,
      NODE_RPC: `${node}:${ports.nodeRpc.number}`,
      DEPLOYER: deployer,
      SIGNING_SET: signingSet.join(','),
      SIGNATURES_REQUIRED: String(required),
      ...(identity && { SBTC_IDENTITY: identity.publicKey }),
    },
    networks: ['sbtc-node-link', 'sbtc-blocklist'],
    health: health(programCommand('sbtc-watch', '--health'), '1h'),
    stopGrace: '10s',
    pids: 64,
  }
}
