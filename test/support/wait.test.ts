/** Waiting for a state. */

import t from 'tap'
import { limit, waitFor } from './wait.ts'

t.test('what is wanted is returned as soon as it is seen', async (t) => {
  let count = 0
  t.equal(await waitFor('three', () => ++count, (seen) => seen === 3), 3)
  t.equal(count, 3)
})

t.test('at the limit it says what it waited for and what it saw last', async (t) => {
  let now = 0
  t.intercept(Date, 'now', { value: () => now })
  const look = () => {
    now += limit
    return { state: `after ${now / 1000} s` }
  }
  await t.rejects(waitFor('a state', look, () => false), { message: new RegExp(`waited ${limit / 1000} s for: a state; last seen:\\n.*after ${limit / 1000} s`) })
})

t.test('what goes wrong while looking is told at once', async (t) => {
  await t.rejects(waitFor('a state', () => { throw new Error('no such thing') }), { message: 'no such thing' })
})
