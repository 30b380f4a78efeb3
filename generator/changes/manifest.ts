/**
 * `.stack-manifest.json`: what the last run wrote, so that the next one can tell its own files from edited ones.
 * It is committed and merged by people, so reading it trusts nothing.
 */

import { fileHash, type PlannedFile } from '../plan-types.ts'
import { error, type Problem, type Result } from '../problem.ts'

export const manifestPath = '.stack-manifest.json'

/** Rises when an older generator could misread the file. */
const format = 1

export interface ManifestFile {
  readonly sha256: string
  readonly mode: PlannedFile['mode']
}

/** The public side of the signer's key, as the last run knew it. */
export interface ManifestPublic {
  readonly address: string
  readonly publicKey: string
}

/** The releases that a directory was generated for; of programs that are not in the stack nothing is said. */
export interface ManifestReleases {
  readonly node?: string
  readonly signer?: string
  readonly sbtc?: string
}

export interface Manifest {
  /** The version of the generator that wrote it. */
  readonly version: string
  /** By path; every path is relative, normal and none of the user's own. */
  readonly files: Readonly<Record<string, ManifestFile>>
  readonly public?: ManifestPublic
  /** The same of the sBTC signer's key. */
  readonly sbtc?: ManifestPublic
  /** Absent where a generator wrote it that did not record them. */
  readonly releases?: ManifestReleases
}

/** The manifest of these files, itself not among them. Sorted, so that equal plans give equal bytes. */
export function renderManifest(
  files: readonly PlannedFile[], version: string, identity?: ManifestPublic, sbtc?: ManifestPublic, releases?: ManifestReleases,
): PlannedFile {
  const sorted = files.filter(({ path }) => path !== manifestPath).sort((a, b) => (a.path < b.path ? -1 : 1))
  const content = {
    format,
    version,
    ...(identity && { public: pickPublic(identity) }),
    ...(sbtc && { sbtc: pickPublic(sbtc) }),
    ...(releases && { releases: pickReleases(releases) }),
    files: Object.fromEntries(sorted.map((file) => [file.path, { sha256: fileHash(file), mode: octal(file.mode) }])),
  }
  return { path: manifestPath, content: `${JSON.stringify(content, null, 2)}\n`, mode: 0o644 }
}

/**
 * Reads a manifest. `current` is this generator's version: what a newer one wrote is refused, since the older files
 * would silently come back. Every problem names the file.
 */
export function readManifest(text: string, current?: string): Result<Manifest> {
  const parsed = parseJson(text)
  if (parsed === undefined) return broken('is not JSON')
  if (!isRecord(parsed)) return broken('is not a JSON object')
  if (typeof parsed['format'] === 'number' && parsed['format'] > format) return tooNew(`format ${parsed['format']}`)
  if (parsed['format'] !== format) return broken(`says no known "format"`)
  const { version } = parsed
  if (typeof version !== 'string' || !versionNumbers(version)) return broken('has no usable "version"')
  if (current !== undefined && isNewer(version, current)) return tooNew(`version ${version}, and this is ${current}`)
  const files = parsed['files']
  if (!isRecord(files)) return broken('has no usable "files"')
  const problems = [...Object.entries(files).flatMap(([path, file]) => fileFaults(path, file)), ...publicFaults('public', parsed['public']), ...publicFaults('sbtc', parsed['sbtc']), ...releaseFaults(parsed['releases'])]
  if (problems.length > 0) return { problems: problems.slice(0, 20) }
  const value = {
    version,
    files: Object.fromEntries(Object.entries(files as Record<string, { sha256: string; mode: string }>)
      .map(([path, file]) => [path, { sha256: file.sha256, mode: modes[file.mode as keyof typeof modes] }])),
    ...(parsed['public'] !== undefined && { public: pickPublic(parsed['public'] as ManifestPublic) }),
    ...(parsed['sbtc'] !== undefined && { sbtc: pickPublic(parsed['sbtc'] as ManifestPublic) }),
    ...(parsed['releases'] !== undefined && { releases: pickReleases(parsed['releases'] as ManifestReleases) }),
  }
  return { value, problems: [] }
}

