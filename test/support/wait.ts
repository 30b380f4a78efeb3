/** How tests wait: for a state, never for a time. All waits share one limit, which only what never happens reaches. */

import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import t from 'tap'

/** In milliseconds; far more than the slowest step takes on a busy machine. */
export const limit = 600_000

// The suite's runner limits a file (test/suite/file.ts). A file started by hand has the limit of its waits alone.
if (process.env['TAP_TIMEOUT'] === undefined) t.setTimeout(0)

/**
 * Waits until `done` holds. Throws with what `seen` shows after the limit, or as soon as `over` says why it cannot
 * happen any more.
 */
export async function until(done: () => boolean | Promise<boolean>, seen: () => string, over: () => string | undefined = () => undefined): Promise<void> {
  const end = Date.now() + limit
  for (;;) {
    // Asked before: what ended may have done it just now.
    const reason = over()
    if (await done()) return
    if (reason !== undefined) throw new Error(`${reason}; last seen:\n${seen()}`)
    if (Date.now() >= end) throw new Error(`it did not happen within ${limit / 1000} s; last seen:\n${seen()}`)
    await sleep(20)
  }
}

/** Looks until what is seen is as `wanted` says, and returns it. Throws with what was seen last. */
export async function waitFor<T>(what: string, look: () => T | Promise<T>, wanted: (seen: T) => boolean = Boolean): Promise<T> {
  const end = Date.now() + limit
  for (;;) {
    const seen = await look()
    if (wanted(seen)) return seen
    if (Date.now() >= end) throw new Error(`waited ${limit / 1000} s in vain: ${what}; seen last:\n${typeof seen === 'string' ? seen.slice(-4000) : inspect(seen, { depth: 5 })}`)
    await sleep(250)
  }
}
