/** What the README says of each service besides what the model knows. Figures are dated in the text around them. */

import { eventRelay, paths } from '../catalogue/container.ts'
import { networkFacts } from '../catalogue/networks.ts'
import type { View } from '../render/template.ts'
import { machineNeed, memoryNeed } from '../stack/memory.ts'
import type { Host, Stack } from '../stack/model.ts'
import { prunedMegabytes } from './bitcoin-conf.ts'
import { findService, signsForPox5 } from './views.ts'

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
  { service: 'stacks-signer', line: 'Signer is not registered for reward cycle', means: 'The signer has no slot in that cycle: see "Eligible is not signing".' },
  { service: 'stacks-signer', line: 'Failed to initialize signer runloop:', means: 'The node does not answer yet, or its RPC misses what this signer needs. It tries again by itself; if it lasts, look at the node.' },
  { service: 'stacks-signer', line: 'Event receiver thread joined', means: 'The signer ended by itself, with exit code 0. Docker starts it again; the lines before say why.' },
  { service: 'stacks-node', line: 'Failed to connect to peer', means: 'bitcoind is not reachable. The node retries for ever, at most a minute apart.' },
  { service: 'stacks-node', line: 'Failed to handshake with', means: 'What answers there is no Bitcoin peer that serves blocks, or breaks off: see that `BITCOIN_P2P_PORT` is the P2P port and not that of RPC.' },
  { service: 'stacks-node', line: 'Event dispatcher: connection or request failed to', means: 'The signer does not run. The node waits for it: `make start S=stacks-signer`.' },
  { service: eventRelay, line: 'its events wait', means: 'That observer does not take its events. They wait in memory; signer and node go on.' },
  { service: eventRelay, line: 'events are lost', means: 'That observer has missed events for good: with `retries=off`, or when no more fitted into the memory.' },
  { service: 'stacks-node', line: 'Invalid config', means: 'The TOML cannot be read, a key or value is refused, or a host name does not resolve: `make check-config`.' },
  { service: 'stacks-node', line: 'Process abort due to thread panic:', means: 'The text after it, or on the next lines, is the cause. A half-made chain is one: see "Recovery".' },
  { service: 'stacks-node', line: 'tried to retcon epoch', means: 'The chain was made with other epochs: by another release, or for another network. It cannot be used here: see "Recovery".' },
  { service: 'sbtc-stacks-node', line: 'Event dispatcher: connection or request failed to', means: 'sbtc-signer does not run, or refuses a block of more than 8 MiB with 413, as its release 1.3.3 does. The node waits and tries again: it loses no event.' },
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
