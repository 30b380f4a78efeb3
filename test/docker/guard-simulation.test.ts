/**
 * Two hosts that start together, a thousand times: the guard's own decision code with a simulated clock. Both go on in none
 * of the runs where they hear each other: where what the first signer writes is at the other's node for 15 seconds before
 * that one's signer writes.
 */

import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { needs, start, toolFolder } from './tools.ts'

const options = needs('python3')
const seed = 20261130

interface Result {
  readonly runs: number
  readonly bothPassed: number
  readonly bothPassedThoughHeard: number
  readonly onePassed: number
  readonly unheardApart: number
}

async function simulated(t: Test, runs: number, ...more: readonly string[]): Promise<Result> {
  const program = fileURLToPath(new URL('guard-simulation.py', import.meta.url))
  const { code, out } = await start(t, 'python3', [program, String(runs), String(seed), ...more], { PYTHONPATH: toolFolder }).ended
  t.equal(code, 0, out)
  t.comment(out.trim())
  return JSON.parse(out) as Result
}

t.test('two hosts that start together', options, async (t) => {
  const found = await simulated(t, 1000)
  t.equal(found.runs, 1000)
  t.equal(found.bothPassedThoughHeard, 0)
  t.ok(found.unheardApart < 150, 'they rarely miss each other')
  t.ok(found.bothPassed < 50, 'and most that did see each other soon after')
  t.ok(found.onePassed > 950, 'one of them signs')
})

t.test('without a word of each other both go on, or the test above would prove nothing', options, async (t) => {
  t.ok((await simulated(t, 50, 'unheard')).bothPassedThoughHeard > 25)
})
