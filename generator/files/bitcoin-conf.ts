/** `config/bitcoin.conf`: bitcoind for one follower node. It holds no secret: `init` completes it. */

import { ports } from '../catalogue/container.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderKeyValue } from '../render/key-value.ts'
import type { Host, Stack } from '../stack/model.ts'

/** The line that `init` completes with the hash of the password; docker/tools/fill.py knows it. */
export const rpcAuthPlaceholder = 'metrics:@BITCOIN_METRICS_RPCAUTH@'

/** Networks of containers lie in private ranges. */
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']

/** The calls that docker/tools/bitcoin.py makes, and no other. */
const metricsCalls = ['getblockchaininfo', 'getnetworkinfo', 'uptime']

/** Only bitcoin-cli in the container itself; where the stack is watched, also a user that may ask for numbers alone. */
function rpc({ monitoring }: Stack): readonly (readonly [string, string | number])[] {
  if (!monitoring) return [['rpcbind', '127.0.0.1'], ['rpcallowip', '127.0.0.1']]
  return [
    ['rpcbind', '0.0.0.0'],
    ...['127.0.0.1', ...privateRanges].map((range) => ['rpcallowip', range] as const),
    ['rpcauth', rpcAuthPlaceholder],
    ['rpcwhitelist', `metrics:${metricsCalls.join(',')}`],
    // Without it, bitcoin-cli in the container would be allowed nothing.
    ['rpcwhitelistdefault', 0],
  ]
}

/** Enough block files for about half a year, so that a node started from a recent snapshot finds what it asks for. */
export const prunedMegabytes = 50_000

export function bitcoinConfFile(stack: Stack, host: Host): PlannedFile {
  const { bitcoin } = stack
  return {
    path: `${host.directory}config/bitcoin.conf`,
    content: renderKeyValue(header, [
      {
        entries: [
          ['chain', bitcoin.chain],
          ['server', 1],
          ['disablewallet', 1],
          ['printtoconsole', 1],
          ['nodebuglogfile', 1],
          ['dbcache', 1024],
          ...(bitcoin.mode === 'pruned' ? [['prune', prunedMegabytes] as const] : []),
        ],
      },
      {
        name: bitcoin.chain === 'main' ? 'main' : 'regtest',
        comment: 'The second listener is for the stacks-node alone: it is never banned, is answered while bitcoind still\n'
          + 'syncs, and gets blocks from below a pruned node\'s usual limit.',
        entries: [
          ['listen', 1],
          ['bind', `0.0.0.0:${bitcoin.p2pPort}`],
          ['whitebind', `noban,download@0.0.0.0:${ports.bitcoindNode.number}`],
          ...rpc(stack),
          ...bitcoin.seedPeers.map((peer) => ['addnode', peer] as const),
        ],
      },
    ]),
    mode: 0o644,
  }
}
