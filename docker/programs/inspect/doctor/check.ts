/** A check looks for one known fault. */

import type { Evidence } from '../evidence/evidence.ts'

/** fault: signing is at stake now. wait: it goes on by itself. risk: to be put right some time. */
export type Level = 'fault' | 'wait' | 'risk'

/** What was seen of a fault; level and remedy only where they differ from the check's own. */
export interface Finding {
  readonly seen: string
  readonly level?: Level
  readonly remedy?: string
}

export interface Check {
  readonly id: string
  /** What is wrong where it finds something. */
  readonly problem: string
  readonly remedy: string
  /** fault if not given. */
  readonly level?: Level
  /** Services of which one must have work on this host. */
  readonly needs?: readonly string[]
  /** Checks that explain this one when they find something. */
  readonly because?: readonly string[]
  /** That it cannot tell is no reason to distrust the whole. */
  readonly optional?: boolean
  /** Undefined where all is well. Throws Missing where it cannot look. */
  find(seen: Evidence): Finding | string | undefined
}

/** A list of names for a finding; undefined where it is empty. */
export function listed(bad: readonly string[], separator = ', '): string | undefined {
  return bad.length > 0 ? bad.join(separator) : undefined
}
