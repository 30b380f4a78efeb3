/** Who has the engine: many beside each other, or one alone. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { needs } from '../docker/tools.ts'
import { hold } from './support/hold.ts'

t.test('one that wants it alone waits for all others, and they for it', needs('flock'), async (t) => {
  const path = join(t.testdir({}), 'lock')
  const before = [await hold('beside others', path), await hold('beside others', path)]
  const order: string[] = []
  const alone = hold('alone', path).then((giveBack) => {
    order.push('alone')
    return giveBack
  })
  await sleep(300)
  t.strictSame(order, [])
  before[0]?.()
  await sleep(300)
  t.strictSame(order, [], 'one of two is still there')
  before[1]?.()
  const giveBack = await alone
  const later = hold('beside others', path).then((release) => {
    order.push('later')
    return release
  })
  await sleep(300)
  t.strictSame(order, ['alone'])
  giveBack?.()
  const last = await later
  last?.()
  t.strictSame(order, ['alone', 'later'])
})
