/** Trees of files as plain objects, to compare them. */

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The text of every file below `root`, by its relative path, without the folders in `skip`. */
export function readFiles(root: string, skip: readonly string[] = []): Record<string, string> {
  const found: Record<string, string> = {}
  const walk = (directory: string): void => {
    for (const name of readdirSync(directory).sort()) {
      const path = join(directory, name)
      const short = relative(root, path)
      if (skip.includes(short)) continue
      if (statSync(path).isDirectory()) walk(path)
      else found[short] = readFileSync(path, 'utf8')
    }
  }
  walk(root)
  return found
}
