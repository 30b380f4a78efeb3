/** `pin`: records in `images.lock.json` what the tags of a stack point to, and does not follow a tag that has moved. */

import { digestFor, type ImageLock, type LockedImage } from '../catalogue/images.ts'
import { applyChanges } from '../io/apply.ts'
import { lockPath, renderLock } from '../io/lock-file.ts'
import { readEntry } from '../io/tree.ts'
import { error, hasErrors, warning, type Problem, type Result } from '../problem.ts'
import { openRegistries, type Registries } from '../registry/client.ts'
import { namedDigest, platformProblems, resolveTag } from '../registry/digest.ts'
import { parseReference } from '../registry/reference.ts'
import type { Outcome } from './outcome.ts'
import type { Io } from './io.ts'
import { answered, readStackImages, type RegistryDeps, type StackImage, type StackImages } from './stack-images.ts'

export interface PinOptions {
  /** Follow tags that point elsewhere than the lock says. */
  readonly accept?: boolean
  readonly dryRun?: boolean
  /** Like `dryRun`: the lines say each digest. */
  readonly diff?: boolean
  /** Like `dryRun`, and exit 1 when the lock would change. */
  readonly check?: boolean
}

interface Pinned {
  readonly image: StackImage
  readonly now: LockedImage
  readonly was?: LockedImage
}

/** Exit 0: the lock says what the registries say; 2: it could not be done, or a tag has moved, and nothing was written. */
export async function pin(words: readonly string[], options: PinOptions, io: Pick<Io, 'cwd' | 'environment' | 'version' | 'status'>, deps: RegistryDeps = {}): Promise<Outcome> {
  const failed = (problems: readonly Problem[], data: Outcome['data'] = {}): Outcome => ({ exitCode: 2, problems, lines: [], data: { lock: lockPath, images: [], ...data } })
  const read = await readStackImages('pin', words, io.cwd)
  if (!read.value) return failed(read.problems)
  const { images, lock, platform } = read.value
  const opened = await openRegistries({ ...deps, environment: io.environment, version: io.version })
  if (!opened.value) return failed([...read.problems, ...opened.problems])
  const registries = opened.value
  try {
    const asked = await answered(images, (image) => pinned(registries, image, lock), io.status)
    const found = asked.flatMap(({ value }) => value ?? [])
    const problems = [...read.problems, ...asked.flatMap((one) => one.problems), ...found.flatMap((one) => remarks(one, platform, options.accept === true))]
    const dropped = [...lock.keys()].filter((name) => !images.some((image) => image.name === name))
    const data = { directory: read.value.directory, images: found.map(dataOf), dropped }
    if (hasErrors(problems)) return failed(problems, data)
    return write(read.value, { found, dropped, problems, data }, options)
  } finally {
    await registries.close()
  }
}

async function pinned(registries: Registries, image: StackImage, lock: ImageLock): Promise<Result<Pinned>> {
  const reference = parseReference(image.repository)
  if (!reference.value) return { problems: reference.problems }
  const was = lock.get(image.name)
  if (was) {
    // The cheap question first: it does not count as a pull.
    const named = await namedDigest(registries, reference.value, image.tag)
    if (named.problems.length > 0) return { problems: named.problems }
    if (named.value === was.digest) return { value: { image, now: was, was }, problems: [] }
  }
  const now = await resolveTag(registries, reference.value, image.tag)
  return now.value ? { value: { image, now: now.value, ...(was && { was }) }, problems: now.problems } : { problems: now.problems }
}

function remarks({ image, now, was }: Pinned, platform: string, accept: boolean): readonly Problem[] {
  const problems = [...platformProblems(image.name, now, platform)]
  const known = digestFor(image.repository, image.tag, '')
  if (!was && known && known !== now.digest) {
    problems.push(warning('not-as-known', `${image.name} is ${now.digest}, but this generator knows it as ${known}`, undefined,
      'tags of versions should not move: find out why before `make up`'))
  }
  if (was && was.digest !== now.digest && !accept) {
    problems.push(error('tag-moved', `${image.name} now points to ${now.digest}; ${lockPath} says ${was.digest}`, undefined,
      'find out who moved it and why; to follow it: create-stacks-signer-stack pin --accept'))
  }
  return problems
}

interface Found {
  readonly found: readonly Pinned[]
  readonly dropped: readonly string[]
  readonly problems: readonly Problem[]
  readonly data: Readonly<Record<string, unknown>>
}

async function write({ directory, words }: StackImages, { found, dropped, problems, data }: Found, options: PinOptions): Promise<Outcome> {
  const entry = readEntry(directory, lockPath)
  const before = entry?.kind === 'file' ? entry.content : undefined
  const after = renderLock(new Map(found.map(({ image, now: { digest, index, platforms } }) => [image.name, { digest, index, platforms }])))
  const changes = before !== after
  const done = (exitCode: 0 | 1, lines: readonly string[]): Outcome => ({ exitCode, problems, lines, data: { lock: lockPath, changed: changes, ...data } })
  if (!changes) return done(0, [`nothing to do: every tag points to what ${lockPath} says`])
  const lines = [...found.flatMap(lineOf), ...dropped.map((name) => `- ${name}  no longer used`)]
  if (options.check || options.dryRun || options.diff) return done(options.check ? 1 : 0, [...lines, `${lockPath} would change`])
  const failures = await applyChanges(directory, [{ kind: before === undefined ? 'create' : 'update', path: lockPath, after, mode: 0o644, ...(before !== undefined && { before }) }], { force: false })
  if (failures.length > 0) return { exitCode: 2, problems: [...problems, ...failures], lines: [], data: { lock: lockPath, changed: false, ...data } }
  return done(0, [...lines, `next: create-stacks-signer-stack ${words}, which takes these digests into the stack`])
}

function lineOf({ image, now, was }: Pinned): readonly string[] {
  if (was && was.digest === now.digest) return []
  const platforms = `(${now.platforms.join(', ')})`
  return was ? [`~ ${image.name}  ${was.digest} -> ${now.digest} ${platforms}`] : [`+ ${image.name}  ${now.digest} ${platforms}`]
}

function dataOf({ image, now, was }: Pinned): Readonly<Record<string, unknown>> {
  return { image: image.name, digest: now.digest, index: now.index, platforms: now.platforms, ...(was && was.digest !== now.digest && { was: was.digest }), services: image.services }
}
