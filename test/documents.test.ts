/** The generated parts of the documents, the help and the complete example are what the tables say. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { completeExample } from '../generator/answers/reference.ts'
import { exitCodes } from '../generator/cli/exit-codes.ts'
import { fillDocument, fillPart, generatedDocuments } from '../generator/cli/documents.ts'
import { options } from '../generator/cli/options.ts'
import { quoted } from '../generator/cli/quoted.ts'
import { command, testKey } from './support/command.ts'
import { repository } from './support/repository.ts'

const completePath = join(repository, 'examples/complete.env')

t.test('the generated parts of the documents are up to date', async (t) => {
  t.ok(generatedDocuments.length > 2)
  for (const document of generatedDocuments) {
    const path = join(repository, document)
    const text = readFileSync(path, 'utf8')
    const filled = fillDocument(document, text)
    if (t.writeSnapshot) writeFileSync(path, filled)
    t.equal(filled, t.writeSnapshot ? filled : text, document)
  }
})

t.test('examples/command.md shows what a run prints', async (t) => {
  const root = t.testdir({ 'mainnet.env': `${readFileSync(join(repository, 'examples/mainnet.env'), 'utf8')}SIGNER_PRIVATE_KEY=${testKey}\n` })
  const { code, out, err } = await command(root, ['mainnet.env', 'my-signer'])
  t.equal(code, 0, err)
  const shown = out.replaceAll(quoted(join(root, 'my-signer')), '/srv/ops/my-signer').replaceAll(root, '/srv/ops').replace(/SP[0-9A-Z]{30,}/g, 'SP…').replace(/\b0[23][0-9a-f]{64}\b/g, '02…')
  const path = join(repository, 'examples/command.md')
  const text = readFileSync(path, 'utf8')
  t.match(text, /<!-- run -->\n[^]*\n<!-- \/run -->/)
  const filled = fillPart('examples/command.md', text, 'run', `\`\`\`\n${shown.trimEnd()}\n\`\`\``)
  if (t.writeSnapshot) writeFileSync(path, filled)
  t.equal(filled, t.writeSnapshot ? filled : text)
})

t.test('examples/complete.env is made from the table', async (t) => {
  if (t.writeSnapshot) writeFileSync(completePath, completeExample())
  t.equal(readFileSync(completePath, 'utf8'), completeExample())
})

t.test('--help names every option and exit code', async (t) => {
  const { code, out } = await command(repository, ['--help'])
  t.equal(code, 0)
  for (const { flags } of options) t.match(out, flags)
  for (const { code: exit } of exitCodes) t.match(out, `  ${exit}  `)
})

t.test('a document without a marker is a mistake that is named', async (t) => {
  t.throws(() => fillDocument('examples/command.md', '# nothing'), { message: 'examples/command.md has no part named usage' })
})
