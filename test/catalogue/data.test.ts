/** The catalogue's data is what the facts say; `npm run catalogue` makes it anew. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { catalogueData } from '../support/carry-facts.ts'
import { repository } from '../support/repository.ts'

const folder = join(repository, 'generator/catalogue/data')
const made = catalogueData()

t.test('each file is made from the facts', async (t) => {
  for (const [name, text] of Object.entries(made)) {
    if (t.writeSnapshot) writeFileSync(join(folder, name), text)
    t.equal(readFileSync(join(folder, name), 'utf8'), text, name)
  }
  t.strictSame(readdirSync(folder).sort(), Object.keys(made).sort())
})
