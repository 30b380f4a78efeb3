import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { kindOf } from '../../generator/io/kind.ts'

t.test('what stands at a path', async (t) => {
  const dir = t.testdir({ file: 'x', folder: {} })
  symlinkSync('folder', join(dir, 'link'))
  symlinkSync('loop', join(dir, 'loop'))
  const cases: readonly (readonly [string, ReturnType<typeof kindOf>])[] = [
    ['file', 'file'], ['folder', 'directory'], ['link', 'directory'], ['loop', undefined], ['nothing', undefined], ['file/below', undefined], ['x'.repeat(300), undefined],
  ]
  for (const [path, kind] of cases) t.equal(kindOf(join(dir, path)), kind, path.slice(0, 20))
  t.equal(kindOf('/dev/null'), 'other')
})
