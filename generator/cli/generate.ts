/** The main job: answer file in, directory out. Everything is decided before the first byte is written. */

import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve as resolvePath } from 'node:path'
import { checkAnswers, type Answers } from '../answers/check.ts'
import { readAnswers } from '../answers/read.ts'
import { compare, type Change } from '../changes/compare.ts'
import { readManifest, renderManifest, type Manifest } from '../changes/manifest.ts'
import { applyChanges } from '../io/apply.ts'
import { readAssets } from '../io/assets.ts'
import { readTree } from '../io/tree.ts'
import { contentHash, plan } from '../plan.ts'
import { error, hasErrors, type Problem, type Result } from '../problem.ts'
import type { Identity } from '../stack/model.ts'
import { resolve } from '../stack/resolve.ts'
import { answersCopy } from './answers-copy.ts'
import type { ExitCode } from './exit-codes.ts'
import type { Options } from './options.ts'
import type { Io } from './run.ts'
import { settleSecrets, type SettledSecrets } from './secrets.ts'

export interface Generated {
  readonly exitCode: ExitCode
  readonly directory: string
  readonly problems: readonly Problem[]
  readonly changes: readonly Change[]
  readonly notes: readonly string[]
  readonly identity?: Identity
}

export interface GenerateInput {
  readonly answers: string | undefined
  readonly directory: string | undefined
  readonly options: Options
}

export const manifestName = '.stack-manifest.json'

export async function generate(input: GenerateInput, io: Io): Promise<Generated> {
  const file = input.answers ?? 'answers.env'
  const answerPath = resolvePath(io.cwd, file)
  const directory = input.directory === undefined ? dirname(answerPath) : resolvePath(io.cwd, input.directory)
  const failed = (problems: readonly Problem[], changes: readonly Change[] = []): Generated =>
    ({ exitCode: 2, directory, problems, changes, notes: [] })

  const text = readText(answerPath, file)
  if (text.value === undefined) return failed(text.problems)
  const inside = isInside(directory, answerPath)
  const read = readAnswers(file, text.value)
  const checked = checkAnswers(file, read.entries, { secretsAllowed: !inside, outputDirectory: input.directory ?? dirname(file) })
  const early = [...read.problems, ...checked.problems]
  if (hasErrors(early) || !checked.value) return failed(early)

  const manifest = oldManifest(directory)
  if (hasErrors(manifest.problems)) return failed([...early, ...manifest.problems])
  const writes = !(input.options.dryRun || input.options.diff || input.options.check)
  const secrets = await settleSecrets(checked.value, directory, manifest.value?.public, { writes, force: input.options.force })
  if (hasErrors(secrets.problems) || !secrets.value) return failed([...early, ...secrets.problems])

  const planned = planStack(checked.value, secrets.value, io)
  const problems = [...early, ...secrets.problems, ...planned.problems]
  if (!planned.value) return failed(problems)
  const copy = inside ? { changes: [], problems: [] } : answersCopy(directory, text.value, read.entries, input.options.force)
  const paths = [...planned.value.map((one) => one.path), ...Object.keys(manifest.value?.files ?? {})]
  const tree = readTree(directory, [...new Set(paths)])
  problems.push(...copy.problems, ...tree.problems)
  if (hasErrors(problems) || !tree.value) return failed(problems)
  const changes = [...compare(planned.value, manifest.value, tree.value), ...copy.changes]
  return finish({ input, directory, changes, problems, secrets: secrets.value, writes })
}

function planStack(answers: Answers, secrets: SettledSecrets, io: Io) {
  const assets = readAssets(io.packageRoot)
  const tools = assets.docker.filter((one) => one.path.startsWith('docker/tools/'))
  const stack = resolve(answers, { toolsHash: contentHash(tools), ...(secrets.identity && { identity: secrets.identity }) })
  if (!stack.value) return { problems: stack.problems }
  const files = plan(stack.value, assets)
  return { value: [...files, renderManifest(files, io.version, secrets.identity)], problems: stack.problems }
}

interface Finish {
  readonly input: GenerateInput
  readonly directory: string
  readonly changes: readonly Change[]
  readonly problems: readonly Problem[]
  readonly secrets: SettledSecrets
  readonly writes: boolean
}

function finish({ input, directory, changes, problems, secrets, writes }: Finish): Generated {
  const identity = secrets.identity && { identity: secrets.identity }
  const pending = changes.filter((change) => change.kind !== 'unchanged')
  const conflicts = pending.filter((change) => change.kind === 'conflict')
  if (conflicts.length > 0 && !input.options.force) {
    const said = conflicts.map((change) => error('conflict', `${change.path}: ${change.reason ?? 'edited by hand'}`, undefined,
      'keep the change with an answer, a passed-through key or docker-compose.override.yml, or overwrite it with --force'))
    return { exitCode: input.options.check ? 1 : 2, directory, problems: [...problems, ...said], changes, notes: [], ...identity }
  }
  if (!writes) {
    const differs = input.options.check && pending.length > 0
    const note = pending.length === 0 ? 'nothing would change' : `${pending.length} file${pending.length === 1 ? '' : 's'} would change`
    return { exitCode: differs ? 1 : 0, directory, problems, changes, notes: [note], ...identity }
  }
  const stored = secrets.store()
  const failures = hasErrors(stored) ? stored : applyChanges(directory, changes, { force: input.options.force })
  const all = [...problems, ...failures]
  if (hasErrors(all)) return { exitCode: 2, directory, problems: all, changes, notes: [], ...identity }
  return { exitCode: 0, directory, problems: all, changes, notes: endNotes(directory, pending, secrets), ...identity }
}

function endNotes(directory: string, pending: readonly Change[], secrets: SettledSecrets): readonly string[] {
  const signer = secrets.identity ? [`signer ${secrets.identity.address}  public key ${secrets.identity.publicKey}`] : []
  if (pending.length === 0 && secrets.made.length === 0) return ['nothing to do: the directory is what the answers say', ...signer]
  const made = secrets.made.map((line) => `+ ${line}`)
  return [...made, ...signer, `next: cd ${directory} && docker compose up -d`]
}

function readText(path: string, shown: string): Result<string> {
  try {
    return { value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path)), problems: [] }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT') {
      return { problems: [error('no-answers', `${shown}: there is no such answer file`, undefined,
        'make one: create-stacks-signer-stack --example > answers.env')] }
    }
    const why = cause instanceof TypeError ? 'is not UTF-8 text' : `cannot be read (${String(code)})`
    return { problems: [error('unreadable-answers', `${shown}: ${why}`)] }
  }
}

function oldManifest(directory: string): Result<Manifest> {
  const path = join(directory, manifestName)
  return existsSync(path) ? readManifest(readFileSync(path, 'utf8')) : { problems: [] }
}

/** Judged on real paths: a link must not make a committed file look like one outside. */
function isInside(directory: string, file: string): boolean {
  const root = existsSync(directory) ? realpathSync(directory) : directory
  const way = relative(root, realpathSync(file))
  return !way.startsWith('..') && !isAbsolute(way)
}
