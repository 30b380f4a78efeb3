/** What a run tells: problems on stderr, the result on stdout, as text or as JSON. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Change } from '../changes/compare.ts'
import { printable, printableLine, renderJson } from '../printable.ts'
import { error, hasErrors, showProblem, sortProblems, type Problem } from '../problem.ts'
import { hangingLines, paint, plainScreens, wrap, type Screen, type Screens } from '../screen.ts'
import { count, groups } from './file-groups.ts'
import { openSteps } from './open-steps.ts'
import type { Generated } from './generated.ts'
import type { Options } from './options.ts'
import { quoted } from './quoted.ts'

/** The version of the JSON's shape; it rises when a field changes its meaning or goes away. */
export const jsonFormat = 1

export const marks = { create: '+', update: '~', delete: '-', conflict: '!', unchanged: '=' } as const

/** What the JSON of a run tells of. */
type Told = Pick<Generated, 'problems' | 'changes' | 'made' | 'exitCode' | 'directory' | 'identity' | 'sbtcIdentity' | 'written'>

export function reportJson(result: Told): string {
  return renderJson({ format: jsonFormat, ...stackJson(result) })
}

/** One stack of the JSON. */
export function stackJson(result: Told): Readonly<Record<string, unknown>> {
  return {
    exitCode: result.exitCode,
    directory: result.directory,
    written: result.written === true && (real(result.changes).length > 0 || result.made.length > 0),
    ...(result.identity && { signer: result.identity }),
    ...(result.sbtcIdentity && { sbtcSigner: result.sbtcIdentity }),
    problems: sortProblems(result.problems),
    changes: result.changes.map(({ path, kind, reason }) => ({ path, kind, ...(reason && { reason }) })),
  }
}

/** The same frame for every other command; `data` is the command's own. */
export function outcomeJson(exitCode: number, problems: readonly Problem[], data: Readonly<Record<string, unknown>>): string {
  return renderJson({ format: jsonFormat, exitCode, problems: sortProblems(problems), ...data })
}

/** All problems, in the order of their places; empty where there is none. */
export function problemsText(problems: readonly Problem[], screen: Screen): string {
  return sortProblems(problems).map((problem) => `${showProblem(problem, screen)}\n`).join('')
}

const mostConflicts = 5
const mostDiffLines = 60

/** The first conflicts one by one; of the others how many there are, and the names of a few. */
export function foldConflicts(problems: readonly Problem[]): readonly Problem[] {
  const others = problems.filter(({ code }) => code === 'conflict').slice(mostConflicts)
  if (others.length < 2) return problems
  const names = others.slice(0, 3).map(({ message }) => message.replace(/: [^:]*$/, ''))
  const more = others.length > names.length ? ` and ${others.length - names.length} more` : ''
  const folded = error('conflict', `${others.length} more files are in the way: ${names.join(', ')}${more}`, undefined, 'if this directory holds something else, name another one; --diff shows every difference')
  return [...problems.filter((problem) => !others.includes(problem)), folded]
}

/** The beginning of a diff that nobody has asked for. */
export function shortDiff(text: string): string {
  const lines = text.split('\n')
  const rest = lines.length - 1 - mostDiffLines
  return rest <= 1 ? text : `${lines.slice(0, mostDiffLines).join('\n')}\n# ${rest} more lines: --diff shows them\n`
}

export async function reportText(result: Generated, options: Options, screens: Screens = plainScreens): Promise<{ readonly out: string; readonly err: string }> {
  const err = problemsText(foldConflicts(result.problems), screens.err)
  const conflicts = result.changes.filter((change) => change.kind === 'conflict')
  if (hasErrors(result.problems)) {
    const shown = await diffs(conflicts.slice(0, options.diff ? undefined : mostConflicts), screens.err)
    return { out: '', err: err + (options.diff ? shown : shortDiff(shown)) + errorEnd(result, screens.err) }
  }
  if (options.diff) return { out: await diffs(real(result.changes), screens.out), err }
  const secrets = options.check ? [] : result.made.map((line) => `${marks.create} ${line.split(' ')[0]!}`)
  const lines = options.check || options.dryRun ? [...changeLines(result.changes, screens.out), ...secrets, wouldChange(result.changes)] : writtenLines(result, screens.out)
  return { out: lines.map((line) => `${line}\n`).join(''), err }
}

/** The lines that a command hands back: nothing in them is obeyed, and changes and the next step have their colours. */
export function linesText(lines: readonly string[], screen: Screen): string {
  return `${lines.map((line) => printable(line).split('\n').map((one) => paintLine(one, screen)).join('\n')).join('\n')}\n`
}

function paintLine(line: string, screen: Screen): string {
  const kind = (Object.keys(marks) as (keyof typeof marks)[]).find((one) => one !== 'unchanged' && line.startsWith(`${marks[one]} `))
  return kind ? paint(screen, kind, line) : line.startsWith('next: ') ? `next: ${paint(screen, 'strong', line.slice(6))}` : line
}

export function real(changes: readonly Change[]): readonly Change[] {
  return changes.filter((change) => change.kind !== 'unchanged')
}

/** A line for each file; scripts read them. */
export function changeLines(changes: readonly Change[], screen: Screen): readonly string[] {
  return real(changes).map(({ kind, path }) => paint(screen, kind, `${marks[kind]} ${path}`))
}

export function wouldChange(changes: readonly Change[]): string {
  const pending = real(changes).length
  return pending === 0 ? 'nothing would change' : `${count(pending, 'file')} would change`
}

