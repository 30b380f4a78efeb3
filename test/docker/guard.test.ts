/** docker/tools/guard.py against a scripted node: when it lets a signer start, when it waits, and when it refuses. */

import t, { type Test } from 'tap'
import { join } from 'node:path'
import { listening, otherKeys, ownKey, scriptedNode, usualState, type NodeState } from './guard-node.ts'
import { makeRoot, needs, start, toolFolder, until, type Root, type Running } from './tools.ts'

const options = needs('python3')
const place = '/var/lib/stacks-signer/guard'
const wanted = `v1 active ${'ab'.repeat(16)} ${ownKey}\n`

interface Guarded { readonly root: Root; readonly state: NodeState; readonly address: string; run(): Running; verdict(): readonly string[]; reaches(pattern: RegExp): Promise<void> }

async function guarded(t: Test, change: (state: NodeState) => void = () => undefined, line = wanted): Promise<Guarded> {
  const root = makeRoot(t, [place, '/etc/stacks-signer'])
  const state = usualState()
  change(state)
  root.write(`${place}/wanted`, line)
  const address = await listening(t, scriptedNode(state))
  const verdict = () => (root.has(`${place}/verdict`) ? root.read(`${place}/verdict`).trimEnd().split('\n') : [])
  return {
    root, state, address, verdict,
    run: () => start(t, 'python3', [join(toolFolder, 'guard.py')], { STACK_ROOT: root.path, NODE_RPC: address, LANES: '1,2,3', GUARD_PERIOD: '0.05', GUARD_LEAST: '0.2' }),
    reaches: (pattern) => until(() => pattern.test(verdict().join(': ')), () => `${pattern}, but ${verdict().join(': ')}`),
  }
}

const cleared = ({ root }: Guarded) => root.has(`${place}/cleared`)
/** What a wait shows of a guard that does not come there. */
const seen = (guard: Guarded) => () => guard.verdict().join(': ')
/** The others answer a block; `own` raises ours too. */
const blocks = (state: NodeState, own = 0, contract = 'signers-0-1') => { state.slots[contract] = state.slots[contract]!.map((version, index) => version + (index === 1 ? own : 1)) }

/** The others answer blocks until `done`. */
async function chainGoesOn(guard: Guarded, done: () => boolean, contract = 'signers-0-1'): Promise<void> {
  await until(() => { blocks(guard.state, 0, contract); return done() }, seen(guard))
}

t.test('not registered: passes at once, and says so', options, async (t) => {
  const guard = await guarded(t, (state) => { state.sets = { 4: [...otherKeys] }; state.slots = {} })
  const running = guard.run()
  await guard.reaches(/^passed: not registered for cycle 4 or the next/)
  t.equal(guard.root.read(`${place}/cleared`), wanted)
  await running.says(/guard: passed: not registered/)
})

t.test('registered and quiet: passes after two signing intervals, and not before the others sign', options, async (t) => {
  const guard = await guarded(t)
  guard.run()
  await guard.reaches(/^watching: .* what was written before arrives: 0 % of the other signers/)
  const { asked } = guard.state
  await until(() => guard.state.asked > asked + 100, seen(guard))
  t.notOk(cleared(guard), 'where nobody signs, nothing can be told')
  await chainGoesOn(guard, () => cleared(guard))
  await guard.reaches(/^passed: nobody wrote its slots in 2 signing intervals \(cycle 4: signers-0-1 40, signers-0-2 30, signers-0-3 20\)/)
})

for (const [lane, from] of [['signers-0-1', 40], ['signers-0-2', 30], ['signers-0-3', 20]] as const) {
  t.test(`another instance writes ${lane}: refused with both versions, for good`, options, async (t) => {
    const guard = await guarded(t)
    const running = guard.run()
    await chainGoesOn(guard, () => /signing interval 1/.test(guard.verdict()[1] ?? ''))
    guard.state.slots[lane]![1]! += 4
    await guard.reaches(/^refused/)
    t.match(guard.verdict()[1], `slot 1 of ${lane} (cycle 4) went from version ${from} to ${from + 4} while the signer here is off`)
    t.notOk(cleared(guard))
    running.process.kill('SIGKILL')
    await running.ended
    guard.run()
    for (let count = 0; count < 30; count++) { blocks(guard.state); await new Promise((resolve) => { setTimeout(resolve, 60) }) }
    t.notOk(cleared(guard), 'a new start does not forget it')
    t.equal((await start(t, 'python3', [join(toolFolder, 'guard.py'), '--again'], { STACK_ROOT: guard.root.path }).ended).code, 0)
    await chainGoesOn(guard, () => cleared(guard))
  })
}

