/** Colours where they are wanted, and lines that fit. */

import { WriteStream } from 'node:tty'
import t from 'tap'
import { paint, plainScreen, wantsColor, wrap } from '../generator/screen.ts'

t.test('colours as Node decides it for a terminal', async (t) => {
  const environments: readonly Readonly<Record<string, string>>[] = [
    {}, { TERM: 'xterm' }, { TERM: 'dumb' }, { NO_COLOR: '1' }, { NO_COLOR: '0' }, { NODE_DISABLE_COLORS: '1' },
    { FORCE_COLOR: '1' }, { FORCE_COLOR: '0' }, { FORCE_COLOR: '' }, { FORCE_COLOR: 'true' }, { FORCE_COLOR: 'false' }, { FORCE_COLOR: '3', NO_COLOR: '1' }, { FORCE_COLOR: '1', TERM: 'dumb' },
  ]
  const emit = process.emitWarning
  process.emitWarning = () => {}
  t.teardown(() => { process.emitWarning = emit })
  for (const environment of environments) {
    const named = JSON.stringify(environment)
    const node = (WriteStream.prototype.getColorDepth as (this: unknown, env: object) => number).call({}, { TERM: 'xterm', ...environment }) > 1
    t.equal(wantsColor(true, { TERM: 'xterm', ...environment }), node, named)
    t.equal(wantsColor(false, environment), environment['FORCE_COLOR'] !== undefined && node, `${named}, no terminal`)
  }
})

t.test('an empty NO_COLOR says nothing, as no-color.org has it', async (t) => {
  t.equal(wantsColor(true, { NO_COLOR: '' }), true)
})

t.test('paint', async (t) => {
  t.equal(paint({ color: true }, 'error', 'x'), '\u001b[31m\u001b[1mx\u001b[22m\u001b[39m')
  t.equal(paint(plainScreen, 'error', 'x'), 'x')
  t.equal(paint({ color: true }, 'hint', ''), '')
})

t.test('wrap', async (t) => {
  const text = 'one two three four averyveryverylongwordindeed five'
  t.strictSame(wrap(text, plainScreen), [text])
  t.strictSame(wrap(text, { color: false, columns: 10 }), [text], 'too narrow for anything')
  t.strictSame(wrap(text, { color: false, columns: 20 }), ['one two three four', 'averyveryverylongwordindeed', 'five'])
  t.strictSame(wrap(text, { color: false, columns: 20 }, 8, 4), ['one two', 'three four', 'averyveryverylongwordindeed', 'five'])
  t.strictSame(wrap('', { color: false, columns: 20 }), [''])
  for (let columns = 20; columns < 60; columns += 1) t.equal(wrap(text, { color: false, columns }).join(' '), text)
})
