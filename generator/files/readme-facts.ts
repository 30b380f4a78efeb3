/** What the README says of each service besides what the model knows. Figures are dated in the text around them. */

import { eventRelay, paths, ports } from '../catalogue/container.ts'
import { networkFacts } from '../catalogue/networks.ts'
import type { View } from '../render/template.ts'
import { bitcoinRpcPort } from '../stack/bitcoin.ts'
import { machineNeed, memoryNeed } from '../stack/memory.ts'
import type { Host, Stack } from '../stack/model.ts'
import { prunedMegabytes } from './bitcoin-conf.ts'
import { findService, signsForPox5 } from './views.ts'

const healthTexts = [
  { service: 'snapshot', healthy: 'It has ended with 0: the chain is in place. "starting" for hours is the download.', not: '`make logs S=snapshot` says what failed; it tries again by itself.' },
  { service: 'bitcoind', healthy: 'It answers. It may still be days behind: see `make status`.', not: 'Disk full, or a damaged block database.' },
  { service: 'stacks-signer', healthy: 'It runs and its metrics port answers. It does not say that it signs, or could begin: `make status` tells.', not: 'It cannot read its config, or hangs.' },
  { service: 'guard', healthy: 'It watches, or has nothing to watch. What it found, `make status` tells.', not: 'It refuses: another instance signs with this key. `make logs S=guard`.' },
  { service: eventRelay, healthy: 'It answers. Whether an observer takes its events, its log tells.', not: '`make logs S=event-relay`.' },
  { service: 'node-tls', healthy: 'nginx runs. Whether the link works, `make verify-tls` tells.', not: 'nginx hangs: `make logs S=node-tls`.' },
  { service: 'signer-tls', healthy: 'nginx runs. Whether the link works, `make verify-tls` tells.', not: 'nginx hangs: `make logs S=signer-tls`.' },
  { service: 'metrics', healthy: 'It answers. What it reads may still be away.', not: '`make logs S=metrics`.' },
  { service: 'prometheus', healthy: 'It answers.', not: 'It reads back what it had written, or its disk is full: `make logs S=prometheus`.' },
  { service: 'alertmanager', healthy: 'It answers. Whether messages arrive, `make alert-test` tells.', not: '`make logs S=alertmanager`.' },
  { service: 'grafana', healthy: 'It answers.', not: '`make logs S=grafana`.' },
  { service: 'sidekick', healthy: 'It answers. Whether it reaches node and API, its dashboard tells: Settings, Deployment check.', not: '`make logs S=sidekick`.' },
  { service: 'blackbox', healthy: 'It answers.', not: '`make logs S=blackbox`.' },
  { service: 'node-exporter', healthy: 'It answers.', not: '`make logs S=node-exporter`.' },
  { service: 'releases', healthy: 'It runs. Whether the list of releases answers, its log tells.', not: '`make logs S=releases`.' },
  { service: 'backup-copy', healthy: 'It waits for its time, or copies. Whether backups succeed, `make status` tells.', not: 'It hangs: `make logs S=backup-copy`.' },
  { service: 'backup', healthy: 'It waits for a copy, or stores one. Whether backups succeed, `make status` tells.', not: 'It hangs: `make logs S=backup`.' },
  { service: 'sbtc-backup', healthy: 'It waits, dumps or tries a dump out. Whether dumps are good, `make status` tells.', not: 'It hangs: `make logs S=sbtc-backup`.' },
  { service: 'stacks-node', healthy: 'Its RPC answers. "starting" for hours or days, while it waits for the others, is right.', not: 'It stopped answering: `make logs S=stacks-node`.' },
  { service: 'postgres', healthy: 'It takes connections.', not: 'Disk full, or a database of another version: `make logs S=postgres`.' },
  { service: 'sbtc-snapshot', healthy: 'It has ended with 0: the chain of the second node is in place.', not: '`make logs S=sbtc-snapshot` says what failed; it tries again by itself.' },
  { service: 'sbtc-bitcoind', healthy: 'It answers. It may still be days behind.', not: 'Disk full, or a damaged block database.' },
  { service: 'sbtc-stacks-node', healthy: 'Its RPC answers. "starting" for hours or days, while it waits for the others, is right.', not: 'It stopped answering: `make logs S=sbtc-stacks-node`.' },
  { service: 'sbtc-watch', healthy: 'sbtc-signer and blocklist-client answer. They have no health of their own: their images need hold no tool for it.', not: '`make logs S=sbtc-watch` says which does not answer.' },
] as const

/** What "healthy" means, for each service here that has a health check. */
export function healthRows(host: Host): readonly View[] {
  return healthTexts.filter(({ service }) => findService(host, service)?.health)
}