t.test('what was written before may still arrive, but only in the first interval', options, async (t) => {
  const guard = await guarded(t, (state) => { state.slots['signers-0-1']![1] = 0 })
  guard.run()
  await guard.reaches(/what was written before arrives/)
  guard.state.slots['signers-0-1']![1] = 40
  await chainGoesOn(guard, () => cleared(guard))
  await guard.reaches(/^passed/)
})

t.test('a write while the node restarts is seen afterwards', options, async (t) => {
  const guard = await guarded(t)
  guard.run()
  await chainGoesOn(guard, () => /signing interval 1/.test(guard.verdict()[1] ?? ''))
  guard.state.instead['/v2/info'] = [503, '']
  await guard.reaches(/^waiting: \/v2\/info: status 503/)
  guard.state.slots['signers-0-3']![1]!++
  delete guard.state.instead['/v2/info']
  await guard.reaches(/^refused: slot 1 of signers-0-3 \(cycle 4\) went from version 20 to 21/)
})

t.test('a version that falls: watches anew', options, async (t) => {
  const guard = await guarded(t)
  const running = guard.run()
  await chainGoesOn(guard, () => /signing interval 1/.test(guard.verdict()[1] ?? ''))
  guard.state.slots['signers-0-1']![1] = 12
  await until(() => /arrives/.test(guard.verdict()[1] ?? '') || /fell/.test(guard.verdict()[1] ?? ''), seen(guard))
  await chainGoesOn(guard, () => cleared(guard))
  await running.says(/guard: passed/)
})

t.test('a cycle that changes while it watches: starts over in the new one', options, async (t) => {
  const guard = await guarded(t)
  guard.run()
  await chainGoesOn(guard, () => /signing interval [12]/.test(guard.verdict()[1] ?? ''))
  Object.assign(guard.state, { sets: { ...guard.state.sets, 5: [ownKey, ...otherKeys] }, slots: { ...guard.state.slots, 'signers-1-1': [9, 1, 1, 1], 'signers-1-2': [9, 1, 1, 1], 'signers-1-3': [9, 1, 1, 1] } })
  guard.state.cycle = 5
  await guard.reaches(/what was written before arrives/)
  await until(() => { guard.state.slots['signers-1-1'] = guard.state.slots['signers-1-1']!.map((version, index) => version + (index === 0 ? 0 : 1)); return /signing interval 1/.test(guard.verdict()[1] ?? '') }, seen(guard))
  guard.state.slots['signers-1-1']![0]!++
  await guard.reaches(/^refused: slot 0 of signers-1-1 \(cycle 5\)/)
})

t.test('a seat in the next cycle alone: watched too, and what that proves is said', options, async (t) => {
  const guard = await guarded(t, (state) => {
    state.sets = { 4: [...otherKeys], 5: [ownKey] }
    state.slots = { 'signers-0-1': [1, 1, 1], 'signers-1-1': [0], 'signers-1-2': [0], 'signers-1-3': [0] }
  })
  guard.run()
  await until(() => { guard.state.slots['signers-0-1'] = guard.state.slots['signers-0-1']!.map((version) => version + 1); return cleared(guard) }, seen(guard))
  await guard.reaches(/^passed: .*its seat is only in the next cycle, so another instance need not write yet/)
})

t.test('alone in its set: Bitcoin blocks are the intervals', options, async (t) => {
  const guard = await guarded(t, (state) => { state.sets = { 4: [ownKey] }; state.slots = { 'signers-0-1': [4], 'signers-0-2': [4], 'signers-0-3': [4] } })
  guard.run()
  await guard.reaches(/alone in its set, waiting for a Bitcoin block/)
  t.notOk(cleared(guard))
  await until(() => { guard.state.burn++; return cleared(guard) }, seen(guard))
})

