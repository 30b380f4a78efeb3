/** The one line that says how far a run is. */

import t from 'tap'
import { statusLine } from '../../generator/cli/status-line.ts'

function setting(columns = 80) {
  let now = 5000
  const timers: { readonly at: number; readonly action: () => void }[] = []
  const written: string[] = []
  const line = statusLine({ write: (text) => written.push(text), columns: () => columns, now: () => now, later: (action, wait) => timers.push({ at: now + wait, action }) })
  const pass = (milliseconds: number) => {
    now += milliseconds
    for (const timer of timers.splice(0)) timer.at <= now ? timer.action() : timers.push(timer)
  }
  return { line, pass, taken: () => written.splice(0) }
}

t.test('nothing within the first second, then the last word', async (t) => {
  const { line, pass, taken } = setting()
  line.say('1 of 3')
  pass(400)
  line.say('2 of 3')
  pass(599)
  t.strictSame(taken(), [])
  pass(1)
  t.strictSame(taken(), ['\r\u001b[K2 of 3'])
  line.clear()
  t.strictSame(taken(), ['\r\u001b[K'])
  line.clear()
  t.strictSame(taken(), [], 'what is not there is not taken away')
})

t.test('a run that ends within the second writes nothing at all', async (t) => {
  const { line, pass, taken } = setting()
  line.say('1 of 3')
  pass(900)
  line.clear()
  pass(5000)
  t.strictSame(taken(), [])
})

t.test('a loop without a pause is shown ten times a second', async (t) => {
  const { line, pass, taken } = setting()
  for (let step = 0; step < 3000; step += 1) {
    line.say(`step ${step}`)
    pass(1)
  }
  const shown = taken()
  t.ok(shown.length >= 19 && shown.length <= 21, String(shown.length))
  t.equal(shown[0], '\r\u001b[Kstep 999')
})

t.test('never wider than the terminal, and nothing in it is obeyed', async (t) => {
  const { line, pass, taken } = setting(20)
  pass(2000)
  line.say('fleet/\u001b[31m/a-very-long-name.env')
  t.strictSame(taken(), ['\r\u001b[Kfleet/\\u{1b}[31m/a-'])
})
