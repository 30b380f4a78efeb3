/** How long to wait before a registry is asked again: its own wish, within bounds. */

const delays = [1, 2, 4] as const

/** How often one question is put, at most. */
export const attempts = delays.length + 1

/**
 * Seconds to wait after attempt number `attempt` (from 1). `retryAfter` is the header, in seconds or as a date; `now` is
 * in milliseconds. What is neither counts as absent.
 */
export function waitFor(attempt: number, retryAfter: string | undefined, now: number): number {
  const wish = retryAfter?.trim() ?? ''
  if (/^\d{1,9}$/.test(wish)) return Math.max(Number(wish), 1)
  const date = /^[A-Z][a-z]{2},? /.test(wish) ? Date.parse(wish) : Number.NaN
  if (!Number.isNaN(date)) return Math.max(Math.ceil((date - now) / 1000), 1)
  return delays[attempt - 1] ?? delays.at(-1)!
}
