/** The three steps of a rotation: hosts that are a step apart work together, shown by real connections. */

import t from 'tap'
import { planRenewal } from '../../generator/certs/renew.ts'
import { planRotation } from '../../generator/certs/rotate.ts'
import { makeMissing } from '../../generator/certs/first.ts'
import { after, brokenPairs, chance, day, end, firstRun, handshake, messages, setting } from '../support/certificates.ts'

const now = new Date()
const using = setting(now)
const fresh = () => firstRun(setting(new Date(now.getTime() - 60 * day)))
type Files = Map<string, string>
const plan = (files: Files, force = false) => planRotation(files, using, chance, force)

async function step(files: Files, want: number): Promise<Files> {
  const { value, problems } = await plan(files)
  if (value?.step !== want) throw new Error(`expected step ${want}, got ${JSON.stringify(value?.step)} ${messages(problems).join()}`)
  return after(files, value.writes)
}

/** Both directions, for in each the other end is the server. */
async function together(one: Files, other: Files): Promise<readonly string[]> {
  return [
    await handshake(end(one, 'node-tls'), end(other, 'signer-tls'), 'node.example.net'),
    await handshake(end(other, 'signer-tls'), end(one, 'node-tls'), 'signer-tls'),
  ]
}

const start = await fresh()
const one = await step(start, 1)
const two = await step(one, 2)
const three = await step(two, 3)
const stages = [start, one, two, three]

t.test('hosts that are at most one step apart work together', async (t) => {
  for (let at = 0; at < stages.length; at += 1) {
    t.strictSame(await together(stages[at]!, stages[at]!), ['ok', 'ok'], `both at ${at}`)
    if (at === 0) continue
    t.strictSame(await together(stages[at - 1]!, stages[at]!), ['ok', 'ok'], `the node at ${at - 1}, the signer at ${at}`)
    t.strictSame(await together(stages[at]!, stages[at - 1]!), ['ok', 'ok'], `the node at ${at}, the signer at ${at - 1}`)
  }
})

t.test('a step left out is what breaks: the test can tell', async (t) => {
  t.notSame(await together(start, two), ['ok', 'ok'])
  t.notSame(await together(one, three), ['ok', 'ok'])
  t.notSame(await together(start, three), ['ok', 'ok'])
})

t.test('what each step changes', async (t) => {
  const changed = (from: Files, to: Files) => [...new Set([...from.keys(), ...to.keys()])].filter((path) => from.get(path) !== to.get(path)).sort()
  const bundles = ['certs/ca.pem', 'node-host/certs/ca.pem', 'signer-host/certs/ca.pem']
  t.strictSame(changed(start, one), [...bundles, 'secrets/tls-ca-key.next'].sort())
  t.strictSame(changed(one, two), ['node-host/certs/node-tls.pem', 'secrets/tls-ca-key', 'secrets/tls-ca-key.next', 'signer-host/certs/signer-tls.pem'])
  t.strictSame(changed(two, three), bundles)
  t.equal(one.get('certs/ca.pem')!.split('BEGIN CERTIFICATE').length, 3)
  t.equal(three.get('certs/ca.pem')!.split('BEGIN CERTIFICATE').length, 2)
  t.equal(two.get('secrets/tls-ca-key'), one.get('secrets/tls-ca-key.next'))
  t.not(three.get('certs/ca.pem'), start.get('certs/ca.pem'))
})

t.test('generating and renewing leave a rotation alone, and renewing issues what all trust', async (t) => {
  for (const [at, files] of stages.entries()) {
    t.strictSame(await makeMissing(files, using, chance, true), { value: { writes: [], notes: [] }, problems: [] }, `generating at ${at}`)
    const renewed = after(files, (await planRenewal(files, using, chance, true)).value!.writes)
    t.strictSame(await together(renewed, files), ['ok', 'ok'], `renewed at ${at}`)
    if (at > 0) t.strictSame(await together(stages[at - 1]!, renewed), ['ok', 'ok'], `renewed at ${at}, the node one behind`)
  }
})

for (const [at, files] of stages.slice(0, 3).entries()) {
  t.test(`step ${at + 1} cut off after any write: all works, and the next run does that step or is past it`, async (t) => {
    const { writes } = (await plan(files)).value!
    for (let count = 0; count <= writes.length; count += 1) {
      const cut = after(files, writes, count)
      t.strictSame(await brokenPairs(cut, using), [])
      t.strictSame(await together(cut, cut), ['ok', 'ok'], `after ${count} of ${writes.length}`)
      t.strictSame(await together(cut, files), ['ok', 'ok'], `and with a host that has nothing of it`)
      if (count === writes.length) continue
      const next = (await plan(cut)).value!
      t.equal(next.step, at + 1)
      const whole = after(cut, next.writes)
      t.strictSame(await together(whole, files), ['ok', 'ok'])
      t.equal((await plan(whole, true)).value?.step, (at + 1) % 3 + 1, 'then comes the next')
    }
  })
}

t.test('the last step run twice does not begin anew unasked', async (t) => {
  const again = await plan(three)
  t.notOk(again.value)
  t.match(messages(again.problems), [/^error: the authority s1 CA [0-9a-f]{8} is not a week old, and no rotation is under way \| .*rotate --force$/])
  t.equal((await plan(three, true)).value?.step, 1)
  t.equal((await planRotation(three, setting(new Date(now.getTime() + 8 * day)), chance, false)).value?.step, 1)
})

t.test('an authority whose key is lost, or that has run out, can be replaced', async (t) => {
  const lost = new Map(start)
  lost.delete('secrets/tls-ca-key')
  t.match(messages((await plan(lost)).problems), [/secrets\/tls-ca-key is not here \| .*if it is lost: .*rotate --force/])
  const first = after(lost, (await plan(lost, true)).value!.writes)
  const second = await step(first, 2)
  t.strictSame(await together(first, second), ['ok', 'ok'])
  const third = await step(second, 3)
  t.strictSame(await together(third, third), ['ok', 'ok'])
  const dead = await firstRun(setting(new Date(now.getTime() - 3700 * day)))
  const revived = await step(await step(await step(dead, 1), 2), 3)
  t.strictSame(await together(revived, revived), ['ok', 'ok'])
})

t.test('what is broken is put right first', async (t) => {
  const without = new Map(one)
  without.delete('node-host/certs/ca.pem')
  t.match(messages((await plan(without)).problems), [/node-host\/certs\/ca.pem is missing \| put the right file back/])
  const garbage = new Map(one).set('node-host/certs/node-tls.pem', 'x')
  t.match(messages((await plan(garbage)).problems), [/node-tls.pem holds no certificate in PEM \| first: .*certs renew/])
})
