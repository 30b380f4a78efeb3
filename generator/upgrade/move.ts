/** What a move from one pair of releases to another means, by the catalogue alone. */

import { checkPair, type Verdict } from '../catalogue/compatibility.ts'
import { networkFacts } from '../catalogue/networks.ts'
import { compareVersions, type Release } from '../catalogue/releases.ts'
import type { Network } from '../stack/model.ts'
import { releaseNotes } from './notes.ts'

export interface Pair {
  readonly node: Release
  readonly signer: Release
}

export interface MoveNote {
  readonly code: string
  readonly kind: 'act' | 'know'
  readonly text: string
}

export interface Move {
  readonly direction: 'none' | 'forward' | 'back'
  /** Reasons against it; with none the move can be made. */
  readonly refusals: readonly Verdict[]
  readonly notes: readonly MoveNote[]
}

/** The verdict on moving this stack; `back` as soon as one of the two programs goes back. */
export function judgeMove(from: Pair, to: Pair, network: Network): Move {
  const steps = (['node', 'signer'] as const).map((program) => compareVersions(to[program].version, from[program].version))
  if (steps.every((step) => step === 0)) return { direction: 'none', refusals: [], notes: [] }
  return {
    direction: steps.some((step) => step < 0) ? 'back' : 'forward',
    refusals: [...checkPair(to.node, to.signer, network), ...goneTestnet(to, network), ...(['node', 'signer'] as const).flatMap((program) => lowered(from[program], to[program]))],
    notes: [...deadline(from, network), ...together(from, to, network), ...(['node', 'signer'] as const).flatMap((program) => changes(from[program], to[program])), ...passed(from, to, network)],
  }
}

function goneTestnet(to: Pair, network: Network): readonly Verdict[] {
  if (network !== 'testnet' || !networkFacts(network, to.node.version).obsolete) return []
  return [{ code: 'obsolete-testnet', message: `the testnet that stacks-node ${to.node.version} knows no longer exists`, instead: 'move to 4.0.2 or later' }]
}

/** Databases are migrated when a program starts, and never back. */
function lowered(from: Release, to: Release): readonly Verdict[] {
  if (compareVersions(to.version, from.version) >= 0) return []
  const way = `stacks-${to.kind} ${from.version} to ${to.version}`
  const instead = 'stay, or move forward; to go back, the volume must be restored from a backup made before the upgrade'
  if (!from.schemas || !to.schemas) return [{ code: 'downgrade-unknown', message: `${way}: it is not recorded whether its databases can be read by the older release`, instead }]
  const lower = Object.entries(from.schemas).filter(([name, number]) => (to.schemas?.[name] ?? number) < number)
  return lower.map(([name, number]) => ({ code: 'downgrade', message: `${way}: the ${words(name)} has schema ${number}, the older release reads up to ${to.schemas![name]}`, instead }))
}

function deadline({ node }: Pair, network: Network): readonly MoveNote[] {
  if (network !== 'mainnet' || node.leavesMainnet === undefined) return []
  return [{ code: 'deadline', kind: 'act', text: `stacks-node ${node.version} leaves mainnet at Bitcoin block ${node.leavesMainnet}: be done before it; a stack that passed it must fetch the chain anew (remove the volume stacks-node-data)` }]
}

/** Where neither half can move first, both must be stopped and started as one. */
function together(from: Pair, to: Pair, network: Network): readonly MoveNote[] {
  const works = (node: Release, signer: Release) => checkPair(node, signer, network).every(({ code }) => code === 'left-mainnet' || code === 'corrupting-release')
  if (works(to.node, from.signer) || works(from.node, to.signer)) return []
  if (compareVersions(from.node.version, to.node.version) === 0 || compareVersions(from.signer.version, to.signer.version) === 0) return []
  return [{ code: 'together', kind: 'act', text: `node and signer must move together: ${from.signer.version} cannot read node ${to.node.version}, nor ${to.signer.version} node ${from.node.version}` }]
}

function changes(from: Release, to: Release): readonly MoveNote[] {
  if (compareVersions(to.version, from.version) <= 0) return []
  const program = `stacks-${to.kind}`
  const notes: MoveNote[] = []
  if (from.repository !== to.repository) notes.push({ code: 'registry', kind: 'know', text: `the image of ${program} moves from ${from.repository} to ${to.repository}: let the host reach that registry` })
  const raised = Object.entries(to.schemas ?? {}).filter(([name, number]) => (from.schemas?.[name] ?? number) < number)
  for (const [name, number] of raised) {
    notes.push({ code: 'migration', kind: 'act', text: `${program} migrates the ${words(name)} from schema ${from.schemas![name]} to ${number} at its first start, with no way back${to.kind === 'signer' ? ': back it up first (README, "Recovery")' : ''}` })
  }
  if (!to.schemas || !from.schemas) notes.push({ code: 'migration-unknown', kind: 'act', text: `it is not recorded whether ${program} ${to.version} migrates its databases: take it as a move with no way back` })
  if (!to.keysKnown) notes.push({ code: 'keys-not-published', kind: 'know', text: `the keys of ${program} ${to.version} are taken to be those of ${to.validatesAs}: run \`make check-config\` before the start` })
  if (from.version === '3.3.0.0.6.0') notes.push({ code: 'corrupting-release', kind: 'act', text: 'stacks-signer 3.3.0.0.6.0 may have damaged its database: restore one from before it, or start with an empty volume stacks-signer-data' })
  return notes
}

function passed(from: Pair, to: Pair, network: Network): readonly MoveNote[] {
  return releaseNotes
    .filter((note) => (!note.network || note.network === network)
      && compareVersions(from[note.program].version, note.since) < 0 && compareVersions(note.since, to[note.program].version) <= 0)
    .map(({ program, since, kind, text }) => ({ code: 'release-note', kind, text: `stacks-${program} ${since}: ${text}` }))
}

/** `signerDb`: signer db. */
function words(name: string): string {
  return `${name.replace(/Db$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} database`
}