/** A diff that a program reads keeps every byte; on a terminal nothing in it is obeyed, and the lines have their colours. */
export async function diffs(changes: readonly Change[], screen: Screen): Promise<string> {
  if (changes.length === 0) return ''
  const { unifiedDiff } = await import('../changes/diff.ts')
  const text = changes.map(unifiedDiff).join('')
  if (screen.columns === undefined && !screen.color) return text
  return text.split('\n').map((line) => {
    const shown = printable(line)
    if (/^(---|\+\+\+) /.test(line)) return paint(screen, 'strong', shown)
    if (line.startsWith('@@')) return paint(screen, 'hint', shown)
    return line.startsWith('+') ? paint(screen, 'create', shown) : line.startsWith('-') ? paint(screen, 'delete', shown) : shown
  }).join('\n')
}

function writtenLines(result: Generated, screen: Screen): readonly string[] {
  const signer = [...signerLines(result, screen), ...roleLines(result, screen)]
  if (real(result.changes).length === 0 && result.made.length === 0) return ['nothing to do: the directory is what the answers say', ...signer]
  const rows = groups(result.changes, result.stack)
  const secrets = result.made.map((line) => /^(\S+) \((.*)\)$/.exec(line)?.slice(1) ?? [line, '']).map(([name, meaning]) => ({ kind: 'create', name: name!, meaning: meaning! } as const))
  return [...table([...rows, ...secrets], screen), '', ...signer, ...openLines(result, screen), ...stepLines(result, screen), ...nextLine(result, screen)]
}

/** Names in a column, meanings beside them; where that is too narrow, below. */
function table(rows: readonly { readonly kind: Change['kind']; readonly name: string; readonly meaning: string }[], screen: Screen): readonly string[] {
  const width = Math.max(...rows.map(({ name }) => name.length))
  const beside = screen.columns === undefined || screen.columns - width - 4 >= 24
  return rows.flatMap(({ kind, name, meaning }) => {
    const shown = printableLine(name)
    const head = paint(screen, kind, `${marks[kind]} ${shown}`)
    if (meaning === '') return [head]
    const [first = '', ...more] = wrap(printableLine(meaning), screen, beside ? width + 4 : 4)
    const faint = (text: string) => paint(screen, 'faint', text)
    return beside
      ? [`${head}${' '.repeat(width - name.length + 2)}${faint(first)}`, ...more.map((line) => `${' '.repeat(width + 4)}${faint(line)}`)]
      : [head, ...[first, ...more].map((line) => `    ${faint(line)}`)]
  })
}

/** On one line for programs; a terminal that is too narrow for it has two. */
export function signerLines({ identity, sbtcIdentity }: Pick<Generated, 'identity' | 'sbtcIdentity'>, screen: Screen): readonly string[] {
  return [...keyLines('signer', identity, screen), ...keyLines('sBTC signer', sbtcIdentity, screen)]
}

function keyLines(name: string, identity: Generated['identity'], screen: Screen): readonly string[] {
  if (!identity) return []
  const parts = [`${name} ${paint(screen, 'strong', identity.address)}`, `public key ${identity.publicKey}`]
  return screen.columns !== undefined && screen.columns < name.length + 3 + identity.address.length + 11 + identity.publicKey.length ? parts : [parts.join('  ')]
}

/** What makes this host other than one that signs under its guard. */
function roleLines({ stack }: Generated, screen: Screen): readonly string[] {
  return [
    ...(stack?.role === 'standby' ? [`${paint(screen, 'strong', 'standby')}: the signer of this host gets no key and does not start; make promote changes over`] : []),
    ...(stack?.guard === 'off' ? [`${paint(screen, 'strong', 'guard off')}: nobody looks whether another signer runs with this key`] : []),
  ].flatMap((line) => hangingLines(line, screen))
}

/** What the world will reach; a port of 127.0.0.1 it does not. */
function openLines({ stack }: Generated, screen: Screen): readonly string[] {
  return (stack?.hosts ?? []).flatMap((host) => {
    const published = host.services.flatMap(({ ports }) => ports).filter(({ address }) => address !== '127.0.0.1')
    if (published.length === 0) return []
    const where = host.directory === '' ? '' : ` on ${host.directory.slice(0, -1)}`
    return hangingLines(`open${where}: ${published.map(({ host: port, protocol, purpose }) => `${port}/${protocol} (${purpose})`).join(', ')}`, screen)
  })
}

/** Once, when the stack is new: later runs do not know what was done on the machine. */
function stepLines({ stack, changes }: Generated, screen: Screen): readonly string[] {
  const isNew = changes.some(({ kind, path }) => kind === 'create' && path.endsWith('docker-compose.yml'))
  const steps = stack && isNew ? openSteps(stack) : []
  return steps.length === 0 ? [] : hangingLines(`not done yet: ${steps.join(', ')}`, screen)
}

function nextLine({ directory }: Generated, screen: Screen): readonly string[] {
  const split = existsSync(join(directory, 'node-host/docker-compose.yml'))
  const shown = printableLine(directory)
  return [split ? `next: ${join(shown, 'README.md')} says what belongs on which host` : `next: ${paint(screen, 'strong', `cd ${quoted(shown)} && docker compose up -d`)}`]
}

function errorEnd({ problems, begun }: Generated, screen: Screen): string {
  const errors = problems.filter((problem) => problem.severity === 'error').length
  return `${paint(screen, 'strong', count(errors, 'error'))}; ${begun ? 'run again when that is mended' : 'nothing was written'}\n`
}
