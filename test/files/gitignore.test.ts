import t from 'tap'
import { gitignoreFile, gitignoreView } from '../../generator/files/gitignore.ts'
import { readTemplates } from '../../generator/io/templates.ts'
import { repository } from '../support/repository.ts'
import { offeredPaths, templateTexts, usedPaths } from '../support/template-paths.ts'

const texts = templateTexts()
const templates = readTemplates(repository)

t.test('git never sees the secrets', async (t) => {
  const file = gitignoreFile('node/', templates)
  t.equal(file.path, 'node/.gitignore')
  t.ok(file.content.split('\n').includes('/secrets/'))
})

t.test('template and view agree', async (t) => {
  t.same(usedPaths(texts.get('gitignore') ?? ''), offeredPaths([gitignoreView()]))
})

t.test('a missing template is named', async (t) => {
  t.throws(() => gitignoreFile('', new Map()), { message: 'there is no template gitignore' })
})
