/** What one look at the node has found. All numbers are as the node tells them: they go beyond 2^53. */

/** A slot of this signer. */
export interface Slot {
  /** Tells it from all other slots, in other cycles too. */
  readonly key: string
  readonly cycle: bigint
  readonly contract: string
  /** Its number in the signer set of the cycle. */
  readonly seat: number
  readonly version: bigint
}

/** What another signer of this cycle has written: the versions of its slots. */
export interface Versions {
  readonly weight: bigint
  readonly versions: readonly bigint[]
}

export interface Look {
  readonly cycle: bigint
  /** The signer's number in the sets of this cycle and the next, where it has one. */
  readonly seats: ReadonlyMap<bigint, number>
  readonly own: readonly Slot[]
  /** The others in this cycle, by their number in its set. */
  readonly others: ReadonlyMap<number, Versions>
  /** The heights of the node's Bitcoin and Stacks blocks. */
  readonly burn: bigint
  readonly stacks: bigint
}

/**
 * The weight of those who have written since `start`, and of all. `start` takes up who is new, and falls where the node has lost
 * some, so that the next write counts.
 */
export function share(others: ReadonlyMap<number, Versions>, start: Map<number, Versions>): { readonly moved: bigint; readonly total: bigint } {
  let [moved, total] = [0n, 0n]
  for (const [seat, { weight, versions }] of others) {
    const was = start.get(seat)?.versions ?? versions
    if (versions.some((version, lane) => version > (was[lane] ?? version))) moved += weight
    total += weight
    start.set(seat, { weight, versions: versions.map((version, lane) => (version < (was[lane] ?? version) ? version : was[lane] ?? version)) })
  }
  return { moved, total }
}
