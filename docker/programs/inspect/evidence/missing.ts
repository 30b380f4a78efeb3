/** Evidence that is not there. The message says why, for people. Nothing is ever assumed in its place. */
export class Missing extends Error {}

/** It cannot be known yet, and that is no fault. */
export class TooSoon extends Missing {}

/** What `read` reads; undefined where its evidence is missing. For what another answer can tell instead. */
export function ifKnown<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Missing) return undefined
    throw error
  }
}
