/** `upgrade [version]`: what a move to another release means for this stack, and with consent the move itself, on disk. */

import type { Answers } from '../answers/check.ts'
import { releaseFault } from '../answers/release-answers.ts'
import { findNode, findSigner, newerRelease, newestRelease, signerReleases } from '../catalogue/releases.ts'
import { replaceFile } from '../io/replace-file.ts'
import { readTree } from '../io/tree.ts'
import { error, hasErrors, type Problem } from '../problem.ts'
import { plainScreens } from '../screen.ts'
import type { Move, Pair } from '../upgrade/move.ts'
import { recreated } from '../upgrade/recreated.ts'
import { checkedAnswers, readAnswerText } from './answer-file.ts'
import { count } from './file-groups.ts'
import { generateText, oldManifest } from './generate.ts'
import type { Io } from './io.ts'
import type { Options } from './options.ts'
import type { Outcome } from './outcome.ts'
import { placeOf, type Place } from './place.ts'
import { quoted } from './quoted.ts'
import { linesText, problemsText } from './report.ts'
import { composePaths } from './recorded-releases.ts'
import { answeredPair, moveOf, refusalProblems } from './release-move.ts'
import { releaseLines, type ReleaseLines } from './release-lines.ts'
import { changedFiles, conflictLines, movedLines, versions } from './upgrade-text.ts'

/**
 * `words` are an optional version, answer file and directory. Shows notes, the diff of the files and the containers that
 * will be made anew; writes only after --yes or a yes at the prompt. Never starts or stops anything. A refused move is
 * exit 2.
 */
export async function upgrade(words: readonly string[], options: Options, io: Io): Promise<Outcome> {
  const [version, file, directory, ...rest] = isVersion(words[0]) ? words : [undefined, ...words]
  if (rest.length > 0) return failed([error('usage', 'upgrade takes a version, an answer file and a directory at most')])
  const place = placeOf(file, directory, io.cwd)
  const text = readAnswerText(place)
  if (text.value === undefined) return failed(text.problems)
  const { answers, problems } = await checkedAnswers(place, text.value)
  if (!answers) return failed(problems)
  const unsupported = answers.values.ALLOW_UNSUPPORTED === 'yes'
  const target = pairOf((version ?? newestRelease).replace(/^v/, ''), answers)
  if (!target || (findNode(target.node.version) === undefined && !unsupported)) {
    const fault = releaseFault('node', version!)!
    return failed([error('unknown-release', `upgrade ${fault.message}`, undefined, fault.hint)])
  }
  const manifest = oldManifest(place.directory, io.version)
  if (hasErrors(manifest.problems)) return failed(manifest.problems)
  const answered = answeredPair(answers)
  const { from, verdict } = moveOf({ recorded: manifest.value?.releases, composed: composeTexts(place.directory) }, target, answers, answered)!
  if (verdict.direction === 'none' && versions(answered) === versions(target)) return nothing(place, text.value, target, options, io)

  const refusals = refusalProblems(verdict, answers)
  const lines = releaseLines(answers, target.node.version, target.signer.version)
  return move({ place, text: text.value, from, target, verdict, refusals, lines, options, io })
}

interface Request {
  readonly place: Place; readonly text: string; readonly from: Pair; readonly target: Pair; readonly verdict: Move
  readonly refusals: readonly Problem[]; readonly lines: ReleaseLines; readonly options: Options; readonly io: Io
}

