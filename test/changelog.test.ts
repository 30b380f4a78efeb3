/** CHANGELOG.md says of every version what it changes in the directories that operators have committed. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { compareVersions } from '../generator/catalogue/releases.ts'
import { changelogVersions } from './support/changelog.ts'
import { repository } from './support/repository.ts'

const versions = changelogVersions()
const { version: current } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { readonly version: string }

t.test('the newest version is the package\'s own, and none stands twice or out of order', async (t) => {
  t.equal(versions[0]?.version, current)
  for (const { version } of versions) t.match(version, /^\d+\.\d+\.\d+$/)
  for (const [index, { version }] of versions.entries()) if (index > 0) t.ok(compareVersions(version, versions[index - 1]!.version) < 0, version)
})

for (const { version, text } of versions) {
  t.test(`${version} says what changes in your directory`, async (t) => {
    const parts = text.split(/^### /m).filter((part) => part.startsWith('What changes in your directory\n'))
    t.equal(parts.length, 1, 'one such heading')
    t.ok(parts[0]!.split('\n').slice(1).join('').trim().length > 20, 'and something under it')
  })
}
