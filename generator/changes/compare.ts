/** The plan against the directory: what would be created, updated, deleted or left alone, and what must not be touched. */

import { sha256, type PlannedFile } from '../plan-types.ts'
import { manifestPath, type Manifest, type ManifestFile } from './manifest.ts'

/**
 * What stands at a path now; where nothing stands there is no entry. `at` is the part of the path that is in the way. A
 * system that keeps no modes gives none, and then none differs.
 */
export type TreeEntry =
  | { readonly kind: 'file'; readonly content: string; readonly mode?: PlannedFile['mode'] }
  | { readonly kind: 'not-text' }
  | { readonly kind: 'directory' }
  | { readonly kind: 'special' }
  | { readonly kind: 'link'; readonly at: string }
  | { readonly kind: 'not-a-directory'; readonly at: string }

/** One path's change. `before` and `after` are texts; without `after` the file goes, without `before` there was no text. */
export interface Change {
  readonly kind: 'create' | 'update' | 'unchanged' | 'delete' | 'conflict'
  readonly path: string
  readonly before?: string
  readonly after?: string
  /** Present with `after`. */
  readonly mode?: PlannedFile['mode']
  /** Present for conflicts. */
  readonly reason?: string
  /** The old text holds a secret, so no diff is shown. */
  readonly secret?: true
}

/**
 * Judges every planned and every formerly written path. Sorted by path, but deletions come after all writes and the
 * manifest comes last: until everything else is done it tells the next run the truth about the old files.
 */
export function compare(
  planned: readonly PlannedFile[], manifest: Manifest | undefined, tree: ReadonlyMap<string, TreeEntry>,
): readonly Change[] {
  const known = knownFiles(manifest)
  const sorted = [...planned].sort(byPath)
  const own = sorted.filter(({ path }) => path === manifestPath).map((file) => compareManifest(file, tree.get(file.path)))
  const writes = sorted.filter(({ path }) => path !== manifestPath).map((file) => compareFile(file, known, tree.get(file.path)))
  // Without case: where Makefile and makefile are one file, deleting the old name would delete the new file.
  const names = new Set(planned.map(({ path }) => path.toLowerCase()))
  const orphans = Object.entries(manifest?.files ?? {}).filter(([path]) => !names.has(path.toLowerCase()))
    .flatMap(([path, recorded]) => compareOrphan(path, recorded, tree.get(path))).sort(byPath)
  return [...writes, ...orphans, ...own]
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : 1
}

/** By path, and by path without case for those whose spelling changed. */
function knownFiles(manifest: Manifest | undefined): (path: string) => ManifestFile | undefined {
  const exact = new Map(Object.entries(manifest?.files ?? {}))
  const folded = new Map([...exact].map(([path, file]) => [path.toLowerCase(), file]))
  return (path) => exact.get(path) ?? folded.get(path.toLowerCase())
}

function compareFile(file: PlannedFile, known: (path: string) => ManifestFile | undefined, entry: TreeEntry | undefined): Change {
  const { path, content: after, mode } = file
  if (!entry) return { kind: 'create', path, after, mode }
  if (entry.kind !== 'file') return { kind: 'conflict', path, after, mode, reason: obstacle(entry) }
  const { content: before } = entry
  if (before === after) return { kind: (entry.mode ?? mode) === mode ? 'unchanged' : 'update', path, before, after, mode }
  const recorded = known(path)
  if (!recorded) return { kind: 'conflict', path, before, after, mode, reason: 'not made by this tool' }
  if (recorded.sha256 === sha256(before)) return { kind: 'update', path, before, after, mode }
  return { kind: 'conflict', path, before, after, mode, reason: 'edited by hand' }
}

/** The manifest is always ours: a merge may have left any text in it. */
function compareManifest({ path, content: after, mode }: PlannedFile, entry: TreeEntry | undefined): Change {
  if (!entry) return { kind: 'create', path, after, mode }
  if (entry.kind !== 'file') return { kind: 'conflict', path, after, mode, reason: obstacle(entry) }
  const same = entry.content === after && (entry.mode ?? mode) === mode
  return { kind: same ? 'unchanged' : 'update', path, before: entry.content, after, mode }
}

function compareOrphan(path: string, recorded: ManifestFile, entry: TreeEntry | undefined): readonly Change[] {
  // A directory, or a way that leads through a link or a file: nothing of ours stands there any more.
  if (!entry || entry.kind === 'directory' || entry.kind === 'not-a-directory' || (entry.kind === 'link' && entry.at !== path)) return []
  if (entry.kind !== 'file') return [{ kind: 'conflict', path, reason: `no longer generated, and ${obstacle(entry)}` }]
  const edited = sha256(entry.content) !== recorded.sha256
  const reason = 'no longer generated, and edited by hand'
  return [{ kind: edited ? 'conflict' : 'delete', path, before: entry.content, ...(edited && { reason }) }]
}

/** What stands in the way of a file. */
export function obstacle(entry: Exclude<TreeEntry, { readonly kind: 'file' }>): string {
  switch (entry.kind) {
    case 'not-text': return 'not text of a usual size, and not made by this tool'
    case 'directory': return 'it is a directory'
    case 'special': return 'it is neither a file nor a directory'
    case 'link': return `${entry.at} is a symbolic link`
    case 'not-a-directory': return `${entry.at} is not a directory`
  }
}
