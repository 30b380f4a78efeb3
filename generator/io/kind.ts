/** What stands at a path. */

import { statSync } from 'node:fs'

/** Follows links. Undefined where nothing can be seen there: nothing is, a part of the path is a file, or it may not be looked at. */
export function kindOf(path: string): 'file' | 'directory' | 'other' | undefined {
  try {
    const found = statSync(path)
    return found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other'
  } catch {
    // Whoever opens it next is told why that fails.
    return undefined
  }
}
