/** docker/programs/guard against a scripted node: when it lets a signer start, when it waits, and when it refuses. */

import t from 'tap'
import { nextPause } from '../../docker/programs/guard/run.ts'
import { boot, chainGoesOn, cleared, guarded, inInterval, looksTwice, othersWrite, place, seen, wanted, type Guarded } from './guard-setting.ts'
import { otherKeys, ownKey, type NodeState } from './guard-node.ts'
import { runProgramFile } from './run-program.ts'
import { until, type Root } from './tools.ts'

t.test('not registered: passes at once, and says so', async (t) => {
  const guard = await guarded(t, (state) => { state.sets = { 4: [...otherKeys] }; state.slots = {} })
  const running = guard.run()
  await guard.reaches(/^passed: not registered for cycle 4 or the next/)
  t.equal(guard.root.read(`${place}/cleared`), `${wanted}${boot}`)
  t.notOk(guard.root.has(`${place}/proven`), 'not for ever')
  await running.says(/guard: passed: not registered/)
})

t.test('registered and quiet: passes after two to seven signing intervals, and not before the others sign', async (t) => {
  const guard = await guarded(t)
  guard.run()
  await guard.reaches(/^watching: .* earlier writes may still arrive: 0 % of the other signers have written/)
  const asked = guard.state.asked.length
  await until(() => guard.state.asked.length > asked + 100, seen(guard))
  t.notOk(cleared(guard), 'where nobody signs, nothing can be told')
  await chainGoesOn(guard, () => cleared(guard))
  await guard.reaches(/^passed: no instance wrote its slots in [2-7] signing intervals \(cycle 4: signers-0-1 40, signers-0-2 30, signers-0-3 20\)/)
})

for (const [lane, from] of [['signers-0-1', 40], ['signers-0-2', 30], ['signers-0-3', 20]] as const) {
  t.test(`another instance writes ${lane}: refused with both versions, for good`, async (t) => {
    const guard = await guarded(t)
    const running = guard.run()
    await chainGoesOn(guard, () => /signing interval 1/.test(guard.verdict()[1] ?? ''))
    guard.state.slots[lane]![1]! += 4
    await guard.reaches(/^refused/)
    t.match(guard.verdict()[1], `slot 1 of ${lane} (cycle 4) went from version ${from} to ${from + 4} while the signer here is off`)
    t.notOk(cleared(guard))
    await running.stop()
    guard.run()
    othersWrite(guard.state)
    await looksTwice(guard)
    t.notOk(cleared(guard), 'a new start does not forget it')
    t.equal(await guard.asks('--again').ended, 0)
    await chainGoesOn(guard, () => cleared(guard))
  })
}

t.test('what was written before may still arrive, but only in the first interval', async (t) => {
  const guard = await guarded(t, (state) => { state.slots['signers-0-1']![1] = 0 })
  guard.run()
  await guard.reaches(/earlier writes may still arrive/)
  guard.state.slots['signers-0-1']![1] = 40
  await chainGoesOn(guard, () => cleared(guard))
  await guard.reaches(/^passed/)
})

t.test('a write while the node restarts is seen afterwards', async (t) => {
  const guard = await guarded(t)
  guard.run()
  await chainGoesOn(guard, () => /signing interval 1/.test(guard.verdict()[1] ?? ''))
  guard.state.instead['/v2/info'] = [503, '']
  await guard.reaches(/^waiting: \/v2\/info: status 503/)
  guard.state.slots['signers-0-3']![1]!++
  delete guard.state.instead['/v2/info']
  await guard.reaches(/^refused: slot 1 of signers-0-3 \(cycle 4\) went from version 20 to 21/)
})

t.test('a version that falls: watches anew', async (t) => {
  const guard = await guarded(t)
  const running = guard.run()
  await chainGoesOn(guard, () => /signing interval 1/.test(guard.verdict()[1] ?? ''))
  guard.state.slots['signers-0-1']![1] = 12
  await until(() => /still arrive/.test(guard.verdict()[1] ?? '') || /fell/.test(guard.verdict()[1] ?? ''), seen(guard))
  await chainGoesOn(guard, () => cleared(guard))
  await running.says(/guard: passed/)
})

/** Everything that the verdict said while `done` was waited for, and the others wrote to `contract`. */
async function saidMeanwhile(guard: Guarded, done: () => boolean, contract = 'signers-0-1'): Promise<string> {
  const said = new Set<string>()
  await chainGoesOn(guard, () => { said.add(guard.verdict().join(': ')); return done() }, contract)
  return [...said].join('\n')
}

const nextCycle = (state: NodeState) => Object.assign(state, {
  sets: { ...state.sets, 5: [ownKey, ...otherKeys] },
  slots: { ...state.slots, 'signers-1-1': [0, 1, 1, 1], 'signers-1-2': [0, 1, 1, 1], 'signers-1-3': [0, 1, 1, 1] },
})

