/** docker/tools/segments.py: which connection brings what, when some are slow. */

import t from 'tap'
import { python } from './sbtc-setting.ts'
import { needs } from './tools.ts'

// One run of four segments: its first one comes after `late` seconds, each other one after `each`.
const script = `
import json, sys
sys.path.insert(0, sys.argv[1])
import segments
now = 0
segments.time.monotonic = lambda: now
late, each = json.load(sys.stdin)
held = segments.Segments(64 << 20, 1 << 20, bytearray(64), 1)
run = held.take()
told = []
for wait in (late, each, each):
    now += wait
    held.done(run)
    told.append(run.seconds_left(now))
print(json.dumps([run.end, *told]))
`
const needed = needs('python3')

t.test('a connection that answers late is not taken for a slow one', needed, async (t) => {
  t.strictSame(JSON.parse(await python(script, [1.5, 0.25])), [4, 0, 0.5, 0.25])
})

t.test('one that is slow is', needed, async (t) => {
  t.strictSame(JSON.parse(await python(script, [0.25, 1.5])), [4, 0, 3, 1.5])
})

t.test('one that brings nothing counts as endless', needed, async (t) => {
  t.strictSame(JSON.parse((await python(script.replace('told.append', 'now += 3; told.append'), [0, 0])).replaceAll('Infinity', '"endless"')), [4, 'endless', 'endless', 'endless'])
})
