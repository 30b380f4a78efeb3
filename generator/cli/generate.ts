/** The main job: answer file in, directory out. Everything is decided before the first byte is written. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answers } from '../answers/check.ts'
import { certPlaces } from '../certs/places.ts'
import type { ImageLock } from '../catalogue/images.ts'
import { compare, type Change } from '../changes/compare.ts'
import { manifestPath, readManifest, renderManifest, type Manifest } from '../changes/manifest.ts'
import { applyChanges } from '../io/apply.ts'
import { readAssets } from '../io/assets.ts'
import { readLock } from '../io/lock-file.ts'
import { readTree } from '../io/tree.ts'
import { contentHash, plan } from '../plan.ts'
import { error, hasErrors, type Problem, type Result } from '../problem.ts'
import type { Identity } from '../stack/model.ts'
import { resolve } from '../stack/resolve.ts'
import { checkedAnswers, placeOf, readAnswerText, type Place } from './answer-file.ts'
import { answersCopy } from './answers-copy.ts'
import type { ExitCode } from './exit-codes.ts'
import type { Options } from './options.ts'
import type { Io } from './run.ts'
import { settleCertificates, type SettledCertificates } from './certificates.ts'
import { settleSecrets, type SettledSecrets } from './secrets.ts'
import { settleWatchSecrets, type SettledWatchSecrets } from './watch-secrets.ts'

export interface Generated {
  readonly exitCode: ExitCode
  readonly directory: string
  readonly problems: readonly Problem[]
  readonly changes: readonly Change[]
  readonly notes: readonly string[]
  readonly identity?: Identity
  /** True when something may have been written before it failed. */
  readonly begun?: true
}

export interface GenerateInput {
  readonly answers: string | undefined
  readonly directory: string | undefined
  readonly options: Options
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
  const { directory } = place
  const failed = (problems: readonly Problem[]): Generated => failure(directory, problems)
  const { answers, entries, problems: early, inside } = checkedAnswers(place, text)
  if (hasErrors(early) || !answers) return failed(early)

  const manifest = oldManifest(directory, io.version)
  const lock = readLock(directory)
  const stored = [...manifest.problems, ...lock.problems]
  if (hasErrors(stored) || !lock.value) return failed([...early, ...stored])
  const writes = !(options.dryRun || options.diff || options.check)
  const secrets = await settleSecrets(answers, directory, manifest.value?.public, { writes, force: options.force })
  if (hasErrors(secrets.problems) || !secrets.value) return failed([...early, ...secrets.problems])

  const planned = planStack(answers, secrets.value, lock.value, io)
  const problems = [...early, ...secrets.problems, ...planned.problems]
  if (!planned.value) return failed(problems)
  const certificates = await settleTls(answers, directory, writes)
  const watching = settleWatchSecrets(answers, directory, planned.hosts, secrets.value.elsewhere)
  problems.push(...certificates.problems, ...watching.problems)
  if (hasErrors(problems) || !certificates.value || !watching.value) return failed(problems)
  const copy = inside ? { changes: [], problems: [] } : answersCopy(directory, text, entries, follow)
  const paths = [...planned.value.map((one) => one.path), ...Object.keys(manifest.value?.files ?? {})]
  const tree = readTree(directory, [...new Set(paths)])
  problems.push(...copy.problems, ...tree.problems)
  if (hasErrors(problems) || !tree.value) return failed(problems)
  const changes = [...compare(planned.value, manifest.value, tree.value), ...copy.changes]
  return finish({ options, directory, changes, problems, secrets: together(secrets.value, certificates.value, watching.value), writes })
}

function failure(directory: string, problems: readonly Problem[]): Generated {
  return { exitCode: 2, directory, problems, changes: [], notes: [] }
}

