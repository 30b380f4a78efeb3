/** `upgrade [version]`: what a move to another release means for this stack, and with consent the move itself, on disk. */

import { rewriteAnswer } from '../answers/rewrite.ts'
import type { Answers } from '../answers/check.ts'
import { unifiedDiff } from '../changes/diff.ts'
import type { Change } from '../changes/compare.ts'
import { findNode, findSigner, newerRelease, newestRelease, signerReleases } from '../catalogue/releases.ts'
import { applyChanges } from '../io/apply.ts'
import { error, hasErrors, warning, type Problem } from '../problem.ts'
import { judgeMove, type Move, type Pair } from '../upgrade/move.ts'
import { recreated, type Recreated } from '../upgrade/recreated.ts'
import { checkedAnswers, placeOf, readAnswerText, type Place } from './answer-file.ts'
import { generateText, type Generated } from './generate.ts'
import type { Options } from './options.ts'
import type { Outcome } from './outcome.ts'
import type { Io } from './run.ts'

const releaseKeys = ['STACKS_VERSION', 'STACKS_NODE_VERSION', 'STACKS_SIGNER_VERSION'] as const

/**
 * `words` are an optional version and an optional answer file. Shows notes, changed files and the containers that will
 * be made anew; writes only after --yes or a yes at the prompt. Never starts or stops anything. A refused move is exit 2.
 */
export async function upgrade(words: readonly string[], options: Options, io: Io): Promise<Outcome> {
  const [version, file, ...rest] = /^v?\d/.test(words[0] ?? '') ? words : [undefined, ...words]
  if (rest.length > 0) return failed([error('usage', 'upgrade takes a version and an answer file at most')])
  const place = placeOf(file, undefined, io.cwd)
  const text = readAnswerText(place)
  if (text.value === undefined) return failed(text.problems)
  const { answers, problems } = checkedAnswers(place, text.value)
  if (!answers) return failed(problems)
  const target = pairOf(version ?? newestRelease)
  if (!target) {
    return failed([error('unknown-release', `${version} is no release that is known here`, undefined, `the newest known is ${newestRelease}; a newer generator may know more`)])
  }
  return move({ place, text: text.value, answers, target, options, io })
}

interface Request { readonly place: Place; readonly text: string; readonly answers: Answers; readonly target: Pair; readonly options: Options; readonly io: Io }

async function move(request: Request): Promise<Outcome> {
  const { place, text, answers, target, options, io } = request
  const { STACKS_NODE_VERSION: node, STACKS_SIGNER_VERSION: signer, NETWORK: network } = answers.values
  const from = pairNamed(node, signer)
  const verdict = judgeMove(from, target, network)
  if (verdict.direction === 'none') return { exitCode: 0, problems: [], lines: [`nothing to do: the stack is at ${versions(target)}`], data: { direction: 'none' } }
  const unsupported = answers.values.ALLOW_UNSUPPORTED === 'yes'
  const refusals = verdict.refusals.map(({ code, message, instead }) => (unsupported ? warning : error)(code, message, undefined, instead))
  const newText = rewritten(text, answers, target)
  const preview = await generateText(place, newText, { ...options, dryRun: true, check: false }, io)
  const said = new Set(refusals.map(({ code }) => code))
  const problems = [...refusals, ...preview.problems.filter(({ code }) => !said.has(code))]
  const compose = preview.changes.find(({ path }) => path === 'docker-compose.yml')
  const containers = compose ? recreated(compose.before, compose.after ?? '') : []
  const data = { from: names(from), to: names(target), direction: verdict.direction, notes: verdict.notes, containers, files: preview.changes.filter(({ kind }) => kind !== 'unchanged').map(({ path, kind }) => ({ path, kind })) }
  const told = [...heading(from, target), ...noteLines(verdict)]
  if (hasErrors(problems) || preview.exitCode === 2) return { exitCode: 2, problems, lines: told, data }
  const lines = [...told, ...fileLines(preview, options), ...containerLines(containers)]
  const consent = options.yes || (!options.json && io.ask !== undefined && await asked(io, lines))
  if (!consent) return { exitCode: 0, problems, lines: io.ask && !options.json ? ['nothing was written'] : [...lines, '', 'nothing was written; `--yes` writes it'], data: { ...data, written: false } }
  const written = await write(request, newText)
  const rest = [...written.lines, `next: cd ${place.directory} && make pull && make check-config && docker compose up -d`]
  return { ...written, problems: [...problems, ...written.problems], lines: io.ask && !options.yes ? rest : [...lines, '', ...rest], data: { ...data, written: written.exitCode === 0 } }
}

