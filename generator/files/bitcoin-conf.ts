/** `config/bitcoin.conf` and `config/sbtc-bitcoin.conf`: bitcoind for one follower node. They hold no secret: `init` completes them. */

import { bitcoinMetricsUser, placeholder, ports } from '../catalogue/container.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderKeyValue } from '../render/key-value.ts'
import { sbtcBitcoinCalls } from '../catalogue/sbtc.ts'
import { bitcoinCache } from '../stack/memory.ts'
import type { Host, OwnBitcoin, Sbtc, Stack } from '../stack/model.ts'
import { bitcoinUser } from '../stack/sbtc-configs.ts'

/** The lines that `init` completes with the hash of a password. */
export const rpcAuthPlaceholder = `${bitcoinMetricsUser}:${placeholder('BITCOIN_METRICS_RPCAUTH')}`
const sbtcAuthPlaceholder = `${bitcoinUser}:${placeholder('SBTC_BITCOIN_RPCAUTH')}`

/** Networks of containers lie in private ranges. */
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']

/** The calls that docker/programs/metrics makes, and no other. */
const metricsCalls = ['getblockchaininfo', 'getnetworkinfo', 'uptime']

/**
 * Only bitcoin-cli in the container itself; where the stack is watched, also a user that may ask for numbers alone; and
 * the sBTC signer, with the calls that it makes, from its own network.
 */
function rpc(monitored: boolean, sbtc: Sbtc | undefined): readonly (readonly [string, string | number])[] {
  if (!monitored && !sbtc) return [['rpcbind', '127.0.0.1'], ['rpcallowip', '127.0.0.1']]
  return [
    ...(monitored ? [['rpcbind', '0.0.0.0'] as const] : ['127.0.0.1', sbtc!.subnet.bitcoind].map((address) => ['rpcbind', address] as const)),
    ...['127.0.0.1', ...(monitored ? privateRanges : []), ...(sbtc ? [sbtc.subnet.network] : [])].map((range) => ['rpcallowip', range] as const),
    ...(monitored ? [['rpcauth', rpcAuthPlaceholder], ['rpcwhitelist', `${bitcoinMetricsUser}:${metricsCalls.join(',')}`]] as const : []),
    ...(sbtc ? [['rpcauth', sbtcAuthPlaceholder], ['rpcwhitelist', `${bitcoinUser}:${sbtcBitcoinCalls.join(',')}`]] as const : []),
    // Without it, bitcoin-cli in the container would be allowed nothing.
    ['rpcwhitelistdefault', 0],
  ]
}

/** Enough block files for about half a year, so that a node started from a recent snapshot finds what it asks for. */
export const prunedMegabytes = 50_000

export function bitcoinConfFile(bitcoin: OwnBitcoin, { monitoring, sbtc }: Stack, host: Host): PlannedFile {
  return confFile(host, 'bitcoind', 'bitcoin.conf', bitcoin, rpc(monitoring !== undefined, sbtc?.shared ? sbtc : undefined))
}

/** The second bitcoind, which is for the sBTC signer and its node. */
export function sbtcBitcoinConfFile(bitcoin: OwnBitcoin, sbtc: Sbtc, monitored: boolean, host: Host): PlannedFile {
  return confFile(host, 'sbtc-bitcoind', 'sbtc-bitcoin.conf', bitcoin, rpc(monitored, sbtc))
}

function confFile({ directory, resources }: Host, service: string, file: string, bitcoin: OwnBitcoin, calls: ReturnType<typeof rpc>): PlannedFile {
  return {
    path: `${directory}config/${file}`,
    content: renderKeyValue(header, [
      {
        entries: [
          ['chain', bitcoin.chain],
          ...(bitcoin.challenge ? [['signetchallenge', bitcoin.challenge] as const] : []),
          ['server', 1],
          ['disablewallet', 1],
          ['printtoconsole', 1],
          ['nodebuglogfile', 1],
          ['dbcache', bitcoinCache(resources[service]!)],
          ...(bitcoin.pruned ? [['prune', prunedMegabytes] as const] : []),
        ],
      },
      {
        name: bitcoin.chain,
        comment: 'The second listener is for the stacks-node alone: it is never banned, is answered while bitcoind still\n'
          + 'syncs, and gets blocks from below a pruned node\'s usual limit.',
        entries: [
          ['listen', 1],
          ['bind', `0.0.0.0:${bitcoin.p2pPort}`],
          ['whitebind', `noban,download@0.0.0.0:${ports.bitcoindNode.number}`],
          ...calls,
          ...bitcoin.seedPeers.map((peer) => ['addnode', peer] as const),
        ],
      },
    ]),
    mode: 0o644,
  }
}
