/** docker/programs/guard once the signer may start: it compares until the signer has written itself, and takes back what it has cleared. */

import { mkdirSync, rmdirSync, rmSync } from 'node:fs'
import t, { type Test } from 'tap'
import { boot, chainGoesOn, cleared, guarded, looksTwice, place, proven, seen, wanted, type Guarded } from './guard-setting.ts'
import { otherKeys, ownKey, usualState } from './guard-node.ts'
import { runProgramFile } from './run-program.ts'
import { hasWritten, makeDatabase, openDatabase } from './signer-database.ts'
import { until } from './tools.ts'

const lane = 'signers-0-1'
const uncompressed = `04${ownKey.slice(2)}${'7'.repeat(64)}`

/** A guard that has just let the signer start. */
async function passed(t: Test, tracks = true): Promise<Guarded> {
  const guard = await guarded(t)
  makeDatabase(guard.root, tracks)
  guard.run()
  await chainGoesOn(guard, () => cleared(guard))
  await guard.reaches(/^passed/)
  return guard
}

/** The signer here writes: its node has it, and its database a moment later. */
async function writes(guard: Guarded, key = ownKey): Promise<void> {
  const version = guard.state.slots[lane]![1]! + 1
  guard.state.slots[lane]![1] = version
  await new Promise((resolve) => { setTimeout(resolve, 20) })
  hasWritten(guard.root, key, 1, version)
}

t.test('another instance writes before the signer here does: refused, and the signer is stopped', async (t) => {
  const guard = await passed(t)
  t.match(guard.verdict().join(': '), /^passed: .*; its slots are compared until it has written itself/)
  guard.state.slots['signers-0-2']![1]!++
  await guard.reaches(/^refused: slot 1 of signers-0-2 \(cycle 4\) went from version 30 to 31 which the signer here has not written: another instance runs with this key/)
  await until(() => !cleared(guard), () => 'the gate goes by this file')
  t.notOk(proven(guard))
})

