/** What a move from one pair of releases to another means, by the catalogue alone. */

import { checkPair, type Verdict } from '../catalogue/compatibility.ts'
import { networkFacts, type Network } from '../catalogue/networks.ts'
import { compareVersions, newestRelease, type Program, type Release } from '../catalogue/releases.ts'
import { releaseNotes } from './notes.ts'

export interface Pair {
  readonly node: Release
  readonly signer: Release
  /** Of the sBTC signer, where there is one. */
  readonly sbtc?: string
}

export interface MoveNote {
  readonly code: string
  /** `act`: something must be done; `know`: something will be different. */
  readonly kind: 'act' | 'know'
  readonly text: string
}

export interface Move {
  readonly direction: 'none' | 'forward' | 'back'
  /** Reasons against it; with none the move can be made. */
  readonly refusals: readonly Verdict[]
  readonly notes: readonly MoveNote[]
}

const programs = ['node', 'signer'] as const
const volumes = { node: 'stacks-node-data', signer: 'stacks-signer-data' } as const

/**
 * The verdict on moving this stack; `back` as soon as one of its programs goes back. `passes` tells whether the answers pass
 * a key (`SIGNER__key`, `NODE__section__key`) through, so that only what concerns this stack is told. `started` is what may
 * have run beside `from`, and have migrated the databases.
 */
export function judgeMove(from: Pair, to: Pair, network: Network, passes: (key: string) => boolean = () => false, started: Pair = from): Move {
  const steps = [from, started].flatMap((one) => [...programs.map((program) => compareVersions(to[program].version, one[program].version)), sbtcStep(one, to)])
  if (steps.every((step) => step === 0)) return { direction: 'none', refusals: [], notes: [] }
  const newest = (program: Program) => (compareVersions(started[program].version, from[program].version) > 0 ? started : from)[program]
  return {
    direction: steps.some((step) => step < 0) ? 'back' : 'forward',
    refusals: [...badTarget(to, network), ...programs.flatMap((program) => lowered(newest(program), to[program])), ...sbtcLowered(sbtcStep(from, started) > 0 ? started : from, to)],
    notes: [
      ...deadline(from, to, network),
      ...together(from, to, network),
      ...programs.flatMap((program) => registry(from[program], to[program])),
      ...programs.flatMap((program) => migration(from[program], to[program])),
      ...sbtcMigration(from, to),
      ...damaged(from, to),
      ...unpublished(from, to),
      ...passed(from, to, network, passes),
    ],
  }
}

/** What speaks against the target wherever one comes from. No other half of it helps, so the way out is another target. */
function badTarget(to: Pair, network: Network): readonly Verdict[] {
  const gone = networkFacts(network, to.node.version).obsolete === true
  return [
    ...checkPair(to.node, to.signer, network),
    ...(gone ? [{ code: 'obsolete-testnet', message: `the testnet that stacks-node ${to.node.version} knows no longer exists: 4.0.2 came with a new genesis` }] : []),
  ].map(({ code, message }) => ({ code, message, instead: `move to ${newestRelease}` }))
}

/** Databases are migrated when a program starts, and never back. */
function lowered(from: Release, to: Release): readonly Verdict[] {
  if (compareVersions(to.version, from.version) >= 0) return []
  const backup = `from a backup of the volume ${volumes[from.kind]} made before the upgrade`
  const instead = `stay, or move forward; ${to.version} can only start ${from.kind === 'node' ? `with a new archive of the chain, or ${backup}` : backup}`
  if (!from.schemas || !to.schemas) {
    return [{ code: 'downgrade-unknown', message: `it is not recorded whether stacks-${to.kind} ${to.version} can read the databases of ${from.version}`, instead }]
  }
  const higher = Object.entries(from.schemas).filter(([name, number]) => (to.schemas?.[name] ?? number) < number)
  if (higher.length === 0) return []
  const which = higher.map(([name, number]) => `${words(name)} ${number} (it reads up to ${to.schemas![name]})`).join(', ')
  return [{ code: 'downgrade', message: `stacks-${to.kind} ${to.version} cannot read the schemas that ${from.version} has written: ${which}`, instead }]
}

function deadline({ node }: Pair, to: Pair, network: Network): readonly MoveNote[] {
  if (network !== 'mainnet' || node.leavesMainnet === undefined || to.node.leavesMainnet === node.leavesMainnet) return []
  return [{ code: 'deadline', kind: 'act', text: `stacks-node ${node.version} leaves mainnet at Bitcoin block ${node.leavesMainnet}: move before it. After it, remove its chain, the volume ${volumes.node}` }]
}

