/** What a run tells: problems on stderr, the result on stdout, as text or as JSON. */

import type { Change } from '../changes/compare.ts'
import { hasErrors, renderProblem, sortProblems, type Problem } from '../problem.ts'
import type { Generated } from './generate.ts'
import type { Options } from './options.ts'

/** The version of the JSON's shape; it rises when a field changes its meaning or goes away. */
export const jsonFormat = 1

const marks = { create: '+', update: '~', delete: '-', conflict: '!', unchanged: ' ' } as const

export function reportJson(result: Pick<Generated, 'problems' | 'changes' | 'exitCode' | 'directory' | 'identity'>): string {
  return `${JSON.stringify({
    format: jsonFormat,
    exitCode: result.exitCode,
    directory: result.directory,
    ...(result.identity && { signer: result.identity }),
    problems: sortProblems(result.problems),
    changes: result.changes.map(({ path, kind, reason }) => ({ path, kind, ...(reason && { reason }) })),
  }, null, 2)}\n`
}

/** The same frame for every other command; `data` is the command's own. */
export function outcomeJson(exitCode: number, problems: readonly Problem[], data: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ format: jsonFormat, exitCode, problems: sortProblems(problems), ...data }, null, 2)}\n`
}

export async function reportText(result: Generated, options: Options): Promise<{ readonly out: string; readonly err: string }> {
  const err = result.problems.length > 0 ? `${sortProblems(result.problems).map(renderProblem).join('\n')}\n` : ''
  const conflicts = result.changes.filter((change) => change.kind === 'conflict')
  if (hasErrors(result.problems)) return { out: '', err: err + await diffs(conflicts) + errorEnd(result) }
  if (options.diff) return { out: await diffs(real(result.changes)), err }
  return { out: [...changeLines(result.changes), ...result.notes].map((line) => `${line}\n`).join(''), err }
}

async function diffs(changes: readonly Change[]): Promise<string> {
  if (changes.length === 0) return ''
  const { unifiedDiff } = await import('../changes/diff.ts')
  return changes.map(unifiedDiff).join('')
}

function real(changes: readonly Change[]): readonly Change[] {
  return changes.filter((change) => change.kind !== 'unchanged')
}

function changeLines(changes: readonly Change[]): readonly string[] {
  return real(changes).map((change) => `${marks[change.kind]} ${change.path}`)
}

function errorEnd({ problems, begun }: Generated): string {
  const count = problems.filter((problem) => problem.severity === 'error').length
  return `${count} error${count === 1 ? '' : 's'}; ${begun ? 'run again when that is mended' : 'nothing was written'}\n`
}
