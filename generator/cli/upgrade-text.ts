/** What `upgrade` shows of a move. */

import type { Change } from '../changes/compare.ts'
import { unifiedDiff } from '../changes/diff.ts'
import { manifestPath } from '../changes/manifest.ts'
import type { Move, Pair } from '../upgrade/move.ts'
import type { Recreated } from '../upgrade/recreated.ts'

export interface Moved {
  readonly from: Pair
  readonly target: Pair
  readonly verdict: Move
  /** The answer file as it was named, and what its lines will say. */
  readonly file: string
  readonly settings: readonly (readonly [key: string, value: string])[]
  readonly changes: readonly Change[]
  readonly containers: readonly Recreated[]
  readonly refused: boolean
}

const marks = { create: '+', update: '~', delete: '-', conflict: '!', unchanged: ' ' } as const

/** One version for both programs, or each its own. */
export function versions({ node, signer }: Pair): string {
  return node.version === signer.version ? node.version : `node ${node.version}, signer ${signer.version}`
}

/** What would change or has changed, but for the manifest, which always does. */
export function changedFiles(changes: readonly Change[]): readonly { readonly path: string; readonly kind: Change['kind']; readonly mark: string }[] {
  return changes.filter(({ kind, path }) => kind !== 'unchanged' && path !== manifestPath).map(({ path, kind }) => ({ path, kind, mark: marks[kind] }))
}

/** The whole report; of a refused move only what speaks about the releases. */
export function movedLines({ from, target, verdict, file, settings, changes, containers, refused }: Moved): readonly string[] {
  const told = [`from ${versions(from)}`, `to   ${versions(target)}`, ...noteLines(verdict)]
  if (refused) return told
  return [...told, ...answerLines(file, settings), ...diffLines('files', changes.filter(({ path }) => path !== manifestPath)), ...containerLines(containers, verdict)]
}

/** The files that stand in the way, as a diff. */
export function conflictLines(changes: readonly Change[]): readonly string[] {
  return diffLines('in the way', changes.filter(({ kind }) => kind === 'conflict'))
}

function noteLines({ notes }: Move): readonly string[] {
  const part = (kind: 'act' | 'know', title: string) => {
    const texts = notes.filter((note) => note.kind === kind).map(({ text }) => `  - ${text}`)
    return texts.length > 0 ? ['', title, ...texts] : []
  }
  return [...part('act', 'to do:'), ...part('know', 'to know:')]
}

/** The lines themselves, never their neighbours: an answer file may hold secrets. */
function answerLines(file: string, settings: Moved['settings']): readonly string[] {
  return settings.length === 0 ? [] : ['', `${file}:`, ...settings.map(([key, value]) => `  ${key}=${value}`)]
}

function diffLines(title: string, changes: readonly Change[]): readonly string[] {
  const diffs = changes.map(unifiedDiff).filter((text) => text !== '')
  return diffs.length === 0 ? [] : ['', `${title}:`, ...diffs.map((text) => text.trimEnd())]
}

const effects = {
  new: () => 'new', removed: () => 'no longer in the stack: `docker compose up -d --remove-orphans` removes it',
  anew: (grace: string) => `recreated, up to ${grace} to stop`, restarted: (grace: string) => `stopped and started, up to ${grace} to stop`,
} as const

function containerLines(containers: readonly Recreated[], verdict: Move): readonly string[] {
  if (containers.length === 0) return ['', '`docker compose up -d` recreates no container']
  const nameOf = ({ service, host }: Recreated) => (host ? `${host}: ${service}` : service)
  const width = Math.max(...containers.map((one) => nameOf(one).length))
  return [
    '', 'containers, at `docker compose up -d`:',
    ...containers.map((one) => `  ${nameOf(one).padEnd(width)}  ${effects[one.what](one.stopGrace)}`),
    ...awayLines(containers, verdict),
  ]
}

/** A signer signs only beside its node, so the slower of the two counts. */
function awayLines(containers: readonly Recreated[], { notes }: Move): readonly string[] {
  const stops = (name: string) => containers.find(({ service, what }) => service === name && (what === 'anew' || what === 'restarted'))
  const [signer, node] = [stops('stacks-signer'), stops('stacks-node')]
  if (!signer && !node) return []
  const migrates = node && notes.some(({ code, text }) => code.startsWith('migration') && text.includes('stacks-node'))
  const parts = [...(node ? [`${node.stopGrace} at most for the node to stop`] : []), ...(signer ? [`${signer.stopGrace} at most for the signer to stop`] : []),
    'the start', ...(migrates ? ['any migration of the node'] : [])]
  return [`nothing is signed meanwhile: ${parts.join(', ')}`]
}