t.test('the next cycle\'s set becomes known, and that cycle begins: the watch goes on where it was', async (t) => {
  const guard = await guarded(t)
  guard.run()
  await chainGoesOn(guard, () => inInterval(guard))
  nextCycle(guard.state)
  t.notMatch(await saidMeanwhile(guard, () => cleared(guard)), /still arrive/)
  const other = await guarded(t)
  other.run()
  await chainGoesOn(other, () => inInterval(other))
  nextCycle(other.state).cycle = 5
  t.notMatch(await saidMeanwhile(other, () => cleared(other), 'signers-1-1'), /still arrive/)
})

for (const [what, begin] of [['known', 4], ['running', 5]] as const) {
  t.test(`a cycle that has become ${what} while it watches: its slots are compared too`, async (t) => {
    // Long intervals: it must not pass before.
    const guard = await guarded(t)
    guard.run({ GUARD_LEAST: '0.8' })
    await chainGoesOn(guard, () => inInterval(guard))
    nextCycle(guard.state).cycle = begin
    await chainGoesOn(guard, () => guard.state.asked.filter((path) => path.endsWith('/signers-1-2')).length > 2)
    guard.state.slots['signers-1-2']![0]!++
    await guard.reaches(/^refused: slot 0 of signers-1-2 \(cycle 5\) went from version 0 to 1/)
  })
}

t.test('the Stacks chain stands still: what the others write at each Bitcoin block counts', async (t) => {
  const guard = await guarded(t)
  guard.run()
  await until(() => { guard.state.burn++; othersWrite(guard.state, 'signers-0-2'); return cleared(guard) }, seen(guard))
  await guard.reaches(/^passed: no instance wrote its slots/)
  const other = await guarded(t)
  other.run()
  await until(() => { other.state.burn++; othersWrite(other.state, 'signers-0-2'); return inInterval(other) }, seen(other))
  other.state.slots['signers-0-2']![1]!++
  await other.reaches(/^refused: slot 1 of signers-0-2/)
})

t.test('Bitcoin moves and less than half of the others write: nothing can be told', async (t) => {
  const guard = await guarded(t)
  guard.run()
  await guard.reaches(/^watching/)
  const asked = guard.state.asked.length
  await until(() => {
    guard.state.burn++
    guard.state.slots['signers-0-2']![0]!++
    return guard.state.asked.length > asked + 100
  }, seen(guard))
  t.match(guard.verdict().join(': '), /^watching: .* earlier writes may still arrive: 33 % of the other signers/)
})

t.test('a seat in the next cycle alone: watched too, and what that proves is said', async (t) => {
  const guard = await guarded(t, (state) => {
    state.sets = { 4: [...otherKeys], 5: [ownKey] }
    state.slots = { 'signers-0-1': [1, 1, 1], 'signers-0-2': [1, 1, 1], 'signers-0-3': [1, 1, 1], 'signers-1-1': [0], 'signers-1-2': [0], 'signers-1-3': [0] }
  })
  guard.run()
  await until(() => { guard.state.slots['signers-0-1'] = guard.state.slots['signers-0-1']!.map((version) => version + 1); return cleared(guard) }, seen(guard))
  await guard.reaches(/^passed: .*its seat is only in the next cycle/)
})

t.test('alone in its set: Bitcoin blocks are the intervals', async (t) => {
  const guard = await guarded(t, (state) => { state.sets = { 4: [ownKey] }; state.slots = { 'signers-0-1': [4], 'signers-0-2': [4], 'signers-0-3': [4] } })
  guard.run()
  await guard.reaches(/alone in its set, waiting for a Bitcoin block/)
  t.notOk(cleared(guard))
  await until(() => { guard.state.burn++; return cleared(guard) }, seen(guard))
})

t.test('the token of the other host: its versions must be here, and nothing above them', async (t) => {
  const receipt = JSON.stringify({ cycle: 4, slots: { 'signers-0-1': 41, 'signers-0-2': 30, 'signers-0-3': 20 } })
  const guard = await guarded(t)
  guard.root.write(`${place}/receipt.json`, receipt)
  guard.run()
  await guard.reaches(/^watching: slot 1 of signers-0-1 \(cycle 4\) is at version 40 here, the other host has written 41: waiting for it to arrive/)
  guard.state.slots['signers-0-1']![1] = 41
  await chainGoesOn(guard, () => cleared(guard))
  await until(() => !guard.root.has(`${place}/receipt.json`), () => 'used once')
  guard.root.write(`${place}/receipt.json`, receipt)
  await until(() => !guard.root.has(`${place}/receipt.json`), () => 'a kill right after clearing may leave it')
  const beyond = await guarded(t, (state) => { state.slots['signers-0-1']![1] = 45 })
  beyond.root.write(`${place}/receipt.json`, receipt)
  beyond.run()
  await beyond.reaches(/^refused: slot 1 of signers-0-1 \(cycle 4\) was at version 41 when the other host was demoted, and is at 45 now/)
})