for (const [form, key] of [['compressed', ownKey], ['uncompressed', uncompressed]] as const) {
  t.test(`the signer here writes, and its database holds its key ${form}: passed for good`, async (t) => {
    const guard = await passed(t)
    await writes(guard, key)
    await chainGoesOn(guard, () => proven(guard))
    await guard.reaches(/^passed: no instance wrote its slots in [2-7] signing intervals \(cycle 4: [^;]*$/)
    guard.state.slots[lane]![1]! += 9
    await looksTwice(guard)
    t.ok(cleared(guard), 'what it writes from now on is not looked at')
  })
}

t.test('another key in its database, or another slot, is not this signer\'s doing', async (t) => {
  for (const [key, slot] of [[otherKeys[0]!, 1], [ownKey, 2]] as const) {
    const guard = await passed(t)
    hasWritten(guard.root, key, slot, 99)
    guard.state.slots[lane]![1]!++
    await guard.reaches(/^refused/)
  }
})

t.test('another instance that writes beside the signer here is still seen', async (t) => {
  const guard = await passed(t)
  await writes(guard)
  guard.state.slots[lane]![1]! += 2
  await guard.reaches(/^refused: .* which the signer here has not written/)
})

t.test('a release whose database does not tell: nothing can be compared, and nothing is', async (t) => {
  const guard = await passed(t, false)
  await chainGoesOn(guard, () => proven(guard))
})

t.test('a guard that is started anew compares on', async (t) => {
  const guard = await guarded(t)
  makeDatabase(guard.root)
  guard.root.write(`${place}/cleared`, `${wanted}${boot}`)
  guard.run()
  await guard.reaches(/^passed: cleared before; its slots are compared/)
  // The first interval lets an old state arrive.
  const waited = guard.state.slots[lane]!.slice()
  await chainGoesOn(guard, () => guard.state.slots[lane]![0]! > waited[0]! + 60)
  guard.state.slots[lane]![1]!++
  await guard.reaches(/^refused/)
})

t.test('a key without a seat is cleared until it has one; then its slots are compared', async (t) => {
  const seat = usualState().sets
  const noSeat = async () => {
    const guard = await guarded(t, (state) => { state.sets = { 4: [otherKeys[0]!, otherKeys[1]!, otherKeys[2]!, `02${'55'.repeat(32)}`] } })
    makeDatabase(guard.root)
    guard.run()
    await guard.reaches(/^passed: not registered/)
    guard.state.sets = seat
    await guard.reaches(/^passed: .*until it has written itself/)
    return guard
  }
  const alone = await noSeat()
  await writes(alone)
  await chainGoesOn(alone, () => proven(alone))
  const two = await noSeat()
  two.state.slots[lane]![1]!++
  await two.reaches(/^refused: slot 1 of signers-0-1/)
  await until(() => !cleared(two), seen(two))
})

t.test('after a new boot of the machine', async (t) => {
  const rebooted = async (version: number, tracks = true) => {
    const guard = await guarded(t)
    if (tracks) hasWritten(guard.root, ownKey, 1, 40)
    guard.root.write(`${place}/cleared`, `${wanted}another-boot\n`)
    guard.root.write(`${place}/proven`, wanted)
    guard.state.slots[lane]![1] = version
    guard.run()
    return guard
  }
  const same = await rebooted(40)
  await same.reaches(/^watching: .* earlier writes may still arrive/)
  t.equal(same.root.read(`${place}/cleared`), `${wanted}another-boot\n`, 'which opens no gate')
  await chainGoesOn(same, () => same.root.read(`${place}/cleared`) === `${wanted}${boot}`)
  await same.reaches(/^passed: no instance wrote its slots in [12] signing intervals/)
  const onItsWay = await rebooted(41)
  await chainGoesOn(onItsWay, () => onItsWay.root.read(`${place}/cleared`) === `${wanted}${boot}`)
  const copy = await rebooted(42)
  await copy.reaches(/^refused: slot 1 of signers-0-1 \(cycle 4\) is at version 42, and this host has written 40 before it went off: another instance runs with this key/)
  const unknown = await rebooted(42, false)
  await unknown.reaches(/^watching: .*still arrive/)
  await chainGoesOn(unknown, () => unknown.root.read(`${place}/cleared`) === `${wanted}${boot}`)
  await unknown.reaches(/^passed: no instance wrote its slots in [2-7] signing intervals/)
})

t.test('a database that is put back while it compares: it begins anew, and lets the signer start again', async (t) => {
  const guard = await passed(t)
  guard.root.write('/var/lib/stacks-signer/restored', '')
  await guard.reaches(/^watching/)
  t.notOk(cleared(guard))
  await chainGoesOn(guard, () => cleared(guard))
  t.notOk(guard.root.has('/var/lib/stacks-signer/restored'))
})

t.test('DOPPELGANGER_GUARD=off: passes at once, and says so; on again, it compares', async (t) => {
  const guard = await guarded(t, (state) => { state.synced = false })
  makeDatabase(guard.root)
  const off = guard.run({ DOPPELGANGER_GUARD: 'off' })
  await guard.reaches(/^passed: DOPPELGANGER_GUARD=off: nothing checks/)
  t.ok(cleared(guard))
  t.notOk(proven(guard))
  await off.stop()
  guard.state.synced = true
  guard.run()
  await guard.reaches(/^passed: cleared before; its slots are compared/)
})

t.test('a host that is off limits stays so, guard or not', async (t) => {
  for (const [line, state] of [[wanted.replace('active', 'standby'), /^standby/], [wanted, /^refused/]] as const) {
    const guard = await guarded(t, undefined, line)
    guard.root.write(`${place}/refused`, `${wanted}seen twice\n`)
    guard.root.write(`${place}/skip`, `${line}skip\n`)
    guard.root.write(`${place}/cleared`, `${line}${boot}`)
    guard.run({ DOPPELGANGER_GUARD: 'off' })
    await guard.reaches(state)
    await until(() => !cleared(guard), seen(guard))
    t.notOk(guard.root.has(`${place}/skip`), 'and does not count later')
  }
})

t.test('the operator\'s word lets the signer start once, without a look', async (t) => {
  const guard = await guarded(t, (state) => { state.synced = false })
  makeDatabase(guard.root)
  guard.run()
  await guard.reaches(/^waiting/)
  t.equal(await guard.asks('--skip').ended, 0)
  await guard.reaches(/^passed: make guard-skip: the operator has said that no other instance runs/)
  t.ok(cleared(guard))
  t.notOk(guard.root.has(`${place}/skip`))
  rmSync(guard.root.at(`${place}/cleared`))
  await guard.reaches(/^waiting/)
  t.notOk(cleared(guard), 'used once')
})

t.test('the operator\'s word is gone before it counts: a guard that ends in between leaves it to nobody', async (t) => {
  const guard = await guarded(t, (state) => { state.synced = false })
  await guard.asks('--skip').ended
  // What it cannot remove ends it in the midst of clearing.
  mkdirSync(guard.root.at('/var/lib/stacks-signer/restored'))
  t.equal(await guard.run().ended, 70)
  t.notOk(guard.root.has(`${place}/skip`) || cleared(guard))
  rmdirSync(guard.root.at('/var/lib/stacks-signer/restored'))
  guard.run()
  await guard.reaches(/^waiting/)
  t.notOk(cleared(guard))
})

t.test('after the operator\'s word too, what another instance writes is seen', async (t) => {
  const guard = await guarded(t)
  makeDatabase(guard.root)
  await guard.asks('--skip').ended
  guard.run()
  await guard.reaches(/^passed: .*; its slots are compared/)
  const from = guard.state.slots[lane]![0]!
  await chainGoesOn(guard, () => guard.state.slots[lane]![0]! > from + 60)
  guard.state.slots[lane]![1]!++
  await guard.reaches(/^refused/)
})

t.test('a word that is not for this host, key or role, or not one, does not count', async (t) => {
  for (const text of [wanted, `${wanted}yes\n`, `${wanted.replace('abab', 'cdcd')}skip\n`, `${wanted.replace('active', 'standby')}skip\n`, 'skip\n', '\n']) {
    const guard = await guarded(t, (state) => { state.synced = false })
    guard.root.write(`${place}/skip`, text)
    guard.run()
    await guard.reaches(/^waiting/)
    await until(() => !guard.root.has(`${place}/skip`), seen(guard))
    t.notOk(cleared(guard), JSON.stringify(text))
  }
  const standby = await guarded(t, undefined, wanted.replace('active', 'standby'))
  const refused = await guarded(t)
  refused.root.write(`${place}/refused`, `${wanted}seen twice\n`)
  for (const [guard, says] of [[standby, /not the active one/], [refused, /make guard-retry first/]] as const) {
    const ran = await guard.asks('--skip')
    t.equal(await ran.ended, 1)
    t.match(ran.said(), says)
  }
})

t.test('a database that is locked: nothing is told of it, and the comparison goes on once it is free', async (t) => {
  const guard = await guarded(t)
  makeDatabase(guard.root)
  guard.root.write(`${place}/cleared`, `${wanted}${boot}`)
  const database = openDatabase(guard.root)
  t.teardown(() => { database.close() })
  database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  // In a process of its own: it waits for the lock, and would hold up what frees it.
  runProgramFile(t, 'guard', [], guard.environment())
  await guard.reaches(/^passed: this host was cleared before; its slots are compared when the node shows them/)
  database.exec('COMMIT; PRAGMA locking_mode = NORMAL; SELECT count(*) FROM db_config')
  await guard.reaches(/^passed: cleared before; its slots are compared until it has written itself/)
  t.ok(cleared(guard))
})

t.test('versions beyond 2^53 in the database of the signer', async (t) => {
  const guard = await guarded(t, (state) => { state.beyond = 2n ** 53n })
  hasWritten(guard.root, ownKey, 1, 2n ** 53n + 40n)
  guard.root.write(`${place}/cleared`, `${wanted}${boot}`)
  guard.run()
  const from = guard.state.slots[lane]![0]!
  await chainGoesOn(guard, () => guard.state.slots[lane]![0]! > from + 60)
  guard.state.slots[lane]![1]!++
  await guard.reaches(/^refused: slot 1 of signers-0-1 \(cycle 4\) went from version 9007199254741032 to 9007199254741033 which the signer here has not written/)
})
