/** The main job: answer file in, directory out. Everything is decided before the first byte is written. */

import { join } from 'node:path'
import type { Answers } from '../answers/check.ts'
import { findSecrets } from '../answers/find-secrets.ts'
import { certPlaces } from '../certs/places.ts'
import type { ImageLock } from '../catalogue/images.ts'
import { compare, obstacle } from '../changes/compare.ts'
import { badManifest, manifestPath, readManifest, renderManifest, type Manifest } from '../changes/manifest.ts'
import { markSecrets } from '../changes/secret-text.ts'
import { applyChanges } from '../io/apply.ts'
import { readAssets } from '../io/assets.ts'
import { diskProblem } from '../io/disk.ts'
import { realPath } from '../io/held-directory.ts'
import { readLock } from '../io/lock-file.ts'
import { readEntry, readTree } from '../io/tree.ts'
import { plan, type Assets } from '../plan.ts'
import { error, hasErrors, type Problem, type Result } from '../problem.ts'
import type { Stack } from '../stack/model.ts'
import { resolve } from '../stack/resolve.ts'
import { checkedAnswers, readAnswerText, storedSecrets } from './answer-file.ts'
import { answersCopy } from './answers-copy.ts'
import type { Generated, Mode } from './generated.ts'
import type { Options } from './options.ts'
import { placeOf, type Place } from './place.ts'
import { withOtherProblems } from './other-problems.ts'
import { mayMove, recordedReleases } from './recorded-releases.ts'
import type { Io } from './io.ts'
import type { SettledCertificates } from './certificates.ts'
import { recordedIdentity } from './new-identity.ts'
import { storedLines } from './secret-lines.ts'
import { settleSbtcSecrets } from './sbtc-secrets.ts'
import { settleSecrets, type SettledSecrets } from './secrets.ts'
import { settleWatchSecrets, wantedBy } from './watch-secrets.ts'

/** What is read once, however many stacks are generated. */
export interface Kit {
  readonly assets: Assets
}

/** What one stack comes to. Without `write` the end is reached: errors, a conflict, or a mode that does not write. */
export interface Decision {
  readonly result: Generated
  readonly answers?: Answers
  /** Makes the directory what the answers say. */
  readonly write?: () => Promise<Generated>
}

export interface GenerateInput {
  readonly answers: string | undefined
  readonly directory: string | undefined
  readonly options: Options
}

export function readKit(packageRoot: string): Kit {
  return { assets: readAssets(packageRoot) }
}

export async function generate(input: GenerateInput, io: Io): Promise<Generated> {
  const place = placeOf(input.answers, input.directory, io.cwd)
  const text = readAnswerText(place)
  if (text.value === undefined) return failure(place.directory, text.problems)
  return generateText(place, text.value, input.options, io)
}

/**
 * The same for a text that stands, or is about to stand, in the answer file; `follow` makes the committed copy of an
 * answer file elsewhere follow it.
 */
export async function generateText(place: Place, text: string, options: Options, io: Io, follow?: (text: string) => string | undefined): Promise<Generated> {
  const mode = options.dryRun || options.diff || options.check ? 'dryRun' : 'write'
  const { result, write } = await decide({ place, text, options, mode, version: io.version, kit: () => readKit(io.packageRoot), ...(follow && { follow }) })
  return write ? write() : result
}

export interface Question {
  readonly place: Place
  readonly text: string
  readonly options: Options
  readonly mode: Mode
  readonly version: string
  readonly kit: () => Kit
  readonly follow?: (text: string) => string | undefined
}

/** Decides everything about one stack; writes nothing. */
export async function decide({ place, text, options, mode, version, kit, follow }: Question): Promise<Decision> {
  // Whatever becomes a link from here on is not followed.
  const directory = realPath(place.directory)
  const { answers, partial, entries, problems: early, inside, known } = await checkedAnswers(place, text)
  const manifest = oldManifest(directory, version)
  const lock = readLock(directory)
  const stored = [...manifest.problems, ...lock.problems]
  const recorded = manifest.value ? manifest.value.public : recordedIdentity(directory)
  const identities = { directory, shown: place.shownDirectory, recorded, recordedSbtc: manifest.value?.sbtc, newSignerKey: options.newSignerKey }
  if (!answers) return { result: failure(place.directory, partial && !hasErrors(stored) ? await withOtherProblems(partial, early, identities) : early) }
  const failed = (problems: readonly Problem[], stack?: Stack): Decision => ({ answers, result: { ...failure(place.directory, problems), ...(stack && { stack }) } })

  if (hasErrors(stored) || !lock.value) return failed([...early, ...stored])
  const secrets = await settleSecrets(answers, directory, recorded, { mode, newSignerKey: options.newSignerKey, shown: place.shownDirectory })
  if (hasErrors(secrets.problems) || !secrets.value) return failed(await withOtherProblems(answers, [...early, ...secrets.problems], identities))
  const sbtc = settleSbtcSecrets(answers, directory, manifest.value?.sbtc, secrets.value.identity, { mode, newSignerKey: options.newSignerKey })

  const planned = planStack(answers, secrets.value, sbtc.value, lock.value, kit(), version)
  const problems = [...early, ...secrets.problems, ...sbtc.problems, ...planned.problems, ...(place.typed ? [] : storedLines(answers, storedSecrets(directory)))]
  if (!planned.value || !sbtc.value) return failed(await withOtherProblems(answers, problems, identities))
  const { stack, files } = planned.value
  const certificates = await settleTls(answers, directory, mode)
  const watching = settleWatchSecrets(answers, directory, wantedBy(stack.hosts), secrets.value.elsewhere || sbtc.value.elsewhere)
  problems.push(...certificates.problems, ...watching.problems)
  if (hasErrors(problems) || !certificates.value || !watching.value) return failed(problems, stack)
  const copy: ReturnType<typeof answersCopy> = inside ? { changes: [], problems: [] } : answersCopy(directory, text, entries, follow)
  if (copy.standing !== undefined) problems.push(...await findSecrets({ file: join(place.shownDirectory, 'answers.env'), text: copy.standing, known, folder: join(place.shownDirectory, 'secrets/'), committed: true }))
  const paths = [...files.map((one) => one.path), ...Object.keys(manifest.value?.files ?? {})]
  const tree = readTree(directory, [...new Set(paths)])
  problems.push(...copy.problems, ...tree.problems)
  if (hasErrors(problems) || !tree.value) return failed(problems, stack)
  // The answers first: with them in place, a run that was killed is finished by running again.
  const changes = markSecrets([...copy.changes, ...compare(files, manifest.value, tree.value)], known)
  if (mayMove(answers, manifest.value?.releases, changes)) {
    problems.push(...(await import('./release-move.ts')).moveProblems(answers, manifest.value?.releases, changes, problems))
    if (hasErrors(problems)) return failed(problems, stack)
  }
  const { identity } = secrets.value
  const { identity: sbtcIdentity } = sbtc.value
  const settled = [secrets.value, sbtc.value, certificates.value, watching.value]
  const made = settled.flatMap((one) => one.made)
  const result = {
    exitCode: 0, directory: place.directory, problems, changes, made, ...(identity && { identity }), ...(sbtcIdentity && { sbtcIdentity }), stack,
  } as const
  const linesToGo = () => (place.typed ? [] : storedLines(answers, storedSecrets(directory)))
  return { answers, ...judge(result, directory, options, mode, settled.map(({ store }) => store), linesToGo) }
}