/** Ports that are not published, and from where they are reached. */
export function innerPorts({ tls, monitoring, bitcoin, sbtc }: Stack, host: Host): readonly View[] {
  const row = (name: string, port: number, use: string, reach?: string): readonly View[] => {
    const service = findService(host, name)
    return service ? [{ service: name, port, use, reach: reach ?? service.networks.join(', ') }] : []
  }
  const published = (answer: string) => host.services.some((service) => service.ports.some((port) => port.answer === answer))
  return [
    ...(published('NODE_RPC_PUBLISH') ? [] : row('stacks-node', ports.nodeRpc.number, 'RPC, for the signer')),
    ...row('stacks-signer', ports.signerEvents.number, 'Events from the node'),
    ...row(eventRelay, ports.eventRelay.number, 'Events for the first of `EVENT_OBSERVERS`; each further one has the next port', 'event-link'),
    ...row('stacks-signer', ports.signerMetrics.number, 'Metrics and health', monitoring ? 'metrics' : 'its own container'),
    ...(tls ? row('node-tls', tls.node.localPort, 'Events, on their way to the signer', 'node-link') : []),
    ...(tls ? row('signer-tls', tls.signer.localPort, 'RPC, on its way to the node', 'signer-link') : []),
    ...row('node-tls', ports.sidecarHealth.number, 'Health', 'its own container'),
    ...row('signer-tls', ports.sidecarHealth.number, 'Health', 'its own container'),
    ...row('bitcoind', ports.bitcoindNode.number, 'Blocks for the node'),
    ...row('sbtc-signer', ports.sbtcEvents.number, 'Events from its node, and what it says of itself', monitoring ? 'sbtc-node-link, sbtc-metrics' : 'sbtc-node-link'),
    ...row('sbtc-signer', ports.sbtcMetrics.number, 'Metrics', monitoring ? 'metrics' : 'its networks'),
    ...row('blocklist-client', ports.blocklist.number, 'Sanctioned addresses', 'sbtc-blocklist'),
    ...row('postgres', ports.postgres.number, 'The database; by password'),
    ...(sbtc ? row(sbtc.bitcoind, bitcoinRpcPort(bitcoin.chain), 'RPC; by password, the calls of the sBTC signer', monitoring && sbtc.pair ? 'sbtc-bitcoin-link; numbers alone: sbtc-metrics' : 'sbtc-bitcoin-link') : []),
    ...row('sbtc-bitcoind', ports.bitcoindNode.number, 'Blocks for its node', 'sbtc-bitcoin-link'),
    ...row('sbtc-stacks-node', ports.nodeRpc.number, 'RPC, for the sBTC signer', 'sbtc-node-link'),
    ...(monitoring ? [
      ...row('bitcoind', bitcoinRpcPort(bitcoin.chain), 'RPC; by password, numbers alone', 'node-metrics, bitcoin-link'),
      ...row('stacks-node', ports.nodeMetrics.number, 'Metrics', 'metrics'),
      ...row('sbtc-stacks-node', ports.nodeMetrics.number, 'Metrics', 'metrics'),
      ...(monitoring.port ? [] : row('metrics', ports.metrics.number, 'Numbers of signer, node and bitcoind', 'monitoring')),
      ...row('blackbox', ports.blackbox.number, 'Probes', 'monitoring'),
      ...row('node-exporter', ports.nodeExporter.number, 'Numbers of the machine', 'monitoring'),
      ...row('releases', ports.releases.number, 'Newer releases', 'monitoring'),
    ] : []),
  ]
}

const bitcoinDisk = { full: '1 TB', pruned: `100 GB: the newest ${prunedMegabytes / 1000} GB of blocks, and the index` } as const

/** What the machine must have; the larger where sources disagree. */
export function sizingRows(stack: Stack, host: Host): readonly View[] {
  const here = (name: string) => findService(host, name) !== undefined
  const { bitcoin } = stack
  const main = stack.network === 'mainnet'
  return [
    { what: 'Processor', need: `${stack.sbtc ? (stack.sbtc.alone || stack.sbtc.shared ? 6 : 10) : 4} cores; on amd64 with AVX2 (x86-64-v3)` },
    { what: 'Memory', need: memoryText(memoryNeed(host.services), machineNeed(host.services, stack.memoryGb)) },
    ...(bitcoin.kind === 'own' && here('bitcoind') ? [{ what: 'Disk for `bitcoin-data`', need: main ? bitcoinDisk[bitcoin.pruned ? 'pruned' : 'full'] : '50 GB' }] : []),
    ...(here('stacks-node') ? [{ what: 'Disk for `stacks-node-data`', need: main ? '2 TB, SSD' : '100 GB' }] : []),
    ...(here('stacks-signer') ? [{ what: 'Disk for `stacks-signer-data`', need: main ? '50 GB' : '10 GB' }] : []),
    ...(here('sbtc-bitcoind') ? [{ what: 'Disk for `sbtc-bitcoin-data`', need: main ? bitcoinDisk.full : '50 GB' }] : []),
    ...(here('sbtc-stacks-node') ? [{ what: 'Disk for `sbtc-stacks-node-data`', need: main ? '2 TB, SSD' : '100 GB' }] : []),
    ...(here('postgres') ? [{ what: 'Disk for `postgres-data`', need: '50 GB' }] : []),
  ]
}

