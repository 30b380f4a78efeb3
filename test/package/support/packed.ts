/** The package as `npm publish` would send it: packed from a copy of this checkout, so that its dist/ stays as it is. */

import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../../support/repository.ts'
import { inHome, newHome } from './npm.ts'

/** No registry is asked where it is not the test's own. */
export const nowhere = 'http://127.0.0.1:9/'

export interface Packed {
  /** The tarball. */
  readonly path: string
  /** What npm says of it. */
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly { readonly path: string; readonly size: number; readonly mode: number }[]
}

/** What lies about in a checkout, and is no part of the package. */
const litter = ['docker/tools/__pycache__/web.cpython-311.pyc', 'docker/tools/stray.pyc', 'docker/gate/.stacks-node.sh.swp', 'templates/.README.hbs.swp', 'answers.env', 'secrets/signer-private-key']

/** Builds and packs below `root`. */
export async function packed(root: string): Promise<Packed> {
  const copy = join(root, 'checkout')
  for (const name of readdirSync(repository)) {
    if (!['.git', '.tap', 'node_modules', 'dist', 'build', 'test'].includes(name)) cpSync(join(repository, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'))
  for (const path of litter) {
    mkdirSync(join(copy, path, '..'), { recursive: true })
    writeFileSync(join(copy, path), 'litter\n')
  }
  const { code, out, err } = await inHome(newHome(root, nowhere), 'npm', ['pack', '--json', '--pack-destination', root], { cwd: copy })
  if (code !== 0) throw new Error(`npm pack failed: ${err}`)
  // What prepack says comes first.
  const [said] = JSON.parse(out.slice(out.search(/^\[/m))) as readonly (Omit<Packed, 'path'> & { readonly filename: string })[]
  return { ...said!, path: join(root, said!.filename) }
}
