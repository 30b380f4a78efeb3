/** What a fleet tells: a line for each stack, its problems with those between stacks, and the next step. */

import type { Change } from '../../changes/compare.ts'
import { printableLine, renderJson } from '../../printable.ts'
import { hasErrors, type Problem } from '../../problem.ts'
import { paint, plainScreens, type Screen } from '../../screen.ts'
import { count } from '../file-groups.ts'
import type { Io } from '../io.ts'
import type { Options } from '../options.ts'
import { diffs, foldConflicts, jsonFormat, marks, problemsText, real, shortDiff, stackJson } from '../report.ts'
import type { Fleet, Look, Row } from './fleet.ts'

export function fleetJson({ exitCode, problems, rows }: Fleet): string {
  return renderJson({ format: jsonFormat, exitCode, problems, stacks: rows.map((row) => ({ answers: row.file, ...stackJson(row) })) })
}

/** Writes the report; diffs go out stack by stack, so that they are never all in memory. */
export async function reportFleet(fleet: Fleet, look: Look, options: Options, io: Pick<Io, 'stdout' | 'stderr' | 'screens'>): Promise<void> {
  const { out, err } = io.screens ?? plainScreens
  const problems = foldConflicts([...fleet.problems, ...foldWarnings(fleet.rows)])
  if (problems.length > 0) io.stderr(problemsText(problems, err))
  if (hasErrors(problems)) {
    // Of many stacks whose diffs nobody has asked for, the first says enough.
    const differing = fleet.rows.filter(({ changes, state }) => state === 'wrong' && changes.some(({ kind }) => kind === 'conflict'))
    for (const row of options.diff ? differing : differing.slice(0, 1)) {
      const shown = await diffs(inFleet(row, (await look(row)).filter(({ kind }) => kind === 'conflict')), err)
      io.stderr(options.diff ? shown : shortDiff(shown))
    }
    io.stderr(errorEnd(problems, fleet.rows, err))
    return
  }
  if (options.diff) {
    for (const row of fleet.rows.filter(({ changes }) => real(changes).length > 0)) io.stdout(await diffs(inFleet(row, await look(row)), out))
    return
  }
  const lines = options.check || options.dryRun ? wouldLines(fleet.rows, out) : doneLines(fleet.rows, out)
  io.stdout(lines.map((line) => `${line}\n`).join(''))
}

/** With the stack's directory before each path. */
function inFleet({ shown }: Row, changes: readonly Change[]): readonly Change[] {
  return real(changes).map((change) => ({ ...change, path: pathIn(shown, change.path) }))
}

function pathIn(shown: string, path: string): string {
  return printableLine(shown === '.' ? path : `${shown.replaceAll('\\', '/')}/${path}`)
}

/** Problems without a place name their stack; a warning that many stacks share is said once. */
function foldWarnings(rows: readonly Row[]): readonly Problem[] {
  const shared = new Map<string, { readonly problem: Problem; readonly stacks: string[] }>()
  const own: Problem[] = []
  for (const { shown, problems } of rows) {
    for (const problem of problems) {
      if (problem.at) own.push(problem)
      else if (problem.severity === 'error') own.push({ ...problem, message: `${shown}: ${problem.message}` })
      else {
        const key = JSON.stringify([problem.code, problem.message, problem.hint])
        const known = shared.get(key) ?? { problem, stacks: [] }
        known.stacks.push(shown)
        shared.set(key, known)
      }
    }
  }
  return [...own, ...[...shared.values()].map(({ problem, stacks }) => ({
    ...problem, message: `${stacks.length === rows.length ? 'all stacks' : some(stacks)}: ${problem.message}`,
  }))]
}

/** The first of them, and how many more there are. */
function some(names: readonly string[]): string {
  const most = 5
  return `${names.slice(0, most).join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''}`
}

function errorEnd(problems: readonly Problem[], rows: readonly Row[], screen: Screen): string {
  const errors = paint(screen, 'strong', count(problems.filter(({ severity }) => severity === 'error').length, 'error'))
  const named = (state: Row['state']) => rows.filter((row) => row.state === state).map(({ shown }) => printableLine(shown))
  const failed = named('failed')
  if (failed.length === 0) return `${errors} in a fleet of ${count(rows.length, 'stack')}; nothing was written\n`
  const part = (title: string, names: readonly string[]) => (names.length > 0 ? [`${title}: ${some(names)}`] : [])
  return `${[`${errors}; run again when that is mended`, ...part('written', named('written')), ...part('not finished', failed),
    ...part('not begun', named('ready')), ...part('nothing to do', named('idle'))].join('\n')}\n`
}

/** As for one stack, each path with its directory. */
function wouldLines(rows: readonly Row[], screen: Screen): readonly string[] {
  const lines = rows.flatMap((row) => inFleet(row, row.changes).map(({ kind, path }) => paint(screen, kind, `${marks[kind]} ${path}`)))
  const stacks = rows.filter(({ changes }) => real(changes).length > 0).length
  return [...lines, lines.length === 0 ? `nothing would change in ${count(rows.length, 'stack')}` : `${count(lines.length, 'file')} would change in ${stacks} of ${count(rows.length, 'stack')}`]
}

function doneLines(rows: readonly Row[], screen: Screen): readonly string[] {
  const told = rows.map((row) => ({ row, kind: kindOf(row), name: printableLine(row.shown), what: whatOf(row), signer: signerOf(row) }))
  const longest = (part: 'name' | 'what' | 'signer') => Math.max(...told.map((one) => one[part].length))
  const [names, whats] = [longest('name'), longest('what')]
  // A line for each stack, while all of it fits.
  const wide = screen.columns === undefined || screen.columns >= 2 + names + 2 + whats + 2 + longest('signer')
  const lines = told.flatMap(({ row, kind, name, what, signer }) => {
    const head = `${paint(screen, kind, `${marks[kind]} ${name}`)}${' '.repeat(names - name.length + 2)}`
    const acts = row.made.filter((line) => line.includes('(new; ')).map((line) => `    ${paint(screen, 'create', `+ ${line}`)}`)
    return wide ? [`${head}${signer ? what.padEnd(whats) : what}${signer ? `  ${signer}` : ''}`, ...acts] : [`${head}${what}`, ...(signer ? [`    ${signer}`] : []), ...acts]
  })
  const number = (kind: string) => told.filter((one) => one.kind === kind).length
  const parts = ([['create', 'new'], ['update', 'changed'], ['unchanged', 'as the answers say']] as const).flatMap(([kind, word]) => (number(kind) > 0 ? [`${number(kind)} ${word}`] : []))
  const changed = number('unchanged') < rows.length
  return [...lines, '', `${count(rows.length, 'stack')}: ${parts.join(', ')}`,
    ...(changed ? [`next: in each of them that is new or changed, on its machine: ${paint(screen, 'strong', 'docker compose up -d')}`] : [])]
}

function signerOf({ identity, isStandby }: Row): string {
  return identity ? `signer ${identity.address}${isStandby ? ' (standby)' : ''}` : ''
}

function kindOf({ state, changes }: Row): 'create' | 'update' | 'unchanged' {
  if (state === 'idle') return 'unchanged'
  return changes.every(({ kind }) => kind === 'create') ? 'create' : 'update'
}

function whatOf({ changes, state }: Row): string {
  const files = real(changes).filter(({ path }) => path !== '.stack-manifest.json')
  if (state === 'idle') return 'nothing to do'
  return files.length === 0 ? 'secrets' : files.length <= 2 ? files.map(({ path }) => path).join(', ') : count(files.length, 'file')
}
