/**
 * Writes changes to the disk. Every new text is first written in full beside its file, then all are renamed into
 * place: what fails for want of room or rights fails before anything has changed, and a run killed at any point leaves
 * each file wholly old or wholly new. The manifest comes last, so the next run repairs the rest; at worst an empty
 * folder stays.
 */

import { renameSync, rmdirSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Change, TreeEntry } from '../changes/compare.ts'
import { manifestPath } from '../changes/manifest.ts'
import { error, type Problem } from '../problem.ts'
import { diskProblem, makeDirectory, sweepLeftovers, syncDirectories, syncPart, writePart, type Part } from './disk.ts'
import { keepAside } from './keep-aside.ts'
import { readEntry } from './tree.ts'

interface Step {
  readonly change: Change
  /** What stands in the way and is put aside first. */
  readonly aside?: TreeEntry
}

interface StagedStep extends Step {
  readonly temporary?: string
}

interface Staged {
  readonly steps: StagedStep[]
  /** The directories that were made for it below the root. */
  readonly made: string[]
}

/** So many files are open and synced at a time. */
const atOnce = 32

/**
 * Applies the changes below `root`, which is made if need be. Conflicts are applied with `force` alone, and what they
 * overwrite is kept as NAME.orig. Returns the problems; when there is one, running again finishes the work.
 */
export async function applyChanges(root: string, changes: readonly Change[], options: { readonly force: boolean }): Promise<readonly Problem[]> {
  const pending = inOrder(changes.filter(({ kind }) => kind !== 'unchanged'))
  const steps: Step[] = []
  const problems: Problem[] = []
  for (const change of pending) {
    const looked = look(root, change, options.force)
    if ('code' in looked) problems.push(looked)
    else steps.push(looked)
  }
  if (problems.length > 0) return problems
  const swept = sweep(root, changes)
  if (swept || steps.length === 0) return swept ? [swept] : []
  const staged = await stage(root, steps)
  return 'code' in staged ? [staged] : commit(root, staged)
}

/** Writes, then deletions, then the manifest. */
function inOrder(changes: readonly Change[]): readonly Change[] {
  const rank = ({ path, after }: Change) => (path === manifestPath ? 2 : after === undefined ? 1 : 0)
  return [...changes].sort((a, b) => rank(a) - rank(b))
}

/** Whether the disk still is what the change was judged by. */
function look(root: string, change: Change, force: boolean): Step | Problem {
  const { path, kind, before, reason } = change
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) throw new Error(`a change leads out of the directory: ${path}`)
  if (kind === 'conflict' && !force) return error('conflict', `${path}: ${reason ?? 'in the way'}`)
  let entry: TreeEntry | undefined
  try {
    entry = readEntry(root, path)
  } catch (cause) {
    return diskProblem(cause, path, 'read')
  }
  const now = entry?.kind === 'file' ? entry.content : undefined
  if (now !== before || (kind === 'create' && entry)) {
    return error('changed-meanwhile', `${path} was changed while this ran`, undefined, 'run again')
  }
  if (!entry || kind !== 'conflict') return { change }
  if (entry.kind === 'directory' || entry.kind === 'not-a-directory' || (entry.kind === 'link' && entry.at !== path)) {
    return error('in-the-way', `${path}: ${reason ?? 'in the way'}`, undefined, 'move it away yourself: --force replaces files alone')
  }
  return { change, aside: entry }
}

function sweep(root: string, changes: readonly Change[]): Problem | undefined {
  for (const directory of new Set(['.', 'secrets', ...changes.map(({ path }) => dirname(path))])) {
    try {
      sweepLeftovers(join(root, directory))
    } catch (cause) {
      return diskProblem(cause, `what a killed run left in ${directory}`, 'removed')
    }
  }
  return undefined
}

