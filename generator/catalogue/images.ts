/** Which image each program runs in, and the digests that may be trusted. */

import digests from './data/digests.json' with { type: 'json' }
import type { Variant } from '../stack/model.ts'
import type { Release } from './releases.ts'

export interface Image {
  readonly repository: string
  readonly tag: string
}

/** Images that do not follow the Stacks release. `base` is what the stack's own tool image is built on. */
export const toolImages = {
  bitcoind: { repository: 'docker.io/bitcoin/bitcoin', tag: '31.1' },
  base: { repository: 'docker.io/library/debian', tag: 'trixie-slim' },
} as const satisfies Readonly<Record<string, Image>>

/** The image of a Stacks release; the plain tag is the Debian build. */
export function imageFor(release: Release, variant: Variant): Image {
  return { repository: release.repository, tag: variant === 'alpine' ? `${release.version}-alpine` : release.version }
}

/**
 * The digest of an image, where one may be pinned. One whose kind is unknown may be that of the amd64 image alone, so it
 * is used for `linux/amd64` only.
 */
export function digestFor(repository: string, tag: string, platform: string): string | undefined {
  const rows = digests.filter((row) => row.repository === repository && row.tag === tag && (row.index || platform === 'linux/amd64'))
  return rows.sort((a, b) => Number(b.index) - Number(a.index) || b.sources - a.sources)[0]?.digest
}
