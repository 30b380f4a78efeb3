/** The bundle, built anew below a package.json, which the command reads. */

import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bundle, type Bundled } from '../../../generator/packaging/build.ts'
import { repository } from '../../support/repository.ts'

/** Builds into `root`/package/dist. */
export async function bundled(root: string): Promise<Bundled & { readonly dist: string }> {
  const dist = join(root, 'package/dist')
  mkdirSync(dist, { recursive: true })
  copyFileSync(join(repository, 'package.json'), join(root, 'package/package.json'))
  return { dist, ...await bundle(dist) }
}