const memoryText = (least: number, has: number): string => (has === least ? `${least} GB` : `${has} GB, as \`MEMORY\` says; ${least} GB at least`)

const troubles = [
  { service: 'node-tls', line: 'upstream SSL certificate verify error', means: 'The other host shows a certificate of another authority, or one that has run out: `make certs-status`.' },
  { service: 'signer-tls', line: 'upstream SSL certificate verify error', means: 'The other host shows a certificate of another authority, or one that has run out: `make certs-status`.' },
  { service: 'node-tls', line: ' 404 "', means: 'Something asked for what a signer does not need, and did not get it. From the signer\'s own address: a newer release may ask for more.' },
  { service: 'stacks-signer', line: 'Signer is not registered for reward cycle', means: 'No seat in that cycle. Right for a new signer, and for one below the threshold: see "Eligible is not signing".' },
  { service: 'stacks-signer', line: 'Failed to initialize signer runloop:', means: 'The node does not answer yet, or its RPC misses what this signer needs. It tries again by itself; if it lasts, look at the node.' },
  { service: 'stacks-signer', line: 'Event receiver thread joined', means: 'The signer ended by itself, with exit code 0. Docker starts it again; the lines before say why.' },
  { service: 'stacks-node', line: 'Start syncing Bitcoin headers, feel free to grab a cup of coffee', means: 'Right at the start. RPC and P2P open after this.' },
  { service: 'stacks-node', line: 'Failed to connect to peer', means: 'bitcoind is not reachable. The node retries for ever, at most a minute apart.' },
  { service: 'stacks-node', line: 'Failed to handshake with', means: 'What answers there is no Bitcoin peer that serves blocks, or breaks off: see that `BITCOIN_P2P_PORT` is the P2P port and not that of RPC.' },
  { service: 'stacks-node', line: 'Event dispatcher: connection or request failed to', means: 'The signer is away. The node stands still until it is back: `make start S=stacks-signer`.' },
  { service: eventRelay, line: 'its events wait', means: 'That observer does not take its events. They wait in memory; signer and node go on.' },
  { service: eventRelay, line: 'events are lost', means: 'That observer has missed events for good: with `retries=off`, or when no more fitted into the memory.' },
  { service: 'stacks-node', line: 'Event dispatcher: processing', means: 'Events from before a stop are handed to the signer first. Right.' },
  { service: 'stacks-node', line: 'Invalid config file:', means: 'The TOML cannot be read: `make check-config`.' },
  { service: 'stacks-node', line: 'Invalid config:', means: 'A key or value is refused, or a host name does not resolve: `make check-config`.' },
  { service: 'stacks-node', line: 'Process abort due to thread panic:', means: 'The text after it, or on the next lines, is the cause. A half-made chain is one: see "Recovery".' },
  { service: 'stacks-node', line: 'tried to retcon epoch', means: 'The chain was made with other epochs: by another release, or for another network. It is of no use here: see "Recovery".' },
  { service: 'sbtc-stacks-node', line: 'Event dispatcher: connection or request failed to', means: 'sbtc-signer is away, or refuses a block of more than 8 MiB with 413, as its release 1.3.3 does. The node stands still and tries for ever: it loses no event.' },
  { service: 'sbtc-watch', line: 'sbtc-signer does not answer', means: 'It ends with exit code 0 when one of its parts fails, and Docker starts it again: `make logs S=sbtc-signer` says which.' },
] as const

/** Log lines as the programs write them, and what they mean here. */
export function troubleRows(host: Host): readonly View[] {
  return troubles.filter(({ service }) => findService(host, service))
}

/** How large the chain's archive is said to be; unknown for the test network. */
export function archiveFacts(stack: Stack): View | undefined {
  return stack.network === 'mainnet' ? { packed: '205 to 500 GB', unpacked: '1 to 1.2 TB' } : undefined
}

/** The images here that their project signs: those of its own registry, since it moved there with 3.3.0.0.6. */
export function signedImages(host: Host): readonly View[] {
  return host.services.flatMap(({ image }) => ('repository' in image && image.repository.startsWith('ghcr.io/stacks-network/') ? [image.repository] : []))
    .filter((repository, index, all) => all.indexOf(repository) === index).map((repository) => ({ repository }))
}

/** What README says of the signer; undefined on a host without one. */
export function signerFacts(stack: Stack, host: Host): View | undefined {
  if (!findService(host, 'stacks-signer')) return undefined
  const main = stack.network === 'mainnet'
  const facts = networkFacts(stack.network, stack.nodeRelease)
  return {
    data: paths.signerData,
    pox5: signsForPox5(stack),
    slots: facts.slots ?? false,
    network: facts.signer.chain_id !== undefined && { name: stack.network, chainId: facts.chainId, api: facts.api ?? false },
    example: main && signsForPox5(stack) && 'In mainnet cycle 144 that was about 112,083 STX.',
  }
}
