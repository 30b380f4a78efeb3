/** The package as `npm publish` would send it: packed from a copy of this checkout, so that its dist/ stays as it is. */

import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../../support/repository.ts'
import { inHome, newHome, ran } from './npm.ts'

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
const litter = ['docker/host/.cache/x', 'docker/host/.env', 'templates/.cache.hbs', 'answers.env', 'secrets/signer-private-key']

/** Builds and packs below `root`. */
export async function packed(root: string): Promise<Packed> {
  const copy = join(root, 'checkout')
  for (const name of readdirSync(repository)) {
    if (!['.git', '.tap', 'node_modules', 'dist', 'build', 'test'].includes(name)) cpSync(join(repository, name), join(copy, name), { recursive: true })
  }
  // Of test/, the package has the document and its pictures.
  const pictures = readdirSync(join(repository, 'test/readme')).filter((name) => name.endsWith('.svg')).map((name) => `test/readme/${name}`)
  for (const path of ['test/README.md', ...pictures]) cpSync(join(repository, path), join(copy, path))
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

/** The same, unpacked; returns the package's folder. */
export async function unpacked(root: string, { path }: Packed): Promise<string> {
  const folder = join(root, 'unpacked')
  mkdirSync(folder)
  const { code, err } = await ran('tar', ['-xzf', path, '-C', folder], root, { PATH: process.env['PATH'] ?? '' })
  if (code !== 0) throw new Error(`tar failed: ${err}`)
  return join(folder, 'package')
}