/** Writes every new text beside its file. When one cannot be written, all of it is taken back. */
async function stage(root: string, steps: readonly Step[]): Promise<Staged | Problem> {
  const staged: Staged = { steps: [], made: [] }
  let above: readonly string[]
  try {
    // What cannot be made to last above the root is known before anything changes.
    above = makeDirectory(root, 0o755)
  } catch (cause) {
    return diskProblem(cause, steps[0]!.change.path, 'written')
  }
  for (let first = 0; first < steps.length; first += atOnce) {
    const problem = await stageSome(root, steps.slice(first, first + atOnce), staged)
    if (!problem) continue
    discard(staged.steps)
    for (const directory of [...above, ...staged.made].reverse()) attempt(() => { rmdirSync(directory) })
    return problem
  }
  return staged
}

/** Adds to `staged`. */
async function stageSome(root: string, steps: readonly Step[], staged: Staged): Promise<Problem | undefined> {
  const parts: { readonly path: string; readonly part: Part }[] = []
  const problems: Problem[] = []
  for (const step of steps) {
    const { path, after, mode } = step.change
    if (after === undefined) {
      staged.steps.push(step)
      continue
    }
    try {
      staged.made.push(...makeDirectory(dirname(join(root, path)), 0o755, true))
      const part = writePart(join(root, path), after, mode ?? 0o644)
      parts.push({ path, part })
      staged.steps.push({ ...step, temporary: part.name })
    } catch (cause) {
      problems.push(diskProblem(cause, path, 'written'))
      break
    }
  }
  // All of them, whatever became of one: none stays open.
  await Promise.all(parts.map(({ path, part }) => syncPart(part).catch((cause: unknown) => { problems.push(diskProblem(cause, path, 'written')) })))
  return problems[0]
}

async function commit(root: string, { steps, made }: Staged): Promise<readonly Problem[]> {
  const written = steps.filter(({ temporary }) => temporary).map(({ change }) => join(root, change.path))
  const directories = new Set([...written, ...made].map((path) => dirname(path)))
  // All at once, for each costs a turn of the disk.
  const sync = () => syncDirectories([...directories])
  for (const [index, step] of steps.entries()) {
    const { path } = step.change
    const full = join(root, path)
    try {
      // Everything else must have reached the disk before the manifest says so.
      if (path === manifestPath && index > 0) await sync()
      if (step.aside) keepAside(full, step.aside)
      if (step.temporary) renameSync(step.temporary, full)
      else remove(root, path, step.aside !== undefined, directories)
    } catch (cause) {
      discard(steps.slice(index))
      return halfway(diskProblem(cause, path, step.temporary ? 'written' : 'removed'))
    }
  }
  try {
    await (steps.at(-1)?.change.path === manifestPath ? syncDirectories([root]) : sync())
    return []
  } catch (cause) {
    return halfway(diskProblem(cause, root, 'written'))
  }
}

/** Nothing but a broken disk or another program gets here: all texts had been written, only names were to change. */
function halfway(problem: Problem): readonly Problem[] {
  const repair = 'other files may have been replaced already; running again finishes the work'
  return [{ ...problem, hint: problem.hint ? `${problem.hint}\n${repair}` : repair }]
}

/**
 * Removes a file and the directories that this leaves empty, never the root, and puts the one that stays among those that are
 * to be synced. What was put aside may be gone already.
 */
function remove(root: string, path: string, mayBeGone: boolean, directories: Set<string>): void {
  try {
    unlinkSync(join(root, path))
  } catch (cause) {
    if (!mayBeGone || !(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause
  }
  let folder = dirname(path)
  for (; folder !== '.' && attempt(() => { rmdirSync(join(root, folder)) }); folder = dirname(folder)) directories.delete(join(root, folder))
  directories.add(join(root, folder))
}

function discard(steps: readonly StagedStep[]): void {
  for (const { temporary } of steps) if (temporary) attempt(() => { unlinkSync(temporary) })
}

function attempt(action: () => void): boolean {
  try {
    action()
    return true
  } catch {
    return false
  }
}