async function move(request: Request): Promise<Outcome> {
  const { place, text, from, target, verdict, refusals, lines: { settings, rewrite }, options, io } = request
  const newText = rewrite(text)
  if (newText === undefined) throw new Error('an answer passed the check that no single line holds')
  const preview = await generateText(place, newText, { ...options, dryRun: true, diff: false, check: false }, io, rewrite)
  // The verdict has said these already, or says them better than the line of a text that is not on the disk.
  const said = new Set([...[...verdict.refusals, ...verdict.notes].map(({ code }) => code), 'release-moved', 'keys-not-published'])
  const problems = [...refusals, ...preview.problems.filter(({ code }) => !said.has(code))]
  const containers = preview.changes.flatMap(({ path, before, after }) => {
    if (!composePaths.includes(path) || after === undefined) return []
    const host = path.split('/').length > 1 ? { host: path.split('/')[0]! } : {}
    return recreated(before, after).map((one) => ({ ...one, ...host }))
  })
  const data = {
    from: names(from), to: names(target), direction: verdict.direction, notes: verdict.notes, answers: Object.fromEntries(settings),
    containers, files: changedFiles(preview.changes),
  }
  const told = movedLines({ from, target, verdict, file: place.file, settings, changes: preview.changes, containers, refused: hasErrors(problems) || preview.exitCode === 2 })
  if (hasErrors(problems) || preview.exitCode === 2) {
    return { exitCode: 2, problems, lines: [...told, ...conflictLines(preview.changes), '', 'nothing was written'], data: { ...data, written: false } }
  }
  const mayWrite = !(options.dryRun || options.diff || options.check)
  const asks = mayWrite && !options.yes && !options.json && io.ask !== undefined
  if (asks) {
    const { out, err } = io.screens ?? plainScreens
    if (problems.length > 0) io.stderr(problemsText(problems, err))
    io.stdout(linesText([...told, ''], out))
  }
  const consent = mayWrite && (options.yes || (asks && await io.ask!('Write this? [y/N] ')))
  const shown = asks ? { problems: [], lines: [] } : { problems, lines: [...told, ''] }
  if (!consent) {
    const end = mayWrite && !asks ? 'nothing was written; `--yes` writes it' : 'nothing was written'
    return { exitCode: options.check ? 1 : 0, problems: shown.problems, lines: [...shown.lines, end], data: { ...data, written: false } }
  }
  const written = await write(request, newText)
  return { ...written, problems: [...shown.problems, ...written.problems], lines: [...shown.lines, ...written.lines], data: { ...data, written: written.exitCode === 0 } }
}

/** The answer file first: a run that dies after it is finished by generating, or by asking for the same move, again. */
async function write({ place, text, lines, options, io }: Request, newText: string): Promise<Pick<Outcome, 'exitCode' | 'problems' | 'lines'>> {
  const failures = replaceFile(place.path, place.file, text, newText)
  if (failures.length > 0) return { exitCode: 2, problems: failures, lines: ['nothing was written'] }
  const done = await generateText(place, newText, options, io, lines.rewrite)
  const changed = [...(text === newText ? [] : [`~ ${place.file}`]), ...changedFiles(done.changes).map(({ mark, path }) => `${mark} ${path}`)]
  const errors = done.problems.filter(({ severity }) => severity === 'error')
  if (done.exitCode !== 0) return { exitCode: 2, problems: errors, lines: [`~ ${place.file}`, 'the answer file is written, the rest is not: run again when that is mended'] }
  const split = done.changes.some(({ path }) => path.startsWith('node-host/'))
  const where = split ? `bring node-host and signer-host of ${place.directory} to their machines; on the signer's first, then on the node's:` : `cd ${quoted(place.directory)} &&`
  return { exitCode: 0, problems: errors, lines: [...changed, `next: ${where} make pull && make check-config && docker compose up -d`] }
}

async function nothing(place: Place, text: string, target: Pair, options: Options, io: Io): Promise<Outcome> {
  const preview = await generateText(place, text, { ...options, dryRun: true, diff: false, check: false }, io)
  const behind = preview.changes.filter(({ kind }) => kind !== 'unchanged').length
  const more = behind > 0 ? [`${count(behind, 'file')} would change by generating again`] : []
  return { exitCode: 0, problems: [], lines: [`nothing to do: the stack is at ${versions(target)}`, ...more], data: { to: names(target), direction: 'none', written: false } }
}

/** A first word like this is a version, or means to be one. */
function isVersion(word: string | undefined): boolean {
  return word !== undefined && (/^v?\d[^/\\]*$/.test(word) ? !word.endsWith('.env') : /^(latest|stable)$/.test(word))
}

/** The node of that version and the signer that belongs to it: the same version, or that with one number more. */
function pairOf(version: string, { values }: Answers): Pair | undefined {
  const node = findNode(version) ?? newerRelease('node', version)
  const signer = findSigner(version) ?? newerRelease('signer', version) ?? signerReleases.findLast((one) => one.version.startsWith(`${version}.`))
  return node && signer ? { node, signer, ...(values.SBTC_SIGNER === 'on' && { sbtc: values.SBTC_VERSION }) } : undefined
}

function composeTexts(directory: string): readonly string[] {
  return [...readTree(directory, composePaths).value?.values() ?? []].flatMap((entry) => (entry.kind === 'file' ? [entry.content] : []))
}

function names({ node, signer }: Pair): { readonly node: string; readonly signer: string } {
  return { node: node.version, signer: signer.version }
}

function failed(problems: readonly Problem[]): Outcome {
  return { exitCode: 2, problems, lines: [], data: {} }
}
