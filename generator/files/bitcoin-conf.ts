/** `config/bitcoin.conf`: bitcoind for one follower node. It holds no secret. */

import { ports } from '../catalogue/container.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderKeyValue } from '../render/key-value.ts'
import type { Host, Stack } from '../stack/model.ts'

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
          ['rpcbind', '127.0.0.1'],
          ['rpcallowip', '127.0.0.1'],
          ...bitcoin.seedPeers.map((peer) => ['addnode', peer] as const),
        ],
      },
    ]),
    mode: 0o644,
  }
}
