/** The prompts' signs without Unicode, and when that is. */

import * as clack from '@clack/prompts'
import t from 'tap'
import { asAscii, hasUnicode } from '../../generator/wizard/ascii.ts'

t.test('every sign of the library becomes one ASCII character', async (t) => {
  const signs = Object.entries(clack).filter(([name, value]) => name.startsWith('S_') && typeof value === 'string') as [string, string][]
  t.ok(signs.length > 15)
  for (const [name, sign] of signs) {
    if (name.includes('CHECKBOX')) continue // asks for nothing that has boxes to tick
    t.match(asAscii(sign), /^[ -~]+$/, name)
    t.equal(asAscii(sign).length, sign.length, name)
  }
  t.match(asAscii('↑/↓ • █ …'), /^[ -~]+$/)
  t.equal(asAscii('é stays'), 'é stays')
})

const locales: readonly (readonly [Record<string, string>, boolean])[] = [
  [{ LANG: 'en_GB.UTF-8' }, true], [{ LANG: 'C.utf8' }, true], [{ LANG: 'C' }, false], [{}, false], [{ LC_ALL: 'POSIX', LANG: 'en_GB.UTF-8' }, false],
  [{ LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' }, true], [{ OS: 'Windows_NT' }, true],
]
for (const [environment, want] of locales) t.test(JSON.stringify(environment), async (t) => { t.equal(hasUnicode(environment), want) })