const path = '/v2/stackerdb/SP000000000000000000002Q6VF78/signers-0-1'
const slot = (more: object) => ({ slot_id: 0, slot_version: 1, data_hash: '', signature: '', ...more })
const four = (change: (rows: Record<string, unknown>[]) => unknown) => JSON.stringify(change([0, 1, 2, 3].map((slot_id) => slot({ slot_id }))))

t.test('nothing passes on an answer that does not tell', async (t) => {
  const cases: readonly (readonly [name: string, at: string, status: number, body: string, says: RegExp])[] = [
    ['a node that is behind', '/v2/info', 200, '{"burn_block_height":1,"stacks_tip_height":1,"is_fully_synced":false}', /not level with the chain yet: Stacks block 1, Bitcoin block 1/],
    ['no word of being level', '/v2/info', 200, '{"burn_block_height":1,"stacks_tip_height":1}', /not level/],
    ['heights that are text', '/v2/info', 200, '{"burn_block_height":"1","stacks_tip_height":1,"is_fully_synced":true}', /burn_block_height is no number/],
    ['no JSON', '/v2/pox', 200, '{"contract_id":', /\/v2\/pox: no JSON/],
    ['a list for an object', '/v2/pox', 200, '[]', /\/v2\/pox: not an object/],
    ['a cycle that is true', '/v2/pox', 200, '{"contract_id":"SP000000000000000000002Q6VF78.pox-5","reward_cycle_id":true}', /reward_cycle_id is no number/],
    ['a contract that is none', '/v2/pox', 200, '{"contract_id":"../../x","reward_cycle_id":4}', /contract_id is no contract/],
    ['no set for this cycle', '/v3/stacker_set/4', 400, '{"err_type":"not_available_try_again"}', /stacker_set\/4: status 400/],
    ['no list of signers', '/v3/stacker_set/4', 200, '{"stacker_set":{"signers":null}}', /no list of signers/],
    ['a key twice', '/v3/stacker_set/4', 200, JSON.stringify({ stacker_set: { signers: [ownKey, ownKey].map((signing_key) => ({ signing_key, weight: 1 })) } }), /is there twice/],
    ['a failure of another kind for the next cycle', '/v3/stacker_set/5', 500, '{"err_type":"other"}', /stacker_set\/5: status 500/],
    ['no such contract', path, 404, 'StackerDB contract not found', /signers-0-1: status 404/],
    ['fewer slots than signers', path, 200, four((rows) => rows.slice(1)), /3 slots for 4 signers/],
    ['a slot twice', path, 200, four((rows) => [rows[0], ...rows.slice(0, 3)]), /a slot is missing, or is there twice/],
    ['a version that is text', path, 200, four(([first, ...rest]) => [{ ...first, slot_version: '7' }, ...rest]), /slot_version is no number/],
    ['a version that is a fraction', path, 200, four(([first, ...rest]) => [{ ...first, slot_version: 1.5 }, ...rest]), /slot_version is no number/],
    ['a version that is a whole number with a point', path, 200, four((rows) => rows).replace('"slot_version":1,', '"slot_version":1.0,'), /slot_version is no number/],
    ['a version beyond 64 bits', path, 200, four((rows) => rows).replace('"slot_version":1,', '"slot_version":18446744073709551616,'), /slot_version is no number/],
    ['an object for slots', path, 200, '{}', /signers-0-1: not a list/],
    ['another place', '/v2/info', 302, '{"burn_block_height":1,"stacks_tip_height":1,"is_fully_synced":true}', /\/v2\/info: status 302/],
    ['more values than any answer has', path, 200, `[${'1,'.repeat(200_001)}1]`, /signers-0-1: more values than any answer has/],
    ['a larger answer than any', path, 200, ' '.repeat((2 << 20) + 1), /does not answer yet \(an answer of more than 2097152 bytes\)/],
    ['a negative version', path, 200, four(([first, ...rest]) => [{ ...first, slot_version: -1 }, ...rest]), /slot_version is no number/],
    ['slots that are no objects', path, 200, '[1,2,3,4]', /a slot is no object/],
    ['a body of nested brackets', path, 200, '['.repeat(100_000), /no JSON/],
  ]
  for (const [name, at, status, body, says] of cases) {
    await t.test(name, async (t) => {
      const guard = await guarded(t, (state) => { state.instead[at] = [status, body] })
      guard.run()
      await guard.reaches(says)
      t.equal(guard.verdict()[0], 'waiting')
      t.notOk(cleared(guard))
    })
  }
  await t.test('nobody there', async (t) => {
    const guard = await guarded(t)
    guard.run({ NODE_RPC: '127.0.0.1:1' })
    await guard.reaches(/^waiting: the node at 127\.0\.0\.1:1 does not answer yet \(ECONNREFUSED\)/)
  })
})

