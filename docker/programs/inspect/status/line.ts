/** A line of `make status`: what an operator wants to know of one thing. */

import type { Evidence } from '../evidence/evidence.ts'

export interface Line<Value extends object = object> {
  readonly name: string
  /** Services of which one must have work on this host. */
  readonly needs?: readonly string[]
  /** What the evidence says; throws Missing where it says nothing. */
  readonly read: (seen: Evidence) => Value
  /** Whether it is as it should be. */
  readonly fine: (value: Value) => boolean
  readonly text: (value: Value, seen: Evidence) => string
  /** The fields of its JSON. */
  readonly json?: (value: Value) => object
}

/** Keeps the type of the value among the parts of one line. */
export function line<Value extends object>(parts: Line<Value>): Line {
  return parts as unknown as Line
}