const modes = { '0644': 0o644, '0755': 0o755 } as const

function octal(mode: PlannedFile['mode']): keyof typeof modes {
  return mode === 0o755 ? '0755' : '0644'
}

function pickPublic({ address, publicKey }: ManifestPublic): ManifestPublic {
  return { address, publicKey }
}

function pickReleases({ node, signer, sbtc }: ManifestReleases): ManifestReleases {
  return { ...(node !== undefined && { node }), ...(signer !== undefined && { signer }), ...(sbtc !== undefined && { sbtc }) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fileFaults(path: string, file: unknown): readonly Problem[] {
  const shown = JSON.stringify(path.length > 80 ? `${path.slice(0, 80)}…` : path)
  const fault = pathFault(path)
  if (fault) return [badManifest(`lists ${shown}, ${fault}`)]
  const usable = isRecord(file) && typeof file['sha256'] === 'string' && /^[0-9a-f]{64}$/.test(file['sha256'])
    && typeof file['mode'] === 'string' && Object.hasOwn(modes, file['mode'])
  return usable ? [] : [badManifest(`has no usable "sha256" and "mode" for ${shown}`)]
}

/** Files that are the user's; nothing that the manifest says may lead to touching them. */
const usersOwn = /^((node|signer)-host\/)?(answers\.env|secrets|certs|images\.lock\.json|(docker-)?compose\.override\.ya?ml)(\/|$)|(^|\/)\.git(\/|$)/i

function pathFault(path: string): string | undefined {
  const parts = path.split('/')
  if (path.startsWith('/') || parts.includes('..') || path.includes('\\') || /^[a-z]:/i.test(path)) return 'which leads out of the directory'
  if (!/^[\w./-]+$/.test(path) || path.length > 500 || parts.some((part) => part === '' || part.length > 200 || part.endsWith('.'))) {
    return 'which is not a path that this tool makes'
  }
  if (path in Object.prototype) return 'which is not a path that this tool makes'
  if (path.toLowerCase() === manifestPath) return 'which is itself'
  return usersOwn.test(path) ? 'which is the user\'s own' : undefined
}

function publicFaults(name: string, value: unknown): readonly Problem[] {
  if (value === undefined) return []
  const usable = isRecord(value) && typeof value['address'] === 'string' && /^S[PT][0-9A-HJKMNP-TV-Z]{26,39}$/.test(value['address'])
    && typeof value['publicKey'] === 'string' && /^0[23][0-9a-f]{64}$/.test(value['publicKey'])
  return usable ? [] : [badManifest(`has no usable "address" and "publicKey" in "${name}"`)]
}

function releaseFaults(value: unknown): readonly Problem[] {
  if (value === undefined) return []
  const usable = isRecord(value) && Object.values(pickReleases(value)).every((one) => typeof one === 'string' && /^\d{1,4}(\.\d{1,4}){2,5}$/.test(one))
  return usable ? [] : [badManifest('has no usable "releases"')]
}

function versionNumbers(version: string): readonly number[] | undefined {
  const match = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[\w.-]{1,50})?$/.exec(version)
  // A pre-release comes before the release of the same numbers.
  return match ? [...match.slice(1, 4).map(Number), match[4] ? 0 : 1] : undefined
}

function isNewer(version: string, current: string): boolean {
  const [ours, theirs] = [versionNumbers(current) ?? [], versionNumbers(version) ?? []]
  const at = ours.findIndex((number, index) => number !== theirs[index])
  return at >= 0 && theirs[at]! > ours[at]!
}

/** What is wrong with the manifest: continues a sentence that begins with its name. */
export function badManifest(message: string): Problem {
  return error('bad-manifest', `${manifestPath} ${message}`, undefined,
    'take it from the last good commit, or move it away; files that differ are then conflicts until --force')
}

function broken(message: string): { readonly problems: readonly Problem[] } {
  return { problems: [badManifest(message)] }
}

function tooNew(what: string): { readonly problems: readonly Problem[] } {
  return { problems: [error('newer-manifest', `${manifestPath} was written by a newer create-stacks-signer-stack (${what})`, undefined,
    'use that version or a later one: npm create stacks-signer-stack@latest')] }
}
