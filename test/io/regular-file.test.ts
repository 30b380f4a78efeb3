/** The one reader of files that others may have put there: regular files of a bounded size, and nothing that waits or never ends. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readRegularText } from '../../generator/io/regular-file.ts'

t.test('what is read, and what is not', async (t) => {
  const root = t.testdir({ text: 'é\n', empty: '', big: '', binary: Buffer.from([0xff, 0x00]).toString('latin1') })
  const at = (name: string) => join(root, name)
  writeFileSync(at('binary'), Buffer.from([0xff, 0xfe, 0x00]))
  truncateSync(at('big'), 8 * 1024 * 1024 * 1024)
  mkdirSync(at('folder'))
  for (const [name, target] of [['link', 'text'], ['zero', '/dev/zero'], ['loop', 'loop'], ['nowhere', 'none']]) symlinkSync(target!, at(name!))
  t.equal(spawnSync('mkfifo', [at('pipe')]).status, 0)
  const why = (name: string, links: 'follow' | 'refuse', most?: number) => {
    const read = readRegularText(at(name), { links, ...(most !== undefined && { most }) })
    return 'text' in read ? read.text : read.why
  }
  for (const links of ['follow', 'refuse'] as const) {
    t.equal(why('text', links), 'é\n')
    t.equal(why('empty', links), '')
    t.equal(why('pipe', links), 'is not a regular file')
    t.equal(why('folder', links), 'is a directory')
    t.equal(why('big', links), 'is larger than 16777216 bytes')
    t.equal(why('binary', links), 'is not UTF-8 text')
    t.equal(why('text', links, 2), 'is larger than 2 bytes')
    t.equal(why('text', links, 3), 'é\n')
  }
  t.equal(why('zero', 'follow'), 'is not a regular file')
  for (const name of ['link', 'zero', 'loop', 'nowhere']) t.equal(why(name, 'refuse'), 'is a symbolic link', name)
  t.equal(why('link', 'follow'), 'é\n')
  t.throws(() => why('nowhere', 'follow'), { code: 'ENOENT' })
  t.throws(() => why('loop', 'follow'), { code: 'ELOOP' })
})

t.test('every length around the buffers', async (t) => {
  const path = join(t.testdir({}), 'file')
  for (const length of [1, 65535, 65536, 65537, 131072, 200000]) {
    const text = 'x'.repeat(length)
    writeFileSync(path, text)
    const read = readRegularText(path, { links: 'refuse' })
    t.ok('text' in read && read.text === text, `${length}`)
  }
})

t.test('a file that tells no size is bounded while it is read', { ...(process.platform !== 'linux' && { skip: 'no /proc' }) }, async (t) => {
  const whole = readRegularText('/proc/self/status', { links: 'follow' })
  t.match('text' in whole && whole.text, /^Name:/)
  t.strictSame(readRegularText('/proc/self/status', { links: 'follow', most: 10 }), { why: 'is larger than 10 bytes' })
})