t.test('the token of the other host: its versions must be here, and nothing above them', options, async (t) => {
  const receipt = JSON.stringify({ cycle: 4, slots: { 'signers-0-1': 41, 'signers-0-2': 30, 'signers-0-3': 20 } })
  const guard = await guarded(t)
  guard.root.write(`${place}/receipt.json`, receipt)
  guard.run()
  await guard.reaches(/^watching: slot 1 of signers-0-1 \(cycle 4\) is at version 40 here, the other host has written 41/)
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

t.test('nothing passes on an answer that does not tell', options, async (t) => {
  const cases: readonly (readonly [name: string, at: string, status: number, body: string, says: RegExp])[] = [
    ['a node that is behind', '/v2/info', 200, '{"burn_block_height":1,"stacks_tip_height":1,"is_fully_synced":false}', /not level with the chain yet: Stacks block 1, Bitcoin block 1/],
    ['no word of being level', '/v2/info', 200, '{"burn_block_height":1,"stacks_tip_height":1}', /not level/],
    ['heights that are text', '/v2/info', 200, '{"burn_block_height":"1","stacks_tip_height":1,"is_fully_synced":true}', /burn_block_height is no number/],
    ['no JSON', '/v2/pox', 200, '{"contract_id":', /\/v2\/pox: no JSON/],
    ['a list for an object', '/v2/pox', 200, '[]', /not what it should be/],
    ['a cycle that is true', '/v2/pox', 200, '{"contract_id":"SP000000000000000000002Q6VF78.pox-5","reward_cycle_id":true}', /reward_cycle_id is no number/],
    ['a contract that is none', '/v2/pox', 200, '{"contract_id":"../../x","reward_cycle_id":4}', /contract_id is none/],
    ['no set for this cycle', '/v3/stacker_set/4', 400, '{"err_type":"not_available_try_again"}', /stacker_set\/4: status 400/],
    ['no list of signers', '/v3/stacker_set/4', 200, '{"stacker_set":{"signers":null}}', /no list of signers/],
    ['a key twice', '/v3/stacker_set/4', 200, JSON.stringify({ stacker_set: { signers: [ownKey, ownKey].map((signing_key) => ({ signing_key, weight: 1 })) } }), /stands there twice/],
    ['a failure of another kind for the next cycle', '/v3/stacker_set/5', 500, '{"err_type":"other"}', /stacker_set\/5: status 500/],
    ['no such contract', path, 404, 'StackerDB contract not found', /signers-0-1: status 404/],
    ['fewer slots than signers', path, 200, four((rows) => rows.slice(1)), /3 slots for 4 signers/],
    ['a slot twice', path, 200, four((rows) => [rows[0], ...rows.slice(0, 3)]), /stand there twice/],
    ['a version that is text', path, 200, four(([first, ...rest]) => [{ ...first, slot_version: '7' }, ...rest]), /slot_version is no number/],
    ['a negative version', path, 200, four(([first, ...rest]) => [{ ...first, slot_version: -1 }, ...rest]), /slot_version is no number/],
    ['slots that are no objects', path, 200, '[1,2,3,4]', /a slot is no object/],
    ['a body of nested brackets', path, 200, '['.repeat(100_000), /no JSON|not what it should be/],
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
    const running = start(t, 'python3', [join(toolFolder, 'guard.py')], { STACK_ROOT: guard.root.path, NODE_RPC: '127.0.0.1:1', LANES: '1', GUARD_PERIOD: '0.05' })
    await guard.reaches(/^waiting: the node at 127\.0\.0\.1:1 does not answer yet/)
    running.process.kill()
  })
})

t.test('what was cleared stays so, until host, key or database change', options, async (t) => {
  for (const [name, change, again] of [
    ['the same', () => undefined, false],
    ['another host', (root: Root) => { root.write(`${place}/wanted`, wanted.replace('abab', 'cdcd')) }, true],
    ['another key', (root: Root) => { root.write(`${place}/wanted`, wanted.replace(ownKey, otherKeys[0]!)) }, true],
    ['a database from a backup', (root: Root) => { root.write('/var/lib/stacks-signer/restored', '') }, true],
    ['a standby now', (root: Root) => { root.write(`${place}/wanted`, wanted.replace('active', 'standby')) }, true],
  ] as const) {
    await t.test(name, async (t) => {
      const guard = await guarded(t)
      guard.root.write(`${place}/cleared`, wanted)
      change(guard.root)
      guard.run()
      if (name === 'the same') await guard.reaches(/^passed: this host was cleared before/)
      else await guard.reaches(name === 'a standby now' ? /^standby/ : /^watching/)
      t.equal(guard.root.has(`${place}/cleared`), name === 'the same' || name === 'a standby now')
      t.ok(again || guard.verdict()[0] === 'passed')
      if (name !== 'a database from a backup') return
      await chainGoesOn(guard, () => cleared(guard))
      t.notOk(guard.root.has('/var/lib/stacks-signer/restored'), 'the marker has done its work')
    })
  }
})

t.test('a node that is away is asked ever less often', options, async (t) => {
  const root = makeRoot(t, ['/var/lib/stacks-signer/guard'])
  root.write('/var/lib/stacks-signer/guard/wanted', `v1 active ${'a'.repeat(32)} ${ownKey}\n`)
  const code = `import sys, time
sys.path.insert(0, ${JSON.stringify(toolFolder)})
import guard
slept = []
def sleep(seconds):
    slept.append(seconds)
    if len(slept) == 6:
        print('slept', *slept)
        sys.exit()
time.sleep = sleep
guard.main([])`
  const { out } = await start(t, 'python3', ['-c', code], { STACK_ROOT: root.path, NODE_RPC: '127.0.0.1:1', GUARD_PERIOD: '5' }).ended
  t.match(out, /^slept 10\.0 20\.0 30\.0 30\.0 30\.0 30\.0$/m)
})