/** The certificates of the TLS link; nothing where there is none. */
async function settleTls({ values }: Answers, directory: string, writes: boolean): Promise<Result<SettledCertificates>> {
  if (values.TOPOLOGY === 'single' && values.TLS_SIDECARS === 'off') return { value: { made: [], store: () => [] }, problems: [] }
  const places = certPlaces({ topology: values.TOPOLOGY, nodeHost: values.NODE_HOST, signerHost: values.SIGNER_HOST })
  return settleCertificates(directory, values.STACK_NAME, places, values.TLS_CERTS, { now: new Date(), writes })
}

/** Keys first: of all that is stored they alone cannot be made again. */
function together(secrets: SettledSecrets, ...others: readonly (SettledCertificates | SettledWatchSecrets)[]): SettledSecrets {
  const store = () => {
    const problems = [...secrets.store()]
    for (const { store } of others) if (!hasErrors(problems)) problems.push(...store())
    return problems
  }
  return { ...secrets, made: [...secrets.made, ...others.flatMap(({ made }) => made)], store }
}

function planStack(answers: Answers, secrets: SettledSecrets, lock: ImageLock, io: Io) {
  const assets = readAssets(io.packageRoot)
  const tools = assets.docker.filter((one) => one.path.startsWith('docker/tools/'))
  const stack = resolve(answers, { toolsHash: contentHash(tools), lock, ...(secrets.identity && { identity: secrets.identity }) })
  if (!stack.value) return { hosts: [], problems: stack.problems }
  const files = plan(stack.value, assets)
  return { value: [...files, renderManifest(files, io.version, secrets.identity)], hosts: stack.value.hosts, problems: stack.problems }
}

interface Finish {
  readonly options: Options
  readonly directory: string
  readonly changes: readonly Change[]
  readonly problems: readonly Problem[]
  readonly secrets: SettledSecrets
  readonly writes: boolean
}

function finish({ options, directory, changes, problems, secrets, writes }: Finish): Generated {
  const identity = secrets.identity && { identity: secrets.identity }
  const pending = changes.filter((change) => change.kind !== 'unchanged')
  const conflicts = pending.filter((change) => change.kind === 'conflict')
  if (conflicts.length > 0 && !options.force) {
    const said = conflicts.map((change) => error('conflict', `${change.path}: ${change.reason ?? 'edited by hand'}`, undefined,
      'keep the change with an answer, a passed-through key or docker-compose.override.yml, or overwrite it with --force'))
    return { exitCode: options.check ? 1 : 2, directory, problems: [...problems, ...said], changes, notes: [], ...identity }
  }
  if (!writes) {
    const differs = options.check && pending.length > 0
    const note = pending.length === 0 ? 'nothing would change' : `${pending.length} file${pending.length === 1 ? '' : 's'} would change`
    return { exitCode: differs ? 1 : 0, directory, problems, changes, notes: [note], ...identity }
  }
  const stored = secrets.store()
  const failures = hasErrors(stored) ? stored : applyChanges(directory, changes, { force: options.force })
  const all = [...problems, ...failures]
  if (hasErrors(all)) return { exitCode: 2, directory, problems: all, changes, notes: [], ...identity, begun: true }
  return { exitCode: 0, directory, problems: all, changes, notes: endNotes(directory, pending, secrets), ...identity }
}

function endNotes(directory: string, pending: readonly Change[], secrets: SettledSecrets): readonly string[] {
  const signer = secrets.identity ? [`signer ${secrets.identity.address}  public key ${secrets.identity.publicKey}`] : []
  if (pending.length === 0 && secrets.made.length === 0) return ['nothing to do: the directory is what the answers say', ...signer]
  const made = secrets.made.map((line) => `+ ${line}`)
  const split = existsSync(join(directory, 'node-host/docker-compose.yml'))
  return [...made, ...signer, split ? `next: ${join(directory, 'README.md')} says what belongs on which host` : `next: cd ${directory} && docker compose up -d`]
}

function oldManifest(directory: string, version: string): Result<Manifest> {
  const path = join(directory, manifestPath)
  return existsSync(path) ? readManifest(readFileSync(path, 'utf8'), version) : { problems: [] }
}
