/** The runbook's sections about the sBTC signer, and about the nodes that it has for itself. */

import { nodeSections } from './node-runbook.ts'
import type { Section, Step } from './section.ts'

const log: Step = '`make logs S=sbtc-signer`: its last lines name the part that failed.'
const info: Step = '`make sbtc-info`: both tips, its newest key and that of the contract.'
const own: readonly [Step, Step] = [
  { needs: ['sbtcPair'], text: '`make logs S=sbtc-stacks-node`.' }, { needs: ['sbtcShared'], text: '`make logs S=stacks-node`.' },
]
const again: readonly Step[] = [
  { needs: ['sbtcPair'], text: '`make restart S=sbtc-stacks-node` where the log repeats one block for ever.' },
  { needs: ['sbtcShared'], text: '`make restart S=stacks-node` where the log repeats one block for ever.' },
]
const notTwice: Step = '**Never start its key elsewhere to get over this.** One key runs once.'

const signerSections: readonly Section[] = [
  {
    name: 'SbtcDown',
    means: 'The metrics of the sBTC signer cannot be read. Most often it ends and is started again: a part of it that fails ends it with exit code 0.',
    check: ['`make ps`: is `sbtc-signer` up, and for how long?', log, '`make logs S=postgres`: without its database it ends at once.'],
    remedy: ['`make start S=sbtc-signer` where it is stopped.', 'Its log names the configuration: `make check-config`.', notTwice],
  },
  {
    name: 'PostgresDown',
    means: 'PostgreSQL takes no connection. The sBTC signer cannot run without it, and its shares of the keys are there.',
    check: ['`make ps`, then `make logs S=postgres`.', '`df -h` on the host: is the disk of `postgres-data` full?'],
    remedy: ['`make start S=postgres` where it is stopped.', 'It says that its files are damaged: change nothing in the volume, and restore a proven dump into a new one.'],
  },
  {
    name: 'SbtcBlocklistDown',
    means: 'The blocklist client does not answer, or has fetched no list of sanctioned addresses yet.',
    check: ['`make logs S=blocklist-client`: is the API key refused, or Emily away?', 'Does the firewall let 443/tcp out?'],
    remedy: ['`make restart S=blocklist-client`.', 'A refused key: the sBTC team gives out a new one. Put it into `secrets/emily-api-key`, then `make restart`.'],
  },
  {
    name: 'SbtcObserverSilent',
    means: 'The node of the sBTC signer moves on, and the signer is told of no block. What it misses, nobody tells it again.',
    check: [...own, 'Does the node\'s configuration name `sbtc-signer:8801` in `[[events_observer]]`?', info],
    remedy: ['`make restart` stops and starts both in the right order.', ...again],
  },
  {
    name: 'SbtcNoBitcoin',
    means: 'bitcoind has new blocks, and the sBTC signer has asked for none of them.',
    check: [log, { needs: ['sbtcPair'], text: '`make logs S=sbtc-bitcoind`: refused calls?' }, { needs: ['sbtcShared'], text: '`make logs S=bitcoind`: refused calls?' }],
    remedy: ['`make restart S=sbtc-signer`: it looks its bitcoind up at its start alone.', 'A refused password: `make restart` fills both configs again.'],
  },
  {
    name: 'SbtcPeers',
    means: 'The sBTC signer is connected with fewer others than a signature needs. Either it is cut off, or they are.',
    check: ['Is the port 4122 of "Ports" in README.md open in the firewall, and in the provider\'s?', log, '`make sbtc-set`: is this signer still in the set?', 'Ask the other operators: do they miss this one alone?'],
    remedy: ['Open the port; see that `SBTC_PUBLIC_HOST` names this machine.', '`make restart S=sbtc-signer` asks the seeds again.'],
  },
  {
    name: 'SbtcSignFailures',
    means: 'More than half of what the sBTC signer was asked to sign in an hour it did not sign.',
    check: [log, 'The alerts of its nodes: a signer that is behind refuses what it does not know.', 'Ask the other operators: is it the same with them?'],
    remedy: ['Bring what is behind up first.', 'Refusals that all have: it is the coordinator. Tell the sBTC team.'],
  },
  {
    name: 'SbtcNodeErrors',
    means: 'Its node answers calls of contracts with errors, so that the sBTC signer cannot read the registry.',
    check: [...own, '`make sbtc-set`: does the registry answer?'],
    remedy: ['A node that is behind or migrates a database: wait, and watch its log.', 'Is `SBTC_DEPLOYER` the one that the sBTC team names?'],
  },
  {
    name: 'SbtcKeyMismatch',
    means: 'The newest key that this signer has made with the others is not the one that the contract holds, for hours.',
    check: [info, '`make sbtc-set`: do set and threshold fit the chain?', 'The channel of the sBTC team: is a rotation under way?'],
    remedy: ['Its newest key was never completed, or it missed one: tell the sBTC team. Do not delete its database.', notTwice],
  },
]

/** A step about the Stacks signer's nodes, for the others; undefined where it would be wrong. */
function pairStep(step: Step): readonly Step[] {
  const text = typeof step === 'string' ? step : step.text
  const conditions = typeof step === 'string' ? [] : [...step.needs ?? [], ...step.without ?? []]
  if (conditions.includes('signer') || /make (rpc|status)|SIGNER_REGISTERED|PUBLIC_ADDRESS|port of "Ports"/.test(text)) return []
  if (conditions.includes('snapshot')) return []
  const moved = text.replaceAll('S=stacks-node', 'S=sbtc-stacks-node').replaceAll('S=bitcoind', 'S=sbtc-bitcoind').replaceAll('make bitcoin-cli', 'make sbtc-bitcoin-cli')
    .replace(/\b(sections? )((?:Node|Bitcoin)\w+)/g, '$1Sbtc$2')
  return [moved]
}

/** Where nothing of the other pair's steps would do. */
const instead: Readonly<Record<string, readonly Step[]>> = {
  SbtcNodeFewPeers: ['Does the firewall let outbound connections through? This node takes none in.'],
  SbtcNodeRpcDown: ['`make logs S=sbtc-signer`: a node whose signer went away hangs.'],
  SbtcNodeBehindBitcoin: ['`make sbtc-bitcoin-cli ARGS=getblockchaininfo`: the height of its bitcoind.'],
  SbtcBitcoinSyncing: ['`make sbtc-bitcoin-cli ARGS=getblockchaininfo` shows the progress.'],
}

const pairSections = nodeSections.map((section): Section => ({
  name: `Sbtc${section.name}`,
  means: `Of the nodes that the sBTC signer has for itself. ${section.means}`,
  check: [...instead[`Sbtc${section.name}`] ?? [], ...section.check.flatMap(pairStep)],
  remedy: section.remedy.flatMap(pairStep),
}))

export const sbtcSections: readonly Section[] = [...signerSections, ...pairSections]
