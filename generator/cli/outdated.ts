/** `outdated`: asks the registries which newer images exist for what the stack of a directory has pinned. */

import { imageFor } from '../catalogue/images.ts'
import { nodeReleases, signerReleases } from '../catalogue/releases.ts'
import type { Problem } from '../problem.ts'
import { openRegistries, type Registries } from '../registry/client.ts'
import { currentDigest } from '../registry/digest.ts'
import { newerTags } from '../registry/newer.ts'
import { parseReference } from '../registry/reference.ts'
import { listTags } from '../registry/tags.ts'
import { parseVersionTag } from '../registry/version-tag.ts'
import type { Outcome } from './outcome.ts'
import type { Io } from './io.ts'
import { answered, readStackImages, type RegistryDeps, type StackImage } from './stack-images.ts'

type State = 'current' | 'behind' | 'rebuilt' | 'not-pinned' | 'unknown'

interface Row {
  readonly image: StackImage
  readonly state: State
  /** Newer releases as `REPOSITORY:TAG`, oldest first. */
  readonly newer: readonly string[]
  readonly preReleases: readonly string[]
  readonly problems: readonly Problem[]
}

/** Exit 0: all is current; 1: something is behind; 2: a registry could not be asked, the others' answers are shown. */
export async function outdated(words: readonly string[], _options: unknown, io: Pick<Io, 'cwd' | 'environment' | 'version' | 'status'>, deps: RegistryDeps = {}): Promise<Outcome> {
  const read = await readStackImages('outdated', words, io.cwd)
  const failed = (problems: readonly Problem[]): Outcome => ({ exitCode: 2, problems, lines: [], data: { images: [] } })
  if (!read.value) return failed(read.problems)
  const opened = await openRegistries({ ...deps, environment: io.environment, version: io.version })
  if (!opened.value) return failed([...read.problems, ...opened.problems])
  const registries = opened.value
  try {
    const rows = await answered(read.value.images, (image) => rowOf(registries, image), io.status)
    const problems = rows.flatMap((row) => row.problems)
    const behind = rows.some(({ state }) => state === 'behind' || state === 'rebuilt')
    return {
      exitCode: problems.length > 0 ? 2 : behind ? 1 : 0,
      problems: [...read.problems, ...problems],
      lines: [...table(rows), ...advice(rows)],
      data: { directory: read.value.directory, images: rows.map(dataOf) },
    }
  } finally {
    await registries.close()
  }
}

async function rowOf(registries: Registries, image: StackImage): Promise<Row> {
  if (!parseVersionTag(image.tag)) return { image, newer: [], preReleases: [], ...(await movingState(registries, image)) }
  const problems: Problem[] = []
  const homes = new Map<string, string>()
  // The present home comes last: where both have a tag, that is where it is to be had from now on.
  for (const repository of homesOf(image.repository)) {
    const reference = parseReference(repository)
    const tags = reference.value ? await listTags(registries, reference.value) : { problems: reference.problems }
    problems.push(...tags.problems)
    for (const tag of tags.value ?? []) homes.set(tag, repository)
  }
  const { releases, preReleases } = newerTags(image.tag, [...homes.keys()])
  const named = (tags: readonly string[]) => tags.map((tag) => `${homes.get(tag)!}:${tag}`)
  const state = releases.length > 0 ? 'behind' : problems.length > 0 ? 'unknown' : 'current'
  return { image, state, newer: named(releases), preReleases: named(preReleases), problems }
}

/** Node and signer have moved from one registry to another; their other images have one home. */
function homesOf(repository: string): readonly string[] {
  for (const releases of [nodeReleases, signerReleases]) {
    if (releases.some((release) => release.repository === repository)) return [...new Set([repository, imageFor(releases.at(-1)!, 'debian').repository])]
  }
  return [repository]
}

/** A tag that is no version says by its digest alone whether there is something newer. */
async function movingState(registries: Registries, image: StackImage): Promise<{ readonly state: State; readonly problems: readonly Problem[] }> {
  if (!image.digest) return { state: 'not-pinned', problems: [] }
  const now = await currentDigest(registries, parseReference(image.repository).value!, image.tag)
  if (!now.value) return { state: 'unknown', problems: now.problems }
  return { state: now.value === image.digest ? 'current' : 'rebuilt', problems: [] }
}

const words: Readonly<Record<State, string>> = { current: '=', behind: '', rebuilt: 'rebuilt since', 'not-pinned': 'moves; not pinned', unknown: '?' }

function table(rows: readonly Row[]): readonly string[] {
  const cells = [['image', 'pinned', 'newest', 'pre-releases', 'used by'], ...rows.map(({ image, state, newer, preReleases }) => {
    const own = `${image.repository}:`
    const short = (name: string) => (name.startsWith(own) ? name.slice(own.length) : name)
    return [image.repository, image.tag, state === 'behind' ? short(newer.at(-1)!) : words[state], preReleases.map(short).slice(-3).join(' ') || '-', image.services.join(', ')]
  })]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  return cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd())
}

function advice(rows: readonly Row[]): readonly string[] {
  const behind = rows.filter(({ state }) => state === 'behind')
  const stacks = behind.filter(({ image }) => [...nodeReleases, ...signerReleases].some(({ repository }) => repository === image.repository))
  const others = behind.filter((row) => !stacks.includes(row))
  const named = (wanted: State) => rows.filter(({ state }) => state === wanted).map(({ image }) => image.name).join(', ')
  return [
    ...(stacks.length > 0 ? ['next: create-stacks-signer-stack upgrade shows what the move means for this stack'] : []),
    ...(others.length > 0 ? [`${others.map(({ image }) => image.repository).join(', ')}: chosen by this generator; a newer version of it may choose a newer one`] : []),
    ...(named('rebuilt') ? [`${named('rebuilt')}: create-stacks-signer-stack pin --accept follows the tag to what it is now`] : []),
    ...(named('not-pinned') ? [`${named('not-pinned')}: create-stacks-signer-stack pin records what it is now, so that a later change is seen`] : []),
  ]
}

function dataOf({ image, state, newer, preReleases }: Row): Readonly<Record<string, unknown>> {
  return {
    image: image.repository, pinned: image.tag, ...(image.digest && { digest: image.digest }), state,
    ...(newer.length > 0 && { newest: newer.at(-1) }), newer, preReleases, services: image.services,
  }
}