/** Where neither half can move first, both must be stopped and started as one. */
function together(from: Pair, to: Pair, network: Network): readonly MoveNote[] {
  if (programs.some((program) => compareVersions(from[program].version, to[program].version) === 0)) return []
  const works = (node: Release, signer: Release) => checkPair(node, signer, network).every(({ code }) => !/^node-too-/.test(code))
  const [nodeFirst, signerFirst] = [works(to.node, from.signer), works(from.node, to.signer)]
  const blind = { node: `signer ${from.signer.version} cannot read node ${to.node.version}`, signer: `signer ${to.signer.version} cannot read node ${from.node.version}` }
  if (!nodeFirst && !signerFirst) {
    return [{ code: 'together', kind: 'act', text: `node and signer must move together, in one \`docker compose up -d\`: ${blind.node}, and ${blind.signer}` }]
  }
  if (nodeFirst && signerFirst) return []
  const late = nodeFirst ? 'signer' : 'node'
  return [{ code: 'order', kind: 'know', text: `the ${late} must not move alone: ${blind[late]}. \`docker compose up -d\` moves both` }]
}

function registry(from: Release, to: Release): readonly MoveNote[] {
  if (from.repository === to.repository) return []
  return [{ code: 'registry', kind: 'act', text: `the image of stacks-${to.kind} moves from ${from.repository} to ${to.repository}: let the host reach that registry` }]
}

function migration(from: Release, to: Release): readonly MoveNote[] {
  if (compareVersions(to.version, from.version) <= 0) return []
  const program = `stacks-${to.kind}`
  if (!to.schemas || !from.schemas) {
    return [{ code: 'migration-unknown', kind: 'act', text: `it is not recorded whether ${program} ${to.version} migrates its databases: take it that there is no way back` }]
  }
  const raised = Object.entries(to.schemas).filter(([name, number]) => (from.schemas?.[name] ?? number) < number)
  if (raised.length === 0) return []
  const which = raised.map(([name, number]) => `${words(name)} from schema ${from.schemas![name]} to ${number}`).join(', ')
  const advice = to.kind === 'signer' ? 'back it up first (README, "Recovery")' : `${from.version} could then only start with a new archive of the chain`
  return [{ code: 'migration', kind: 'act', text: `${program} migrates at its first start, with no way back: ${which}; ${advice}` }]
}

function damaged({ signer }: Pair, to: Pair): readonly MoveNote[] {
  if (signer.version !== '3.3.0.0.6.0' || to.signer.version === signer.version) return []
  return [{ code: 'corrupting-release', kind: 'act', text: `stacks-signer ${signer.version} may have damaged its database: put back a backup from before it, or remove the volume ${volumes.signer}` }]
}

/** One line where both halves have one version. */
function unpublished(from: Pair, to: Pair): readonly MoveNote[] {
  const moved = programs.filter((program) => compareVersions(to[program].version, from[program].version) > 0 && !to[program].keysKnown)
  const text = (name: string, { version, validatesAs }: Release) =>
    `not all keys of ${name}${version} are published: they are taken to be those of ${validatesAs}, so run \`make check-config\` before the start`
  const texts = moved.map((program) => text(to.node.version === to.signer.version ? '' : `stacks-${program} `, to[program]))
  return [...new Set(texts)].map((one) => ({ code: 'keys-not-published', kind: 'act', text: one }))
}

function passed(from: Pair, to: Pair, network: Network, passes: (key: string) => boolean): readonly MoveNote[] {
  const between = (program: Program, since: string) =>
    compareVersions(from[program].version, since) < 0 && compareVersions(since, to[program].version) <= 0
  return releaseNotes
    .filter((note) => between(note.program, note.since) && (!note.network || note.network === network)
      && (!note.ifPassed || passes(note.ifPassed)) && !(note.unlessPassed && passes(note.unlessPassed)))
    .map(({ program, since, kind, text }) => ({ code: 'release-note', kind, text: `stacks-${program} ${since}: ${text}` }))
}

/** 0 where one of the two has no sBTC signer. */
function sbtcStep(from: Pair, to: Pair): number {
  return from.sbtc === undefined || to.sbtc === undefined ? 0 : compareVersions(to.sbtc, from.sbtc)
}

function sbtcLowered(from: Pair, to: Pair): readonly Verdict[] {
  if (sbtcStep(from, to) >= 0) return []
  return [{
    code: 'downgrade-unknown', message: `it is not recorded whether sbtc-signer ${to.sbtc} can read the database of ${from.sbtc}`,
    instead: 'stay, or move forward; or restore a dump of the database made before the upgrade',
  }]
}

function sbtcMigration(from: Pair, to: Pair): readonly MoveNote[] {
  if (sbtcStep(from, to) <= 0) return []
  return [{ code: 'migration-unknown', kind: 'act', text: `it is not recorded whether sbtc-signer ${to.sbtc} migrates its database: take it that there is no way back, and dump the database first` }]
}

const databases: Readonly<Record<string, string>> = {
  signerDb: 'its database', chainstate: 'the chainstate', sortition: 'the sortition database', burnchain: 'the burnchain database',
  marf: 'the MARF', nakamotoStaging: 'the staging database',
}

function words(name: string): string {
  return databases[name] ?? name
}
