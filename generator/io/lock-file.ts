/** `images.lock.json`: what `pin` found in the registries, committed with the stack and read by every generation. */

import type { ImageLock, LockedImage } from '../catalogue/images.ts'
import { error, type Result } from '../problem.ts'
import { diskProblem } from './disk.ts'
import { readEntry } from './tree.ts'

export const lockPath = 'images.lock.json'

/** Rises when the meaning of the file changes. */
const lockFormat = 1
const longest = 1_000_000

const hint = 'git restore it, or remove it and run `create-stacks-signer-stack pin` again'

/**
 * The lock of a stack, empty where there is none. What is read decides what runs beside the signer's key, so anything
 * that `pin` would not have written is an error.
 */
export function readLock(directory: string): Result<ImageLock> {
  try {
    const entry = readEntry(directory, lockPath)
    if (!entry) return { value: new Map(), problems: [] }
    if (entry.kind !== 'file') return bad('it is not a regular text file')
    return parseLock(entry.content)
  } catch (cause) {
    return { problems: [diskProblem(cause, lockPath, 'read')] }
  }
}

export function parseLock(text: string): Result<ImageLock> {
  if (text.length > longest) return bad('it is too large')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return bad('it is not JSON')
  }
  if (!isRecord(json)) return bad('it is not what `pin` writes')
  const { format, images, ...others } = json
  if (typeof format === 'number' && Number.isInteger(format) && format > lockFormat) {
    return { problems: [error('newer-lock', `${lockPath} was written by a newer version of this generator (format ${format})`, undefined, 'use that version or a later one')] }
  }
  if (format !== lockFormat || !isRecord(images) || Object.keys(others).length > 0) return bad('it is not what `pin` writes')
  const lock = new Map<string, LockedImage>()
  for (const [name, value] of Object.entries(images)) {
    const image = imageOf(value)
    if (!/^[a-z0-9[][a-z0-9.:[\]-]*(?:\/[a-z0-9][a-z0-9._-]*)+:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(name)) return bad(`${JSON.stringify(name.slice(0, 100))} is no image`)
    if (!image) return bad(`the entry of ${name} is not what \`pin\` writes`)
    lock.set(name, image)
  }
  return { value: lock, problems: [] }
}

function imageOf(value: unknown): LockedImage | undefined {
  if (!isRecord(value)) return undefined
  const { digest, index, platforms, ...others } = value
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest) || typeof index !== 'boolean' || Object.keys(others).length > 0) return undefined
  if (!Array.isArray(platforms) || platforms.length === 0) return undefined
  const names = (platforms as readonly unknown[]).filter((one) => typeof one === 'string' && /^[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+){1,2}$/.test(one))
  return names.length === platforms.length ? { digest, index, platforms: names as string[] } : undefined
}

/** The file's text: sorted, so that the same lock always has the same bytes. */
export function renderLock(lock: ImageLock): string {
  const images = [...lock].sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { digest, index, platforms }]) => [name, { digest, index, platforms: [...platforms].sort() }] as const)
  return `${JSON.stringify({ format: lockFormat, images: Object.fromEntries(images) }, null, 2)}\n`
}

function bad(message: string): Result<ImageLock> {
  return { problems: [error('bad-lock', `${lockPath} cannot be used: ${message}`, undefined, hint)] }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
