/**
 * Samples for tests that check one property in many cases. All cases run only with TEST_ALL=1 (`npm run test:all`). Otherwise a sample
 * runs. It changes each day, and the test prints its seed. TEST_SEED=… repeats it.
 */

import { createHash } from 'node:crypto'
import type { Test } from 'tap'
import { randomNumbers } from './random-answers.ts'

/** Whether all cases run. Some counts are only right then. */
export const whole = process.env['TEST_ALL'] === '1'
const seed = process.env['TEST_SEED'] ?? new Date().toISOString().slice(0, 10)

/** `count` of the cases in their order, or all cases with TEST_ALL=1. */
export function sample<T>(t: Test, name: string, cases: readonly T[], count: number): readonly T[] {
  const taken = whole ? cases : drawn(cases, count, randomNumbers(createHash('sha256').update(`${seed} ${name}`).digest().readUInt32BE()))
  t.comment(`${name}: ${taken.length} of ${cases.length}, TEST_SEED=${seed}`)
  return taken
}

function drawn<T>(cases: readonly T[], count: number, next: () => number): readonly T[] {
  const order = cases.map((_, index) => [next(), index] as const).sort(([a], [b]) => a - b)
  const chosen = new Set(order.slice(0, count).map(([, index]) => index))
  return cases.filter((_, index) => chosen.has(index))
}
