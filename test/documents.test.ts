/** The README, the help and the complete example are what the tables say. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { completeExample } from '../generator/answers/reference.ts'
import { exitCodes } from '../generator/cli/exit-codes.ts'
import { fillReadme } from '../generator/cli/documents.ts'
import { options } from '../generator/cli/options.ts'
import { command } from './support/command.ts'
import { repository } from './support/repository.ts'

const readmePath = join(repository, 'README.md')
const completePath = join(repository, 'examples/complete.env')

t.test('the generated parts of the README are up to date', async (t) => {
  const readme = readFileSync(readmePath, 'utf8')
  const filled = fillReadme(readme)
  if (t.writeSnapshot) writeFileSync(readmePath, filled)
  t.equal(filled, t.writeSnapshot ? filled : readme)
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

t.test('a README without a marker is a mistake that is named', async (t) => {
  t.throws(() => fillReadme('# nothing'), { message: 'the README has no part named usage' })
})
