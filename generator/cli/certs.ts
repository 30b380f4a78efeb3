/** `certs`: shows the certificates of a stack, renews them, replaces their authority. It starts and stops nothing. */

import { join, resolve as resolvePath } from 'node:path'
import type { CertFiles, Setting } from '../certs/inspect.ts'
import type { Chance } from '../certs/issue.ts'
import { certPlaces, homeOf, pendingKey } from '../certs/places.ts'
import { planRenewal } from '../certs/renew.ts'
import { certificatesReport } from '../certs/report.ts'
import { planRotation } from '../certs/rotate.ts'
import type { CertWrite } from '../certs/writes.ts'
import { applyCertWrites, readCertFiles } from '../io/cert-store.ts'
import { realPath } from '../io/held-directory.ts'
import { kindOf } from '../io/kind.ts'
import { error, hasErrors, type Problem, type Result } from '../problem.ts'
import { tlsLink } from '../stack/tls-link.ts'
import { checkedAnswers, readAnswerText } from './answer-file.ts'
import { systemChance } from './certificates.ts'
import type { Io } from './io.ts'
import type { Outcome } from './outcome.ts'
import { placeOf } from './place.ts'

export interface CertsOptions {
  readonly force?: boolean
  readonly check?: boolean
  readonly dryRun?: boolean
  readonly diff?: boolean
}

/** What tests put in the world's place. */
export interface CertsDeps {
  readonly now?: () => Date
  readonly chance?: Chance
}

const actions = ['status', 'renew', 'rotate'] as const
type Action = (typeof actions)[number]

interface Surroundings {
  readonly directory: string
  readonly shown: string
  readonly setting: Setting
  readonly files: CertFiles
}

/**
 * `certs [status|renew|rotate] [directory]`. Exit 0: all is well, or done; 1: status: less than 30 days are left, and with
 * --check: something would change; 2: something is broken or could not be done.
 */
export async function certs(words: readonly string[], options: CertsOptions, io: Pick<Io, 'cwd'>, deps: CertsDeps = {}): Promise<Outcome> {
  const { action, directories } = parse(words)
  const read = await surroundings(directories, io.cwd, deps.now?.() ?? new Date())
  if (!read.value) return failed(read.problems)
  const around = read.value
  if (action === 'status') return status(around, read.problems)
  if (around.setting.mode === 'provided') {
    return failed([...read.problems, error('certificates', `with TLS_CERTS=provided certs ${action} makes nothing`, undefined, 'put the next certificates in their place, then: create-stacks-signer-stack certs')])
  }
  const chance = deps.chance ?? systemChance
  const force = options.force === true
  const planned = action === 'renew' ? await renew(around, chance, force) : await rotate(around, chance, force)
  const problems = [...read.problems, ...planned.problems]
  return planned.value ? carryOut(around, planned.value, problems, options) : failed(problems)
}

function parse(words: readonly string[]): { readonly action: Action; readonly directories: readonly string[] } {
  const action = actions.find((one) => one === words[0])
  return action ? { action, directories: words.slice(1) } : { action: 'status', directories: words }
}

async function surroundings(words: readonly string[], cwd: string, now: Date): Promise<Result<Surroundings>> {
  if (words.length > 1) {
    return { problems: [error('usage', `certs takes an action (${actions.join(', ')}) and a directory, found ${words.map((word) => JSON.stringify(word)).join(' ')}`)] }
  }
  const [word] = words
  const isFile = word !== undefined && kindOf(resolvePath(cwd, word)) === 'file'
  const place = placeOf(word === undefined || isFile ? word : join(word, 'answers.env'), undefined, cwd)
  const text = readAnswerText(place)
  if (text.value === undefined) return { problems: text.problems }
  const { answers, problems: early } = await checkedAnswers(place, text.value)
  if (!answers) return { problems: early }
  const link = tlsLink(answers)
  const problems = [...early, ...link.problems]
  if (hasErrors(problems)) return { problems }
  if (!link.value) return { problems: [...problems, error('no-tls', 'this stack has no TLS sidecars, and so no certificates', undefined, 'write TOPOLOGY=split, or TLS_SIDECARS=on')] }
  const { values } = answers
  const places = certPlaces({ topology: values.TOPOLOGY, nodeHost: values.NODE_HOST, signerHost: values.SIGNER_HOST })
  const files = readCertFiles(place.directory, places)
  problems.push(...files.problems)
  if (!files.value) return { problems }
  const setting = { stackName: values.STACK_NAME, places, mode: values.TLS_CERTS, now } as const
  return { value: { directory: realPath(place.directory), shown: place.shownDirectory, setting, files: files.value }, problems }
}

