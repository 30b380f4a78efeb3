/** What the package brings along, read once: templates, the programs of containers, and the folders that are copied as they are. */

import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256, type PlannedFile } from '../plan-types.ts'
import type { Assets } from '../plan.ts'
import { readTemplates } from './templates.ts'

/**
 * The templates, what is copied from `docker/` as it is, sorted, and the programs that `npm run build` has bundled. Dotfiles and
 * what Python leaves behind are no part of it. A missing folder or a link in one is a broken package, and thrown.
 */
export function readAssets(packageRoot: string, bundles = join(packageRoot, 'dist/programs')): Assets {
  return {
    templates: readTemplates(packageRoot),
    docker: ['gate', 'host'].flatMap((name) => readFolder(packageRoot, `docker/${name}`)).sort((a, b) => (a.path < b.path ? -1 : 1)),
    programs: readPrograms(bundles),
  }
}

/** By the path in a stack. */
function readPrograms(bundles: string): readonly PlannedFile[] {
  if (!existsSync(bundles)) throw new Error(`${bundles} is missing: run npm run build`)
  return readdirSync(bundles).filter((name) => name.endsWith('.mjs')).sort().map((name) => {
    const content = readFileSync(join(bundles, name), 'utf8')
    return { path: `docker/${name}`, content, mode: 0o644, sha256: sha256(content) }
  })
}

function readFolder(root: string, folder: string): PlannedFile[] {
  const names = readdirSync(join(root, folder)).filter((name) => !name.startsWith('.'))
  return names.flatMap((name) => {
    const path = `${folder}/${name}`
    const found = lstatSync(join(root, path))
    if (found.isDirectory()) return readFolder(root, path)
    if (!found.isFile()) throw new Error(`${path} in the package is no regular file`)
    return [readFile(root, path, found.mode)]
  })
}

/** Archives and installers may lose the executable bit, and the image built from it must not change with them. */
function readFile(root: string, path: string, mode: number): PlannedFile {
  const content = readFileSync(join(root, path), 'utf8')
  return { path, content, mode: (mode & 0o100) !== 0 || content.startsWith('#!') ? 0o755 : 0o644, sha256: sha256(content) }
}
