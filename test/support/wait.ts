/** Tests wait for a state, never for a time. All waits have one limit. Only a wait for something that never happens reaches it. */

import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import t from 'tap'

/** In milliseconds. The slowest step on a busy machine takes much less. */
export const limit = 600_000

// The runner has a limit for each file (test/suite/file.ts). A file that is started without the runner has only the limit of its waits.
if (process.env['TAP_TIMEOUT'] === undefined) t.setTimeout(0)

/**
 * Waits until `done` is true. Throws with what `seen` returns at the limit, or as soon as `over` returns why `done` can
 * no longer become true.
 */
export async function until(done: () => boolean | Promise<boolean>, seen: () => string, over: () => string | undefined = () => undefined): Promise<void> {
  const end = Date.now() + limit
  for (;;) {
    // `over` is called first: the program that has ended may have done its work just before.
    const reason = over()
    if (await done()) return
    if (reason !== undefined) throw new Error(`${reason}; last seen:\n${seen()}`)
    if (Date.now() >= end) throw new Error(`it did not happen within ${limit / 1000} s; last seen:\n${seen()}`)
    await sleep(20)
  }
}

/** Calls `look` until `wanted` accepts its value, and returns the value. Throws with the last value at the limit. */
export async function waitFor<T>(what: string, look: () => T | Promise<T>, wanted: (seen: T) => boolean = Boolean): Promise<T> {
  const end = Date.now() + limit
  for (;;) {
    const seen = await look()
    if (wanted(seen)) return seen
    if (Date.now() >= end) throw new Error(`waited ${limit / 1000} s for: ${what}; last seen:\n${typeof seen === 'string' ? seen.slice(-4000) : inspect(seen, { depth: 5 })}`)
    await sleep(250)
  }
}
