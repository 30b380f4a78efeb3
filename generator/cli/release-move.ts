/** What a run means for the releases of a directory: one judgement for `upgrade` and for generating. */

import type { Answers } from '../answers/check.ts'
import { findNode, findSigner, newerRelease } from '../catalogue/releases.ts'
import type { Change } from '../changes/compare.ts'
import type { ManifestReleases } from '../changes/manifest.ts'
import { error, hasErrors, warning, type Place, type Problem } from '../problem.ts'
import { judgeMove, type Move, type Pair } from '../upgrade/move.ts'
import { imageTags } from '../upgrade/recreated.ts'
import { composePaths, recordedReleases } from './recorded-releases.ts'
import { versions } from './upgrade-text.ts'

export interface JudgedMove {
  readonly from: Pair
  readonly verdict: Move
}

/**
 * What it means to generate a directory for `to`. The manifest says where the move begins: it is written last, so a run that
 * was killed has not moved yet. The Compose files of a newer release may have been started all the same, and count for the
 * way back. Where nothing says which releases the directory is for, the move begins at `otherwise`.
 */
export function moveOf(
  { recorded, composed }: { readonly recorded?: ManifestReleases | undefined; readonly composed: readonly string[] }, to: Pair, { values, passThrough }: Answers, otherwise?: Pair,
): JudgedMove | undefined {
  const tagged = taggedReleases(composed)
  const named = recorded ?? tagged
  const from = Object.keys(named).length > 0 ? pairOf(named, to) : otherwise
  if (!from) return undefined
  const { signer, node: sections } = passThrough
  const passed = new Set([...Object.keys(signer).map((key) => `SIGNER__${key}`),
    ...Object.entries(sections).flatMap(([section, keys]) => Object.keys(keys).map((key) => `NODE__${section}__${key}`))])
  return { from, verdict: judgeMove(from, to, values.NETWORK, (key) => passed.has(key), pairOf(tagged, from)) }
}

/** What generating says of a move, but for what is `said` already. */
export function moveProblems(answers: Answers, recorded: ManifestReleases | undefined, changes: readonly Change[], said: readonly Problem[]): readonly Problem[] {
  const to = answeredPair(answers)
  const composed = changes.flatMap(({ path, before }) => (composePaths.includes(path) && before !== undefined ? [before] : []))
  const move = moveOf({ recorded, composed }, to, answers)
  if (!move || move.verdict.direction === 'none') return []
  const place = (['STACKS_VERSION', 'STACKS_NODE_VERSION', 'STACKS_SIGNER_VERSION', 'SBTC_VERSION'] as const).map(answers.place).find(Boolean)
  const codes = new Set(said.map(({ code }) => code))
  const refusals = refusalProblems(move.verdict, answers, place).filter(({ code }) => !codes.has(code))
  if (hasErrors(refusals)) return refusals
  const moved = warning('release-moved', `this run moves the stack from ${versions(move.from)} to ${versions(to)}`, place, '`upgrade` shows such a move before anything is written')
  return [...refusals, moved, ...move.verdict.notes.map(({ code, text }) => warning(code, text))]
}

/** A refusal is an error, or with ALLOW_UNSUPPORTED=yes a warning. */
export function refusalProblems({ refusals }: Move, { values }: Answers, place?: Place): readonly Problem[] {
  return refusals.map(({ code, message, instead }) => (values.ALLOW_UNSUPPORTED === 'yes' ? warning(code, message, place, instead)
    : error(code, message, place, `${instead}\nALLOW_UNSUPPORTED=yes in the answer file turns this refusal into a warning`)))
}

/** The releases of the answers. */
export function answeredPair(answers: Answers): Pair {
  const { STACKS_NODE_VERSION: node, STACKS_SIGNER_VERSION: signer } = answers.values
  const pair = pairOf({ ...recordedReleases(answers), node, signer })
  if (!pair) throw new Error('a release passed the check of the answers that the catalogue does not know')
  return pair
}

/** The pair of these names; what is not named is that of `other`. Undefined where the catalogue does not know one of them. */
function pairOf({ node, signer, sbtc }: ManifestReleases, other?: Pair): Pair | undefined {
  const found = {
    node: node === undefined ? other?.node : findNode(node) ?? newerRelease('node', node),
    signer: signer === undefined ? other?.signer : findSigner(signer) ?? newerRelease('signer', signer),
  }
  return found.node && found.signer ? { node: found.node, signer: found.signer, ...(sbtc !== undefined && { sbtc }) } : undefined
}

function taggedReleases(composed: readonly string[]): ManifestReleases {
  const tags = new Map(composed.flatMap((text) => [...imageTags(text)]))
  const [node, signer, sbtc] = [tags.get('stacks-node') ?? tags.get('sbtc-stacks-node'), tags.get('stacks-signer'), tags.get('sbtc-signer')]
  return { ...(node !== undefined && { node }), ...(signer !== undefined && { signer }), ...(sbtc !== undefined && { sbtc }) }
}
