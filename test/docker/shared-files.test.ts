/** docker/programs/shared: what a file's text is, what removing does, and which digits JSON keeps. */

import { join } from 'node:path'
import t from 'tap'
import { readText, removeFile } from '../../docker/programs/shared/files.ts'
import { parseJson, toJson } from '../../docker/programs/shared/json.ts'

t.test('the text of a file is all of it, or nothing', async (t) => {
  const folder = t.testdir({ mark: '\ufeffrole=active\n', plain: 'role=active\n', broken: Buffer.from([0x72, 0xff]), large: 'x'.repeat(65_537) })
  const text = (name: string) => readText(join(folder, name))
  t.equal(text('mark'), '\ufeffrole=active\n', 'a byte order mark stays')
  t.equal(text('plain'), 'role=active\n')
  for (const name of ['broken', 'large', 'missing']) t.equal(text(name), '', name)
})

t.test('removing what is not there', async (t) => {
  const folder = t.testdir({ file: '' })
  for (const path of ['file', 'file', 'folder/file']) t.doesNotThrow(() => { removeFile(join(folder, path)) }, path)
  t.throws(() => { removeFile(folder) }, { code: /EISDIR|EPERM/ }, 'a folder is no file')
})

t.test('integers keep their digits', async (t) => {
  const text = '{"small":1,"large":18446744073709551615,"negative":-9007199254740993,"text":"1","list":[0]}'
  t.strictSame(parseJson(text), { small: 1n, large: 18446744073709551615n, negative: -9007199254740993n, text: '1', list: [0n] })
  t.equal(toJson(parseJson(text) as object), text)
  t.strictSame(parseJson('[1.0,1e3,1e400]'), [1, 1000, Infinity], 'no integer is made of another number')
  t.equal(parseJson('9'.repeat(4_000_000)), Infinity, 'nor one without end')
  for (const broken of ['', '{', '[1,]', '01', 'NaN', '{"a":1,"a":2}', '['.repeat(2_000_000)]) t.throws(() => parseJson(broken), JSON.stringify(broken.slice(0, 20)))
})
