/** What stands in the output directory now, read without following a single link below it. */

import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { platform } from 'node:process'
import type { TreeEntry } from '../changes/compare.ts'
import type { PlannedFile } from '../plan-types.ts'
import type { Result } from '../problem.ts'
import { diskProblem } from './disk.ts'
import { readOpened } from './regular-file.ts'

export type { TreeEntry } from '../changes/compare.ts'

/** Reads the given relative paths. What is not there has no entry; what cannot be read is a problem that names it. */
export function readTree(root: string, paths: readonly string[]): Result<ReadonlyMap<string, TreeEntry>> {
  const entries = new Map<string, TreeEntry>()
  const problems = []
  const ways: Ways = new Map()
  for (const path of paths) {
    try {
      const entry = readEntry(root, path, ways)
      if (entry) entries.set(path, entry)
    } catch (cause) {
      problems.push(diskProblem(cause, path, 'read'))
    }
  }
  return problems.length > 0 ? { problems } : { value: entries, problems }
}

/** What was found at the directories on the way, by path: many files share them. */
type Ways = Map<string, 'open' | 'none' | TreeEntry>

function wayTo(root: string, at: string): 'open' | 'none' | TreeEntry {
  const found = lstatSync(join(root, at), { throwIfNoEntry: false })
  if (!found) return 'none'
  if (found.isSymbolicLink()) return { kind: 'link', at }
  return found.isDirectory() ? 'open' : { kind: 'not-a-directory', at }
}

/** One path of the tree; undefined where nothing stands. Throws the system's error where it cannot be read. */
export function readEntry(root: string, path: string, ways: Ways = new Map()): TreeEntry | undefined {
  const parts = path.split('/')
  for (let depth = 1; depth < parts.length; depth += 1) {
    const at = parts.slice(0, depth).join('/')
    const way = ways.get(at) ?? wayTo(root, at)
    ways.set(at, way)
    if (way !== 'open') return way === 'none' ? undefined : way
  }
  const found = lstatSync(join(root, path), { throwIfNoEntry: false })
  if (!found) return undefined
  if (found.isSymbolicLink()) return { kind: 'link', at: path }
  if (found.isDirectory()) return { kind: 'directory' }
  if (!found.isFile()) return { kind: 'special' }
  const read = readOpened(join(root, path), { links: 'refuse' })
  return 'text' in read ? { kind: 'file', content: read.text, ...keptMode(read.mode) } : { kind: 'not-text' }
}

/**
 * Like git, which carries no other bit: a clone under another umask is the same tree. Windows tells what may be executed
 * by a file's name, and so says nothing of ours.
 */
export function keptMode(mode: number, system: NodeJS.Platform = platform): { readonly mode?: PlannedFile['mode'] } {
  if (system === 'win32') return {}
  return { mode: (mode & 0o100) === 0 ? 0o644 : 0o755 }
}