/** The answer file first: a run killed after it is finished by generating again. */
async function write({ place, text, options, io }: Request, newText: string): Promise<Pick<Outcome, 'exitCode' | 'problems' | 'lines'>> {
  const name = place.path.slice(place.path.lastIndexOf('/') + 1)
  const folder = place.path.slice(0, place.path.lastIndexOf('/')) || '/'
  const failures = applyChanges(folder, [{ kind: 'update', path: name, before: text, after: newText, mode: 0o644 }], { force: false })
  if (hasErrors(failures)) return { exitCode: 2, problems: failures, lines: [] }
  const done = await generateText(place, newText, { ...options, dryRun: false, diff: false, check: false }, io)
  return { exitCode: done.exitCode, problems: done.problems.filter(({ severity }) => severity === 'error'), lines: [`~ ${place.file}`, ...done.changes.filter(({ kind }) => kind !== 'unchanged').map(({ path }) => `~ ${path}`)] }
}

async function asked(io: Io, lines: readonly string[]): Promise<boolean> {
  io.stdout(`${lines.join('\n')}\n\n`)
  return io.ask!('Write this? [y/N] ')
}

/** Every release answer that the file gives gets its half of the target; with none, STACKS_VERSION is added. */
function rewritten(text: string, answers: Answers, target: Pair): string {
  const given = releaseKeys.filter((key) => answers.given.has(key))
  const apart = target.node.version !== target.signer.version
  const keys = apart ? ['STACKS_NODE_VERSION', 'STACKS_SIGNER_VERSION'] as const : given.length > 0 ? given : ['STACKS_VERSION'] as const
  return keys.reduce((done, key) => rewriteAnswer(done, key, key === 'STACKS_SIGNER_VERSION' ? target.signer.version : target.node.version), text)
}

/** The node of that version and the signer that belongs to it: the same version, or that with one number more. */
function pairOf(version: string): Pair | undefined {
  const bare = version.replace(/^v/, '')
  const node = findNode(bare) ?? newerRelease('node', bare)
  const signer = findSigner(bare) ?? newerRelease('signer', bare) ?? signerReleases.findLast((one) => one.version.startsWith(`${bare}.`))
  return node && signer ? { node, signer } : undefined
}

function pairNamed(node: string, signer: string): Pair {
  return { node: findNode(node) ?? newerRelease('node', node)!, signer: findSigner(signer) ?? newerRelease('signer', signer)! }
}

function names({ node, signer }: Pair): { readonly node: string; readonly signer: string } {
  return { node: node.version, signer: signer.version }
}

function versions({ node, signer }: Pair): string {
  return node.version === signer.version ? node.version : `node ${node.version}, signer ${signer.version}`
}

function heading(from: Pair, to: Pair): readonly string[] {
  return [`from ${versions(from)}`, `to   ${versions(to)}`]
}

function noteLines({ notes }: Move): readonly string[] {
  const part = (kind: 'act' | 'know', title: string) => {
    const texts = notes.filter((note) => note.kind === kind).map(({ text }) => `  - ${text}`)
    return texts.length > 0 ? ['', title, ...texts] : []
  }
  return [...part('act', 'to do:'), ...part('know', 'to know:')]
}

function fileLines(preview: Generated, options: Options): readonly string[] {
  const changed = preview.changes.filter(({ kind, path }: Change) => kind !== 'unchanged' && path !== '.stack-manifest.json')
  if (changed.length === 0) return []
  return ['', 'files:', ...(options.diff ? changed.map((change) => unifiedDiff(change).trimEnd()) : changed.map(({ kind, path }) => `  ${kind === 'create' ? '+' : kind === 'delete' ? '-' : '~'} ${path}`))]
}

function containerLines(containers: readonly Recreated[]): readonly string[] {
  if (containers.length === 0) return ['', 'containers: none is made anew']
  const signer = containers.some(({ service }) => service === 'stacks-signer')
  const node = containers.find(({ service }) => service === 'stacks-node')
  return [
    '', 'containers that `docker compose up -d` makes anew:',
    ...containers.map(({ service, what, stopGrace }) => `  ${service}${what === 'anew' ? ` (may take up to ${stopGrace} to stop)` : ` (${what})`}`),
    ...(signer || node ? [`the signer is away ${signer ? 'for seconds by itself' : 'as long as its node'}${node ? `, and signs again when the node is back: after its stop (${node.stopGrace} at most) and its start, longer where it migrates` : ''}`] : []),
  ]
}

function failed(problems: readonly Problem[]): Outcome {
  return { exitCode: 2, problems, lines: [], data: {} }
}
