/** The role that this host has, and what follows from it. */

import type { Evidence } from '../evidence/evidence.ts'

/** By `make promote` and `make demote`. */
export function roleNow(seen: Evidence): 'active' | 'standby' {
  return seen.guard.state === 'standby' ? 'standby' : 'active'
}

/** Whether the node rightly runs without its observer: on a standby, or while the guard has not let the signer start. */
export function runsAlone(seen: Evidence): boolean {
  return seen.has('guard.verdict') ? seen.guard.state !== 'passed' : seen.facts.role !== 'active'
}
