/** The runbook's sections about the signer. */

import type { Section, Step } from './section.ts'

const log: Step = '`make logs S=stacks-signer`: its last lines say what it waits for.'
const nodeStatus: Step = { needs: ['node'], text: '`make status`: does the node answer, and does its tip move?' }
const link: Step = { needs: ['certificates'], text: '`make verify-tls`: does the link between signer and node work from end to end?' }
const otherHost: Step = { without: ['node'], text: '`make status` on the node\'s host: does the node answer, and does its tip move?' }
const notTwice: Step = '**Never start the key elsewhere to get over this.** One key runs once; a second signer contradicts the first.'

const registering: Step = { needs: ['signer'], text: 'How to register: "Registering the signer" in README.md.' }
const behind: Step = { without: ['node'], text: 'A node that is behind: the runbook of the node\'s host.' }

export const signerSections: readonly Section[] = [
  {
    name: 'SignerDown',
    means: 'The signer\'s metrics cannot be read. Most often the container is stopped or starts again and again; it may also sign well, with a metrics port that could not be opened.',
    check: ['`make ps`: is `stacks-signer` up, and for how long?', log, '`make signer-info`: it answers where only the scraping is broken.'],
    remedy: ['`make start S=stacks-signer` starts it where it is stopped.', '`make check-config` where its log speaks of the config.',
      'A signer that runs and signs without metrics: `make restart S=stacks-signer` once the next block is through.', notTwice],
  },
  {
    name: 'SignerHeartbeat',
    means: 'The signer runs, and its calls to the node fail. It cannot sign until they work.',
    check: [nodeStatus, otherHost, link, log],
    remedy: [{ needs: ['node'], text: '`make logs S=stacks-node`, then the section NodeDown.' },
      { needs: ['certificates'], text: '`make certs-status`; after new certificates, `make tls-reload` on both ends.' },
      'A token that differs between the two shows as refused calls in the signer\'s log: `make restart` fills both configs again.'],
  },
  {
    name: 'SignerNotRegistered',
    means: 'The signer set of the running reward cycle does not hold this signer\'s key. It signs nothing in this cycle, whatever else is right.',
    check: ['The public key at the top of README.md: is it the one that was registered?', '`make rpc ENDPOINT=/v2/pox` shows the cycle.', '`make rpc ENDPOINT=/v3/stacker_set/CYCLE` shows its signers, and what a seat costs.',
      'Did the stacked STX fall below the price of a seat, or did the lock end?'],
    remedy: ['Another key than the registered one: stop the signer, put the right key back, generate again.',
      'No seat: stack again, or more, with a signature of this key. It counts from the next cycle on.', registering,
      'Not registered yet at all: `SIGNER_REGISTERED=no` in `answers.env` keeps this silent until you are.'],
  },
  {
    name: 'SignerNotInNextCycle',
    means: 'The set of the next cycle is settled and this signer is not in it. It signs until the running cycle ends.',
    check: ['`make rpc ENDPOINT=/v2/pox`: the cycle and the blocks until the next.', '`make rpc ENDPOINT=/v3/stacker_set/CYCLE` with the next cycle: the price of a seat.'],
    remedy: ['Renew the stacking for the cycle after. It is too late for this one.', 'If that is what you want, nothing.'],
  },
  {
    name: 'SignerNoProposals',
    means: 'The chain moves, and in an hour no block was proposed to this signer. It has no seat, runs with another key than the registered one, or the node does not tell it.',
    check: ['`make signer-info`: is it the public key that was registered?', '`make logs S=stacks-signer`: "is registered for reward cycle", or "is not registered"?',
      { needs: ['node'], text: '`make doctor`: does the node run with its event observer? `make logs S=stacks-node`: no "Event dispatcher: connection or request failed"?' }, link],
    remedy: [{ needs: ['node', 'identity'], text: 'Not registered: the section SignerNotRegistered.' }, registering,
      { needs: ['node'], text: 'Events do not come through: `make restart` stops and starts both in the right order.' },
      { without: ['node'], text: 'Events do not come through: `make restart` here, then on the node\'s host.' },
      'Not registered yet at all: `SIGNER_REGISTERED=no` in `answers.env` keeps this silent until you are.'],
  },
  {
    name: 'SignerNoResponses',
    means: 'Proposals come in and no answer gets out. The signer does not sign.',
    check: [log, nodeStatus, otherHost, 'Does the log speak of block validation, of StackerDB, or of the token ("401", "unauthorized")?'],
    remedy: [{ needs: ['node'], text: 'A node that is behind cannot validate: the sections NodeTipStalled and NodeBehindPeers.' }, behind,
      'A refused token: `make restart` fills both configs again.', '`make restart S=stacks-signer` where its log stands still.', notTwice],
  },
  {
    name: 'SignerMissesProposals',
    means: 'Fewer than four of five proposals of the last hour were answered.',
    check: ['`make status`, and the dashboards: is the machine, or the node, too slow?', log],
    remedy: ['Free the machine of other work; see "Size of the machine" in README.md.', 'Restarts in the last hour explain it: then it goes away.'],
  },
  {
    name: 'SignerRejects',
    means: 'More than three of ten responses of the last half hour are rejections.',
    check: ['`make logs S=stacks-signer`: the reason stands at each rejection.', nodeStatus, otherHost, 'Do other signers reject too? Then it is the miner.'],
    remedy: [{ needs: ['node'], text: 'A node that is behind rejects what it does not know: the section NodeBehindPeers.' }, behind,
      { needs: ['host'], text: 'A wrong clock: the section ClockOff.' }, { without: ['host'], text: 'A wrong clock: `timedatectl` on the host.' },
      'An old release after a fork rejects everything: "Upgrade" in README.md.'],
  },
  {
    name: 'SignerSlow',
    means: 'One response in twenty takes more than ten seconds. The block is settled without it by then.',
    check: ['Processor, memory and disk of the machine, while a block comes in.', 'How long does the node take for validation? The dashboard shows it.'],
    remedy: ['Give the node its own disk, an SSD; free the machine of other work.', 'Look whether a snapshot, a backup or a sync runs beside it.'],
  },
  {
    name: 'SignerCycleStale',
    means: 'By Bitcoin\'s height a new reward cycle has begun, and the signer has not taken it up.',
    check: [log, nodeStatus],
    remedy: ['A node that is behind holds it up: the sections of the node come first.', '`make restart S=stacks-signer`.'],
  },
  {
    name: 'SignerNodeLag',
    means: 'The node moves on and the signer does not see it. Up to 90 seconds of lag are normal.',
    check: [log, link],
    remedy: ['`make restart S=stacks-signer`; if it comes back, keep both logs and tell the authors.'],
  },
]
