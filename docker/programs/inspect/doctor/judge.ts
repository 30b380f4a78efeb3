/** What the checks make of the evidence, in the order in which it should be looked at. */

import type { Evidence } from '../evidence/evidence.ts'
import { Missing, TooSoon } from '../evidence/missing.ts'
import { plain } from '../evidence/text.ts'
import type { Check, Level } from './check.ts'

export interface Found {
  readonly id: string
  readonly level: Level
  readonly looksFor: string
  readonly evidence: string
  readonly remedy: string
  /** What explains it, among what was found. */
  readonly because: readonly string[]
}

export interface Unknown {
  readonly id: string
  readonly why: string
  /** Whether not knowing it is no reason to distrust the whole. */
  readonly expected: boolean
}

export interface Verdict {
  /** 0 healthy, 1 something was found, 2 could not look. */
  readonly code: 0 | 1 | 2
  readonly findings: readonly Found[]
  readonly unknown: readonly Unknown[]
  readonly ok: readonly string[]
  readonly couldNotLook: readonly string[]
}

export const incomplete = 'the evidence ends early'

/**
 * Findings: first faults that nothing else explains, then what is only to be waited for, then what follows from those, then
 * risks; each in the order of the checks.
 */
export function judge(seen: Evidence, checks: readonly Check[]): Verdict {
  const unknown: Unknown[] = []
  const ok: string[] = []
  const found: Found[] = []
  for (const check of checks) {
    const { id, level = 'fault', problem, remedy, needs, because = [], optional = false } = check
    try {
      if (needs && !seen.here(...needs)) continue
      const answer = check.find(seen)
      const { seen: evidence, ...own } = typeof answer === 'string' ? { seen: answer } : answer ?? {}
      if (evidence === undefined) ok.push(id)
      else found.push({ id, level, looksFor: problem, remedy, because, ...own, evidence: plain(evidence) })
    } catch (error) {
      // Evidence that no check foresaw must not hide the other checks.
      const why = error instanceof Missing ? plain(error.message) : `the evidence could not be read (${String(error)})`
      unknown.push({ id, why: plain(why), expected: error instanceof TooSoon || (optional && error instanceof Missing) })
    }
  }
  const grave = new Set(found.filter(({ level }) => level !== 'risk').map(({ id }) => id))
  const findings = found.map((one) => ({ ...one, because: one.because.filter((id) => grave.has(id)) })).sort((one, other) => place(one) - place(other))
  const couldNotLook = [...(seen.complete ? [] : [incomplete]), ...unknown.filter(({ expected }) => !expected).map(({ id, why }) => `${id}: ${why}`)]
  return { code: findings.length > 0 ? 1 : couldNotLook.length > 0 ? 2 : 0, findings, unknown, ok, couldNotLook }
}

function place({ level, because }: Found): number {
  if (level === 'risk') return 3
  return because.length > 0 ? 2 : level === 'wait' ? 1 : 0
}