async function status({ setting, files }: Surroundings, problems: readonly Problem[]): Promise<Outcome> {
  const report = await certificatesReport(files, setting)
  const all = [...problems, ...report.problems]
  return { exitCode: hasErrors(all) ? 2 : report.due ? 1 : 0, problems: all, lines: report.lines, data: report.data }
}

interface Planned {
  readonly writes: readonly CertWrite[]
  /** What is done and why, before the files. */
  readonly said: readonly string[]
  /** What the operator must know before or after deploying. */
  readonly afterwards: readonly string[]
  readonly data: Readonly<Record<string, unknown>>
}

async function renew({ files, setting }: Surroundings, chance: Chance, force: boolean): Promise<Result<Planned>> {
  const { value, problems } = await planRenewal(files, setting, chance, force)
  if (!value) return { problems }
  const said = value.renewals.map(({ leaf, reasons, newKey }) => `${leaf}: ${reasons.join('; ')}${newKey ? ' (with a new key)' : ''}`)
  return { value: { writes: value.writes, said, afterwards: [], data: { renewals: value.renewals } }, problems }
}

async function rotate({ files, setting }: Surroundings, chance: Chance, force: boolean): Promise<Result<Planned>> {
  const { value, problems } = await planRotation(files, setting, chance, force)
  if (!value) return { problems }
  const { step, writes, from, to } = value
  const old = from.join(', ') || 'the old authority'
  const blind = 'What the hosts have cannot be seen from here:'
  const words = {
    1: [`step 1 of 3: ${to} is trusted beside ${old}, which still issues`, `${blind} only when both have this, run certs rotate for step 2.`],
    2: [`step 2 of 3: both certificates are from ${to} now; ${old} is still trusted`, `${blind} both must have step 1 before one of them gets this; only when both have this, run certs rotate for step 3.`],
    3: [`step 3 of 3: ${old} is trusted no longer; the rotation is done`, `${blind} both must have step 2 before one of them gets this.`],
  } as const
  const [said, afterwards] = words[step]
  return { value: { writes, said: [said], afterwards: [afterwards], data: { step, from, to } }, problems }
}

function carryOut({ directory, shown, setting }: Surroundings, planned: Planned, problems: readonly Problem[], { check, dryRun, diff }: CertsOptions): Outcome {
  const { writes, said, afterwards } = planned
  const changed = changedFiles(writes)
  const data = { directory: shown, changed: changed.map(({ path }) => path), ...planned.data }
  if (writes.length === 0) return { exitCode: 0, problems, lines: ['nothing to do: every certificate has 30 days or more left and fits its place'], data }
  const files = changed.map(({ mark, path }) => `${mark} ${path}`)
  if (check || dryRun || diff) return { exitCode: check ? 1 : 0, problems, lines: [...said, ...files, 'nothing was written'], data }
  const failures = applyCertWrites(directory, setting.places, writes)
  if (hasErrors(failures)) return failed([...problems, ...failures])
  const next = deployment(changed.map(({ path }) => path), setting)
  return { exitCode: 0, problems, lines: [...said, ...files, ...next, ...afterwards], data: { ...data, next } }
}

/** What has changed in the end: a key that only waited on the way is not named. */
function changedFiles(writes: readonly CertWrite[]): readonly { readonly mark: '+' | '~'; readonly path: string }[] {
  const moved = writes.flatMap((write) => (write.kind === 'move' ? [write.from] : []))
  return writes.filter(({ path }) => !moved.includes(path)).map(({ kind, path }) => ({ mark: kind === 'add' ? '+' : '~', path }))
}

function deployment(paths: readonly string[], { places }: Setting): readonly string[] {
  const here = [places.authorityKey, pendingKey(places.authorityKey)]
  const split = places.leaves.some(({ certificate }) => homeOf(certificate) !== '')
  if (!split) return paths.some((path) => !here.includes(path)) ? ['next: make tls-reload, where the stack runs'] : []
  return places.leaves.flatMap(({ name, certificate }) => {
    const home = homeOf(certificate)
    const own = paths.filter((path) => path.startsWith(home))
    return own.length === 0 ? [] : [`next: bring ${own.join(', ')} to the ${name === 'node-tls' ? 'node' : 'signer'}'s host, and there: make tls-reload`]
  })
}

function failed(problems: readonly Problem[]): Outcome {
  return { exitCode: 2, problems, lines: [], data: {} }
}
