/** The runbook's sections about the node and bitcoind. */

import type { Section } from './section.ts'

const bitcoinFirst = { needs: ['bitcoin'], text: '`make bitcoin-cli ARGS=getblockchaininfo`: the node goes no further than its bitcoind.' } as const
const tip = '`make rpc ENDPOINT=/v3/health`: `difference_from_max_peer` shows how far ahead the peers are. Check an explorer too.'
const nodeLog = '`make logs S=stacks-node`.'

export const nodeSections: readonly Section[] = [
  {
    name: 'NodeDown',
    means: 'The node\'s metrics cannot be read. At the first start that is right for hours: it waits for the snapshot, bitcoind and the headers. Later, the node is down, and the signer cannot sign.',
    check: ['`make status`: is it up, starting, or restarting?', '`make logs S=stacks-node`: "gate: waiting for" says what for.', bitcoinFirst],
    remedy: ['`make start S=stacks-node` where it is stopped.', 'It ends again and again: "Troubleshooting" and "Recovery" in README.md.',
      'During the first start, `SIGNER_REGISTERED=no` in `answers.env` makes this a warning.'],
  },
  {
    name: 'NodeRpcDown',
    means: 'The node runs, and its RPC does not answer. The signer cannot work with it.',
    check: ['`make rpc ENDPOINT=/v2/info`: does it answer from inside?', nodeLog],
    remedy: ['It migrates a database or catches up after a long stop: wait, and watch the log.',
      { needs: ['signer'], text: 'A node whose signer went away hangs: `make start S=stacks-signer`.' }, { without: ['signer'], text: 'A node whose signer went away hangs: is the signer\'s host well?' },
      'It hangs all the same: `make restart S=stacks-node`.'],
  },
  {
    name: 'NodeTipStalled',
    means: 'The node has got no new Stacks block for a while. Either it is cut off, or the whole network stands still.',
    check: [tip, bitcoinFirst, nodeLog],
    remedy: ['The network stands still: nothing to do here, follow the announcements.', 'Only this node: the section NodeFewPeers, then `make restart S=stacks-node`.',
      'A release that forked off stops for ever: "Upgrade" in README.md.'],
  },
  {
    name: 'NodeBehindPeers',
    means: 'Its peers have Stacks blocks that this node has not. A signer on it rejects or misses what it does not know.',
    check: [tip, nodeLog, 'Is the machine busy, or the disk slow?'],
    remedy: ['After a stop it catches up by itself: watch that the number falls.', 'It does not fall: `make restart S=stacks-node`.',
      { needs: ['snapshot'], text: 'Days behind, a newer archive is faster: "The snapshot" in README.md.' }],
  },
  {
    name: 'NodeBehindBitcoin',
    means: 'bitcoind has blocks that the node has not processed. One in flight is normal.',
    check: ['`make status` shows both heights.', nodeLog],
    remedy: ['It does not catch up within the hour: `make restart S=stacks-node`.'],
  },
  {
    name: 'NodeFewPeers',
    means: 'The node knows few others. Without any it hears of no block.',
    check: ['Is the P2P port of "Ports" in README.md open in the firewall?', '`make logs S=stacks-node`: refused or timed-out connections?'],
    remedy: ['Open the port; set `PUBLIC_ADDRESS` where the machine stands behind a translated address.', '`make restart S=stacks-node` asks the bootstrap peers again.'],
  },
  {
    name: 'NodeBug',
    means: 'The node counted an error that its authors hold for impossible. It may go on well.',
    check: ['`make logs S=stacks-node` around the time of the alert.', '`make status`: does the tip move?'],
    remedy: ['Tell it upstream, with the release and the log. Look whether a newer release mentions it.'],
  },
  {
    name: 'BitcoindDown',
    means: 'bitcoind\'s RPC does not answer. In its first minutes, while it loads its index, that is right.',
    check: ['`make ps`, then `make logs S=bitcoind`.', 'Is its disk full?'],
    remedy: ['`make start S=bitcoind` where it is stopped.', 'A damaged block database: "Recovery" in README.md.'],
  },
  {
    name: 'BitcoinNoBlock',
    means: 'No Bitcoin block for longer than chance explains well. Stacks stands still as long.',
    check: ['`make bitcoin-cli ARGS=getblockchaininfo`; compare with a public explorer.', '`make bitcoin-cli ARGS=getnetworkinfo`: how many connections?'],
    remedy: ['The explorer shows the same height: wait.', 'It is ahead: the section BitcoinFewPeers, then `make restart S=bitcoind`.'],
  },
  {
    name: 'BitcoinFewPeers',
    means: 'bitcoind has fewer connections than it makes by itself.',
    check: ['`make bitcoin-cli ARGS=getnetworkinfo`.', 'Does the firewall let outbound connections through?'],
    remedy: ['`make restart S=bitcoind` looks for new ones.'],
  },
  {
    name: 'BitcoinSyncing',
    means: 'bitcoind has not read the whole chain. After a stop that passes in minutes; from nothing it takes days.',
    check: ['`make status` shows the progress.'],
    remedy: ['Wait, if it moves. If not: `make logs S=bitcoind`, and the disk.'],
  },
]
