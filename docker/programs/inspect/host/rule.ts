/** host-check asks for one thing in each rule. */

import type { Evidence } from '../evidence/evidence.ts'

/** Whether it is so, and what was seen of it. */
export type Answer = readonly [isSo: boolean, seen: string]

export interface Rule {
  readonly id: string
  /** Where it does not hold, the rule is left out. */
  concerns?(seen: Evidence): boolean
  readonly asks: string
  readonly why: string
  /** What to do where it is not so. */
  readonly do: string
  /** Throws Missing where it cannot tell. */
  look(seen: Evidence): Answer
}

/** Well where nothing of it is bad. */
export function noneOf(bad: readonly string[], otherwise: string): Answer {
  return [bad.length === 0, bad.join(', ') || otherwise]
}
