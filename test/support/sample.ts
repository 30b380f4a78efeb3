/**
 * What repeats one property many times does so in full only where TEST_ALL=1 (`npm run test:all`). Else it takes a sample that
 * differs from day to day, and says by which seed: TEST_SEED=… repeats it.
 */

import { createHash } from 'node:crypto'
import type { Test } from 'tap'
import { randomNumbers } from './random-answers.ts'

/** Whether a sample is the whole: some counts are true of that alone. */
export const whole = process.env['TEST_ALL'] === '1'
const seed = process.env['TEST_SEED'] ?? new Date().toISOString().slice(0, 10)

/** `count` of the cases, in their order; all of them where the whole is wanted. */
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