t.test('what was cleared and seen to the end stays so, until host, key or database change', async (t) => {
  for (const [name, change, again] of [
    ['the same', () => undefined, /^passed: this host was cleared before/],
    ['another host', (root: Root) => { root.write(`${place}/wanted`, wanted.replace('abab', 'cdcd')) }, /^watching/],
    ['another key', (root: Root) => { root.write(`${place}/wanted`, wanted.replace(ownKey, otherKeys[0]!)) }, /^watching/],
    ['a database from a backup', (root: Root) => { root.write('/var/lib/stacks-signer/restored', '') }, /^watching/],
    ['a standby now', (root: Root) => { root.write(`${place}/wanted`, wanted.replace('active', 'standby')) }, /^standby/],
  ] as const) {
    await t.test(name, async (t) => {
      const guard = await guarded(t)
      guard.root.write(`${place}/cleared`, `${wanted}${boot}`)
      guard.root.write(`${place}/proven`, wanted)
      change(guard.root)
      guard.run()
      await guard.reaches(again)
      t.equal(guard.root.has(`${place}/cleared`), name === 'the same')
      if (name !== 'a database from a backup') return
      await chainGoesOn(guard, () => cleared(guard))
      t.notOk(guard.root.has('/var/lib/stacks-signer/restored'), 'the marker has done its work')
    })
  }
})

t.test('a node that is away is asked ever less often', async (t) => {
  const pauses = [5]
  for (let count = 0; count < 6; count++) pauses.push(nextPause(pauses.at(-1)!, 'waiting', 5))
  t.strictSame(pauses, [5, 10, 20, 30, 30, 30, 30])
  t.equal(nextPause(30, 'watching', 5), 5)
})

t.test('versions beyond 2^53: a write that a Number does not show is seen', async (t) => {
  const guard = await guarded(t, (state) => { state.beyond = 2n ** 53n })
  guard.run()
  await chainGoesOn(guard, () => /signing interval 1/.test(guard.verdict()[1] ?? ''))
  guard.state.slots['signers-0-1']![1]!++
  await guard.reaches(/^refused: slot 1 of signers-0-1 \(cycle 4\) went from version 9007199254741032 to 9007199254741033/)
})

t.test('the program by itself', async (t) => {
  const guard = await guarded(t, (state) => { state.synced = false })
  const health = () => guard.asks('--health').ended
  t.equal(await health(), 1, 'before its first look')
  const waiting = runProgramFile(t, 'guard', [], guard.environment())
  await waiting.says(/^guard: waiting: the node is not level with the chain yet: Stacks block 5000000, Bitcoin block 900$/m)
  t.equal(await health(), 0)
  waiting.process.kill('SIGTERM')
  t.strictSame(await waiting.ended.then(({ code }) => code), 143, 'told to stop, it has not done its work')
  guard.root.write(`${place}/refused`, `${wanted}seen twice\n`)
  const refusing = runProgramFile(t, 'guard', [], guard.environment())
  await refusing.says(/^guard: refused: seen twice$/m)
  t.equal(await health(), 1, 'it refuses')
  refusing.process.kill('SIGKILL')
  await refusing.ended
  t.equal(await guard.asks('--again').ended, 0)
  for (const word of ['--heath', 'skip']) {
    const asked = guard.asks(word)
    t.equal(await asked.ended, 1)
    t.match(asked.said(), /^guard: say nothing, --health, --slots, --again or --skip$/m)
  }
})

t.test('told to stop while the node does not answer: it ends at once, and says nothing of the node', async (t) => {
  const guard = await guarded(t)
  const running = guard.run()
  await guard.reaches(/^watching/)
  guard.state.silent = true
  const asked = guard.state.asked.length
  await until(() => guard.state.asked.length > asked, seen(guard))
  t.equal(await running.stop(), 143)
  t.equal(guard.verdict()[0], 'watching')
})

t.test('the slots, for a token of this host', async (t) => {
  const guard = await guarded(t, (state) => { nextCycle(state).beyond = 2n ** 63n })
  const asked = guard.asks('--slots')
  t.equal(await asked.ended, 0)
  t.equal(asked.said(), '{"cycle":4,"burn":900,"stacks":5000000,"slots":{"signers-0-1":9223372036854775848,"signers-0-2":9223372036854775838,"signers-0-3":9223372036854775828}}\n')
  guard.state.synced = false
  const away = guard.asks('--slots')
  t.equal(await away.ended, 1)
  t.match(away.said(), /^guard: the node is not level with the chain yet/)
})
