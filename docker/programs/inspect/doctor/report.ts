/** What the doctor tells: findings first, each with what was seen and what to do. */

import type { Evidence } from '../evidence/evidence.ts'
import { incomplete, type Verdict } from './judge.ts'

export function doctorText({ facts }: Evidence, { findings, unknown, ok, couldNotLook }: Verdict): readonly string[] {
  return [
    `${facts.stack} on ${facts.network}: stacks-node ${facts.nodeRelease}, stacks-signer ${facts.signerRelease}`, '',
    ...findings.flatMap(({ id, level, looksFor, evidence, remedy, because }, at) => [
      `${at + 1}. ${level}: ${id}${because.length > 0 ? ` (follows from ${because.join(', ')})` : ''}`,
      `   ${looksFor}`, `   seen:   ${evidence}`, `   remedy: ${remedy}`, '',
    ]),
    ...unknown.map(({ id, why }) => `unknown: ${id}: ${why}`),
    ...(couldNotLook.includes(incomplete) ? [`unknown: ${incomplete}`] : []),
    `ok: ${ok.length} checks. ${summary(findings.length, couldNotLook.length)}`,
  ]
}

function summary(found: number, unknown: number): string {
  if (found > 0) return `${found} found; begin with the first.`
  return unknown > 0 ? 'Nothing was found, but not everything could be checked: the stack may be healthy or not.' : 'Nothing found.'
}
