/** What a tag points to: the digest of the image for all platforms, computed from its bytes and not merely believed. */

import { createHash } from 'node:crypto'
import { warning, type Problem, type Result } from '../problem.ts'
import { nonsense, readJson, type Registries } from './client.ts'
import type { Reference } from './reference.ts'

export interface Resolved {
  readonly digest: string
  /** Whether it is an index, of which each platform takes its own image. */
  readonly index: boolean
  /** Such as `linux/arm64`, sorted. */
  readonly platforms: readonly string[]
}

const indexTypes = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json']
const imageTypes = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json']
const accept = [...indexTypes, ...imageTypes].join(', ')
const limit = 4 * 1024 * 1024

export const digestPattern = /^sha256:[0-9a-f]{64}$/

/**
 * The digest that the registry names for a tag, without its bytes: enough to see that nothing has changed, and it does not
 * count as a pull. Undefined where the registry names none.
 */
export async function namedDigest(registries: Registries, reference: Reference, tag: string): Promise<Result<string | undefined>> {
  const answer = await registries.ask(reference, { at: `manifests/${tag}`, method: 'HEAD', accept, limit: 0, what: `the tag ${tag}` })
  if (!answer.value) return { problems: answer.problems }
  const named = answer.value.headers['docker-content-digest']
  return { ...(named !== undefined && digestPattern.test(named) && { value: named }), problems: [] }
}

/** The digest that a tag has now; fetched where the registry does not name it. */
export async function currentDigest(registries: Registries, image: Reference, tag: string): Promise<Result<string>> {
  const { value, problems } = await namedDigest(registries, image, tag)
  if (value !== undefined) return { value, problems }
  if (problems.length > 0) return { problems }
  const resolved = await resolveTag(registries, image, tag)
  return resolved.value ? { value: resolved.value.digest, problems: [] } : { problems: resolved.problems }
}

/** Fetches what the tag points to and computes its digest, which must be the one that the registry names. */
export async function resolveTag(registries: Registries, reference: Reference, tag: string): Promise<Result<Resolved>> {
  const answer = await registries.ask(reference, { at: `manifests/${tag}`, accept, limit, what: `the tag ${tag}` })
  if (!answer.value) return { problems: answer.problems }
  const { body, headers } = answer.value
  const from = new URL(reference.base)
  const digest = digestOf(body)
  const named = headers['docker-content-digest']
  if (named !== undefined && named !== digest) {
    return nonsense(reference, from, `it names ${digestPattern.test(named) ? named : 'no sha256 digest'} for what has ${digest}`)
  }
  const manifest = readJson(reference, from, answer.value)
  if (!manifest.value) return { problems: manifest.problems }
  const type = typeof manifest.value['mediaType'] === 'string' ? manifest.value['mediaType'] : (headers['content-type'] ?? '').split(';')[0]!.trim()
  if (indexTypes.includes(type)) return fromIndex(reference, from, manifest.value, digest)
  if (imageTypes.includes(type)) return fromImage(registries, reference, manifest.value, digest)
  return nonsense(reference, from, 'what it has is neither an image nor an index of images')
}

function fromIndex(reference: Reference, from: URL, index: Readonly<Record<string, unknown>>, digest: string): Result<Resolved> {
  const manifests = index['manifests']
  if (!Array.isArray(manifests)) return nonsense(reference, from, 'its index has no list of images')
  const found = (manifests as readonly unknown[]).map((one) => (isRecord(one) ? platformOf(one['platform']) : undefined))
  // Attestations stand in the same list, as images for a platform unknown/unknown.
  const platforms = [...new Set(found.filter((one) => one !== undefined && !one.startsWith('unknown/')))].sort() as string[]
  return platforms.length > 0 ? { value: { digest, index: true, platforms }, problems: [] } : nonsense(reference, from, 'its index names no platform')
}

/** A single image says its platform in its configuration, which is another file. */
async function fromImage(registries: Registries, reference: Reference, manifest: Readonly<Record<string, unknown>>, digest: string): Promise<Result<Resolved>> {
  const from = new URL(reference.base)
  const config = isRecord(manifest['config']) ? manifest['config']['digest'] : undefined
  if (typeof config !== 'string' || !digestPattern.test(config)) return nonsense(reference, from, 'its image names no configuration')
  const answer = await registries.ask(reference, { at: `blobs/${config}`, accept: '*/*', limit, what: 'the configuration of its image' })
  if (!answer.value) return { problems: answer.problems }
  if (digestOf(answer.value.body) !== config) return nonsense(reference, from, `what it sends as ${config} has another digest`)
  const json = readJson(reference, from, answer.value)
  if (!json.value) return { problems: json.problems }
  const platform = platformOf(json.value)
  return platform ? { value: { digest, index: false, platforms: [platform] }, problems: [] } : nonsense(reference, from, 'its image names no platform')
}

function platformOf(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined
  const parts = [value['os'], value['architecture'], ...(value['variant'] ? [value['variant']] : [])]
  return parts.every((part) => typeof part === 'string' && /^[a-z0-9._-]{1,40}$/i.test(part)) ? parts.join('/') : undefined
}

/** What an operator should know of a digest before it is pinned for `platform` ('' means any). */
export function platformProblems(image: string, resolved: Resolved, platform: string): readonly Problem[] {
  const { index, platforms } = resolved
  // An index may tell more of a platform than the answer asks: linux/arm64/v8 is linux/arm64.
  if (platform !== '' && !platforms.some((one) => one === platform || one.startsWith(`${platform}/`))) {
    return [warning('no-platform', `${image} has no image for ${platform}, only for ${platforms.join(', ')}`)]
  }
  return index || platform !== '' ? [] : [warning('one-platform', `${image} is an image for ${platforms.join(', ')} alone`)]
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
