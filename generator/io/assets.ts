/** What the package brings along, read once: templates and the folders that are copied as they are. */

import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256, type PlannedFile } from '../plan-types.ts'
import type { Assets } from '../plan.ts'
import { readTemplates } from './templates.ts'

/**
 * The templates, and what is copied from `docker/` as it is, sorted. Dotfiles and what Python leaves behind are no part of
 * it. A missing folder or a link in one is a broken package, and thrown.
 */
export function readAssets(packageRoot: string): Assets {
  return {
    templates: readTemplates(packageRoot),
    docker: ['gate', 'host', 'tools'].flatMap((name) => readFolder(packageRoot, `docker/${name}`)).sort((a, b) => (a.path < b.path ? -1 : 1)),
  }
}

function readFolder(root: string, folder: string): PlannedFile[] {
  const names = readdirSync(join(root, folder)).filter((name) => !name.startsWith('.') && name !== '__pycache__' && !name.endsWith('.pyc'))
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
