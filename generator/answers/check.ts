/** Entries become Answers: every name known, every value right by itself, every default filled. */

import { isNetwork, type Network } from '../catalogue/networks.ts'
import { findNode, findSigner, newerRelease } from '../catalogue/releases.ts'
import { error, hasErrors, sortProblems, warning, type Place, type Problem, type Result } from '../problem.ts'
import { suggest } from '../suggest.ts'
import { hidesValue, shown } from './mask.ts'
import { findFormerValue, findMigration } from './migrations.ts'
import { isPassThrough, passThrough, type PassThrough } from './pass-through.ts'
import type { Entry } from './read.ts'
import { isNewer, newestPair, releaseFault } from './release-answers.ts'
import type { AnswerDefinition } from './definition.ts'
import type { Fault } from './fault.ts'
import { answerKeys, answers, findAnswer, type AnswerKey, type AnswerValues, type PlainKey, type SecretKey } from './schema.ts'
import { secret, secretFault, type Secret } from './secrets.ts'
import { controlFault, didYouMean, valueFault } from './values.ts'
import { partialAnswers } from './partial.ts'

/** The answers, typed and complete. */
export interface Answers {
  /** The name of the answer file, as it was given. */
  readonly file: string
  readonly values: AnswerValues
  /** The answers that the file gives; an empty value counts as absent. */
  readonly given: ReadonlySet<AnswerKey>
  readonly secrets: Readonly<Partial<Record<SecretKey, Secret>>>
  readonly passThrough: PassThrough
  /** Where the file gives this answer; undefined for a default. */
  readonly place: (key: AnswerKey) => Place | undefined
  /** Some answers are wrong or missing, and reading one of them throws (partial.ts): good for looking for further problems only. */
  readonly partial?: true
}

/** `value` without errors; `partial` with errors here, or where the file has been read with errors. */
export interface CheckedAnswers extends Result<Answers> { readonly partial?: Answers }

export interface CheckOptions {
  /** True when the answer file lies outside the output directory, so that it is not committed with it. */
  readonly secretsAllowed: boolean
  /** The output directory as it is to be shown. */
  readonly outputDirectory: string
}

/** Checks each answer by itself; what only shows when answers are looked at together is `stack/resolve`'s. */
export function checkAnswers(file: string, entries: readonly Entry[], options: CheckOptions): CheckedAnswers {
  const first = new Map<string, Entry>()
  for (const entry of entries) if (!first.has(entry.key) || first.get(entry.key)!.broken) first.set(entry.key, entry)
  const known = (key: AnswerKey) => {
    const entry = first.get(key)
    return entry && entry.value !== '' ? entry : undefined
  }
  const problems: Problem[] = []
  const once = [...first.values()].filter((entry) => !entry.broken)
  const meant = new Set([...first.values()].filter(({ key, broken }) => broken && !findAnswer(key)).map(({ key }) => guessOf(key)))
  for (const entry of once) {
    if (findAnswer(entry.key) || isPassThrough(entry.key)) continue
    const guess = guessOf(entry.key)
    meant.add(guess)
    problems.push(unknownAnswer(entry, guess))
  }
  const wrong = new Set<string>()
  for (const answer of answers) {
    const { key } = answer
    // A misspelt or unreadable answer is reported where it stands, and not called missing too.
    const unread = first.get(key)?.broken || (meant.has(key) && !known(key))
    const found = unread ? [] : answerProblems(file, answer, known(key), options)
    problems.push(...found)
    if (unread || hasErrors(found)) wrong.add(key)
  }

  const values = filled((key) => known(key)?.value)
  for (const key of releaseKeys) {
    const found = releaseProblems(key, known(key), values.ALLOW_UNSUPPORTED === 'yes')
    problems.push(...found)
    if (hasErrors(found)) wrong.add(key)
  }
  const { STACKS_NODE_VERSION: node, STACKS_SIGNER_VERSION: signer } = values
  const pinned = { network: values.NETWORK, node: findNode(node) ?? newerRelease('node', node), signer: findSigner(signer) ?? newerRelease('signer', signer) }
  const passed = passThrough(once.filter((entry) => isPassThrough(entry.key)), pinned)
  problems.push(...passed.problems)
  if (hasErrors(passed.problems)) wrong.add('passThrough')
  if (values.SIGNER_KEY === 'generate' && known('SIGNER_PRIVATE_KEY')) {
    problems.push(error('two-keys', 'SIGNER_KEY=generate makes a key, and SIGNER_PRIVATE_KEY gives one', known('SIGNER_KEY')?.valuePlace, 'leave out one of the two'))
    wrong.add('SIGNER_KEY').add('SIGNER_PRIVATE_KEY')
  }
  const built = build(file, values, known, passed.value)
  for (const { key, default: fallback } of answers as readonly AnswerDefinition[]) if (!known(key as AnswerKey) && followsWrong(fallback, wrong)) wrong.add(key)
  return {
    ...(!hasErrors(problems) && { value: built }), ...((hasErrors(problems) || wrong.size > 0) && { partial: partialAnswers(built, wrong) }), problems: sortProblems(problems),
  }
}

/** Whether a default depends on a wrong answer. */
function followsWrong(fallback: AnswerDefinition['default'], wrong: ReadonlySet<string>): boolean {
  if (typeof fallback !== 'object') return false
  return 'byNetwork' in fallback ? wrong.has('NETWORK') : 'follows' in fallback && wrong.has(fallback.follows)
}

const releaseKeys = ['STACKS_VERSION', 'STACKS_NODE_VERSION', 'STACKS_SIGNER_VERSION'] as const

