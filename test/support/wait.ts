/** How tests wait: for a state, never for a time. All waits share one limit, which only what never happens reaches. */

import t from 'tap'

/** In milliseconds; far more than the slowest step takes on a busy machine. */
export const limit = 600_000

// tap's runner limits a file (package.json). A file started by hand has the limit of its waits alone.
if (process.env['TAP_TIMEOUT'] === undefined) t.setTimeout(0)

/**
 * Waits until `done` holds. Throws with what `seen` shows after the limit, or as soon as `over` says why it cannot
 * happen any more.
 */
export async function until(done: () => boolean | Promise<boolean>, seen: () => string, over: () => string | undefined = () => undefined): Promise<void> {
  const end = performance.now() + limit
  for (;;) {
    // Asked before: what ended may have done it just now.
    const reason = over()
    if (await done()) return
    if (reason !== undefined) throw new Error(`${reason}; last seen:\n${seen()}`)
    if (performance.now() > end) throw new Error(`it did not happen within ${limit / 1000} s; last seen:\n${seen()}`)
    await new Promise((resolve) => { setTimeout(resolve, 20) })
  }
}