function failure(directory: string, problems: readonly Problem[]): Generated {
  return { exitCode: 2, directory, problems, changes: [], made: [] }
}

/** The certificates of the TLS link; nothing where there is none. */
async function settleTls({ values }: Answers, directory: string, mode: Mode): Promise<Result<SettledCertificates>> {
  if (values.TOPOLOGY === 'single' && values.TLS_SIDECARS === 'off') return { value: { made: [], store: () => [] }, problems: [] }
  const places = certPlaces({ topology: values.TOPOLOGY, nodeHost: values.NODE_HOST, signerHost: values.SIGNER_HOST })
  const { settleCertificates } = await import('./certificates.ts')
  return settleCertificates(directory, values.STACK_NAME, places, values.TLS_CERTS, { now: new Date(), writes: mode !== 'dryRun' })
}

function planStack(answers: Answers, secrets: SettledSecrets, sbtc: SettledSecrets | undefined, lock: ImageLock, { assets }: Kit, version: string) {
  const stack = resolve(answers, { lock, ...(secrets.identity && { identity: secrets.identity }), ...(sbtc?.identity && { sbtcIdentity: sbtc.identity }) })
  if (!stack.value) return { problems: stack.problems }
  const files = plan(stack.value, assets)
  const manifest = renderManifest(files, version, secrets.identity, sbtc?.identity, recordedReleases(answers))
  return { value: { stack: stack.value, files: [...files, manifest] }, problems: stack.problems }
}

/** Keys are stored first: of all that is written they alone cannot be made again. */
function judge(result: Generated, root: string, options: Options, mode: Mode, stores: readonly (() => readonly Problem[])[], linesToGo: () => readonly Problem[]): Decision {
  const pending = result.changes.filter((change) => change.kind !== 'unchanged')
  const conflicts = pending.filter((change) => change.kind === 'conflict')
  if (conflicts.length > 0 && !options.force) {
    const said = conflicts.map((change) => error('conflict', `${change.path}: ${change.reason ?? 'edited by hand'}${change.secret ? ', and it holds a secret' : ''}`, undefined,
      change.secret ? 'take the secret out of it: this file is committed with the stack'
        : 'keep the change with an answer, a passed-through key or docker-compose.override.yml, or overwrite it with --force'))
    return { result: { ...result, made: [], exitCode: options.check ? 1 : 2, problems: [...result.problems, ...said] } }
  }
  if (mode === 'dryRun') return { result: { ...result, exitCode: options.check && pending.length > 0 ? 1 : 0 } }
  if (mode === 'decide') return { result }
  const write = async (): Promise<Generated> => {
    for (const step of [...stores, () => applyChanges(root, result.changes, { force: options.force })]) {
      const failures = await step()
      if (hasErrors(failures)) return { ...result, exitCode: 2, problems: [...result.problems, ...failures], made: [], begun: true }
    }
    const said = new Set(result.problems.map(({ message }) => message))
    return { ...result, problems: [...result.problems, ...linesToGo().filter(({ message }) => !said.has(message))], written: true }
  }
  return { result, write }
}

/** The manifest of a directory; empty where there is none. */
export function oldManifest(directory: string, version: string): Result<Manifest> {
  try {
    const entry = readEntry(directory, manifestPath)
    if (!entry) return { problems: [] }
    return entry.kind === 'file' ? readManifest(entry.content, version) : { problems: [badManifest(`cannot be used: ${obstacle(entry)}`)] }
  } catch (cause) {
    return { problems: [diskProblem(cause, manifestPath, 'read')] }
  }
}
