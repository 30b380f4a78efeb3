/** No text from outside may steer a terminal. */

import t from 'tap'
import { printable, printableLine, renderJson } from '../generator/printable.ts'

const cases: readonly (readonly [text: string, shown: string])[] = [
  ['plain ASCII, ümläut, 漢字, 🙂', 'plain ASCII, ümläut, 漢字, 🙂'],
  ['tab\tand\nline', 'tab\tand\nline'],
  ['\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
  ['\u001b]0;title\u0007', '\\u{1b}]0;title\\u{7}'],
  ['over\rwritten\b\u007f', 'over\\u{d}written\\u{8}\\u{7f}'],
  ['\u009b31m', '\\u{9b}31m'],
  ['abc\u202edcba\u2066x', 'abc\\u{202e}dcba\\u{2066}x'],
  ['a\u2028b\ufeff', 'a\\u{2028}b\\u{feff}'],
  ['half \ud800 pair', 'half \\u{d800} pair'],
]
for (const [index, [text, shown]] of cases.entries()) t.equal(printable(text), shown, `case ${index}`)
t.equal(printableLine('a\nb: error: forged'), 'a\\u{a}b: error: forged')

t.test('whatever the character, what is left is inactive, and JSON means the same', async (t) => {
  const active: number[] = []
  for (let code = 0; code <= 0xffff; code += 1) {
    const text = String.fromCharCode(code)
    if (printable(text) !== text) active.push(code)
    const json = renderJson({ text })
    if (json !== printable(json)) t.fail(`JSON shows ${code.toString(16)}`)
    if ((JSON.parse(json) as { text: string }).text !== text) t.fail(`JSON changes ${code.toString(16)}`)
  }
  t.strictSame(active.filter((code) => code < 0xa0), [...Array(0xa0).keys()].filter((code) => (code < 32 && code !== 9 && code !== 10) || code >= 0x7f))
  t.equal(renderJson({ a: ['🙂', 'ü'] }), '{\n  "a": [\n    "🙂",\n    "ü"\n  ]\n}\n')
})
