/** The documents of the project, and the answer files in examples/. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './repository.ts'

const namesIn = (folder: string, ending: string): readonly string[] => readdirSync(join(repository, folder)).filter((name) => name.endsWith(ending)).sort()

/** The answer files in examples/. */
export const examples = namesIn('examples', '.env')

/** The documents, by their path. CHANGELOG.md is not among them, because it names what no longer exists. */
export const documents: readonly string[] = ['', 'docker', 'examples', 'generator', 'test']
  .flatMap((folder) => namesIn(folder, '.md').map((name) => join(folder, name))).filter((path) => path !== 'CHANGELOG.md')

/** What is in docker/ and is not copied into a stack. */
export const uncopied: readonly string[] = ['programs', ...namesIn('docker', '.md')]