function build(file: string, values: AnswerValues, known: (key: AnswerKey) => Entry | undefined, passed: PassThrough): Answers {
  const secrets: Partial<Record<SecretKey, Secret>> = {}
  for (const { key, type } of answers) {
    const entry = known(key)
    if (type.kind === 'secret' && entry) secrets[key as SecretKey] = secret(entry.value)
  }
  return {
    file,
    values: Object.freeze(values),
    given: new Set(answerKeys.filter((key) => known(key))),
    secrets: Object.freeze(secrets),
    passThrough: passed,
    place: (key) => known(key)?.valuePlace,
  }
}

/** The answer that a misspelt name means. */
export function guessOf(key: string): string | undefined {
  const upper = key.toUpperCase().replaceAll(/[.-]/g, '_')
  return findAnswer(upper)?.key ?? suggest(upper, answerKeys)
}

function unknownAnswer(entry: Entry, guess: string | undefined): Problem {
  const migration = findMigration(entry.key)
  if (migration) return error('obsolete-answer', `${entry.key} ${migration.message}`, entry.keyPlace, migration.hint)
  const name = shown(entry.key)
  return error('unknown-answer', `unknown answer ${name.startsWith('"') ? name.slice(1, -1) : name}`, entry.keyPlace, didYouMean(guess).hint)
}

function answerProblems(file: string, answer: AnswerDefinition, entry: Entry | undefined, options: CheckOptions): readonly Problem[] {
  if (!entry) {
    if (!answer.required) return []
    return [error('missing-answer', `${answer.key} is missing: ${answer.title[0]!.toLowerCase()}${answer.title.slice(1)}`, { file, line: 1, column: 1 }, `add a line like ${answer.key}=${answer.example}`)]
  }
  const { type } = answer
  if (type.kind === 'release') return []
  if (type.kind === 'secret') return secretProblems(answer, type, entry, options)
  const former = findFormerValue(answer.key, entry.value)
  if (former) return [error('obsolete-answer', `${answer.key}=${entry.value} ${former.message}`, entry.valuePlace, former.hint)]
  const fault = valueFault(type, entry.value)
  return fault ? [bad(answer.key, fault, entry)] : []
}

function bad(key: string, fault: Fault, entry: Entry): Problem {
  const expansion = entry.quote !== 'single' && /\$\{?[A-Za-z_(]/.test(entry.value)
    ? 'an answer file is not a shell script: nothing is expanded, so write the value itself' : undefined
  if (key === 'SIGNER_KEY' && hidesValue(key, entry.value)) {
    return error('bad-value', 'SIGNER_KEY says where the key comes from, provided or generate; the value found is hidden, since it may be the key', entry.valuePlace,
      'a key itself goes into secrets/signer-private-key, or into SIGNER_PRIVATE_KEY of a file that is not committed')
  }
  return error('bad-value', `${key} ${fault.message}`, entry.valuePlace, expansion ?? fault.hint)
}

function secretProblems(answer: AnswerDefinition, type: AnswerDefinition['type'] & { readonly kind: 'secret' }, entry: Entry, options: CheckOptions): readonly Problem[] {
  const path = `${options.outputDirectory === '.' ? '' : `${options.outputDirectory}/`}secrets/${type.file}`
  const problems: Problem[] = []
  if (!options.secretsAllowed) {
    problems.push(error('secret-in-answers', `${answer.key} is a secret, and this file is committed with the stack`, entry.keyPlace,
      `move the value to ${path} and remove this line`))
  }
  const control = controlFault(entry.value)
  const fault = control?.message ?? secretFault(type.form, entry.value)
  if (fault) problems.push(error('bad-secret', control ? `${answer.key} ${fault}` : `${answer.key} cannot be used: ${fault}`, entry.valuePlace, control?.hint))
  return problems
}

function releaseProblems(key: (typeof releaseKeys)[number], entry: Entry | undefined, unsupported: boolean): readonly Problem[] {
  const type = findAnswer(key)!.type
  if (!entry || type.kind !== 'release') return []
  if (unsupported && isNewer(entry.value)) {
    return [warning('newer-release', `${key}=${entry.value} is newer than this generator, and is taken to be like ${newestPair()}`, entry.valuePlace,
      'run `make check-config` before `make up`; a newer generator may know more')]
  }
  const fault = controlFault(entry.value) ?? releaseFault(type.of, entry.value)
  return fault ? [bad(key, fault, entry)] : []
}

/** Every plain answer's value: the one given, else its default. Wrong ones pass through here; their problems stop the run. */
function filled(given: (key: PlainKey) => string | undefined): AnswerValues {
  const values: Record<string, string | number | undefined> = {}
  const named = given('NETWORK')
  const network = isNetwork(named) ? named : 'mainnet'
  for (const row of answers) {
    const answer: AnswerDefinition = row
    if (answer.type.kind === 'secret') continue
    const text = given(row.key as PlainKey) ?? defaultOf(answer, network, values)
    values[answer.key] = text !== undefined && (answer.type.kind === 'port' || answer.type.kind === 'number') ? Number(text)
      : text !== undefined && answer.type.kind === 'sha256' ? text.toLowerCase() : text
  }
  return values as unknown as AnswerValues
}

function defaultOf({ default: fallback }: AnswerDefinition, network: Network, values: Readonly<Record<string, string | number | undefined>>): string | undefined {
  if (fallback === undefined || typeof fallback === 'string') return fallback
  if ('byNetwork' in fallback) return fallback.byNetwork[network]
  return 'follows' in fallback ? String(values[fallback.follows]) : newestPair()
}
