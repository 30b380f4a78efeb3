/**
 * Two hosts that start together, a thousand times: the guard's own decision code with a simulated clock. Both go on in none
 * of the runs where they hear each other: where what the first signer writes is at the other's node for 15 seconds before
 * that one's signer writes.
 */

import t, { type Test } from 'tap'
import { heardAfter, simulate, type Result } from './guard-simulation.ts'

const seed = 20261130

function simulated(t: Test, runs: number, unheard = false): Result {
  const found = simulate(runs, seed, unheard)
  t.comment(JSON.stringify(found))
  return found
}

t.test('two hosts that start together', async (t) => {
  const found = simulated(t, 1000)
  t.equal(heardAfter, 15)
  t.equal(found.bothPassedThoughHeard, 0)
  t.ok(found.unheardApart < 150, 'they rarely miss each other')
  t.ok(found.bothPassed < 50, 'and most that did see each other soon after')
  t.ok(found.onePassed > 950, 'one of them signs')
})

t.test('without a word of each other both go on, or the test above would prove nothing', async (t) => {
  t.ok(simulated(t, 50, true).bothPassedThoughHeard > 25)
})

t.test('the same seed gives the same runs, another seed others', async (t) => {
  t.strictSame(simulate(20, seed), simulate(20, seed))
  t.notSame({ ...simulate(20, seed), seed: 0 }, { ...simulate(20, seed + 1), seed: 0 })
})
