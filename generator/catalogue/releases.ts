/** Every known release of stacks-node and stacks-signer. */

import data from './data/releases.json' with { type: 'json' }

export type Program = 'node' | 'signer'

/** One program's release. A release from 4.0.0 on ships both programs under one version and appears once for each. */
export interface Release {
  readonly kind: Program
  readonly version: string
  /** Absent where only the time span of its publication is known. */
  readonly date?: string
  readonly repository: string
  readonly platforms: readonly string[]
  readonly variants: readonly string[]
  /** Whether the alpine image holds a program that alpine can run. */
  readonly alpineUsable: boolean
  /** False where this release's config keys were not read from its sources but follow those of `validatesAs`. */
  readonly keysKnown: boolean
  readonly validatesAs: string
  /** For a node: the Bitcoin height at which it leaves mainnet, where it does. */
  readonly leavesMainnet?: number
  /** For a signer: the nodes whose answers it can read, both ends included; no end means none is known. */
  readonly minNode?: string
  readonly maxNode?: string
  /** The schema number of each database; absent where it was not recorded. Databases never go back. */
  readonly schemas?: Readonly<Record<string, number>>
}

interface Row extends Omit<Release, 'kind' | 'keysKnown' | 'validatesAs'> {
  readonly program: string
  readonly keysAsIn?: string
}

const releases: readonly Release[] = (data as readonly Row[]).map(({ program, keysAsIn, ...rest }) => ({
  ...rest, kind: program === 'node' ? 'node' : 'signer', keysKnown: keysAsIn === undefined, validatesAs: keysAsIn ?? rest.version,
}))

/** Oldest first. */
export const nodeReleases: readonly Release[] = sorted('node')
export const signerReleases: readonly Release[] = sorted('signer')

/** The newest release that ships node and signer together. */
export const newestRelease: string = nodeReleases.filter(({ version }) => findSigner(version)).at(-1)!.version

export function findNode(version: string): Release | undefined {
  return nodeReleases.find((release) => release.version === version)
}

export function findSigner(version: string): Release | undefined {
  return signerReleases.find((release) => release.version === version)
}

/**
 * A release that came after the newest known one, by its number: taken to be like that one. Undefined for what is known,
 * older, or no release number of this scheme.
 */
export function newerRelease(kind: Program, version: string): Release | undefined {
  if (!/^\d{1,4}\.\d{1,4}\.\d{1,4}$/.test(version) || compareVersions(version, newestRelease) <= 0) return undefined
  const { date: _date, schemas: _schemas, ...like } = (kind === 'node' ? findNode : findSigner)(newestRelease)!
  return { ...like, version, keysKnown: false }
}

/** Negative when `a` is older than `b`; parts are compared as numbers, a missing part counts as 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function sorted(kind: Program): readonly Release[] {
  return releases.filter((release) => release.kind === kind).sort((a, b) => compareVersions(a.version, b.version))
}
