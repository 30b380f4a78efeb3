/** The versions of CHANGELOG.md, newest first, each with the text of its section. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './repository.ts'

export interface Version {
  readonly version: string
  readonly text: string
}

export function changelogVersions(): readonly Version[] {
  const [, ...sections] = readFileSync(join(repository, 'CHANGELOG.md'), 'utf8').split(/^## /m)
  return sections.map((section) => {
    const [heading = '', ...rest] = section.split('\n')
    return { version: heading.split(' ')[0]!, text: rest.join('\n') }
  })
}
