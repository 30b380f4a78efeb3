/** Which image each program runs in, and the digests that may be trusted. */

import digests from './data/digests.json' with { type: 'json' }
import type { Release } from './releases.ts'

export type Variant = 'debian' | 'alpine'

export interface Image {
  readonly repository: string
  readonly tag: string
}

/** What `pin` has found in a registry. */
export interface LockedImage {
  readonly digest: string
  /** Whether the digest is that of an index, of which each platform takes its own image. */
  readonly index: boolean
  readonly platforms: readonly string[]
}

/** By `REPOSITORY:TAG`. */
export type ImageLock = ReadonlyMap<string, LockedImage>

/** Images that do not follow the Stacks release. `nodejs` runs the programs of docker/programs, `nodejsFull` has an SSH client too. */
export const toolImages = {
  bitcoind: { repository: 'docker.io/bitcoin/bitcoin', tag: '31.1' },
  sidecar: { repository: 'docker.io/nginxinc/nginx-unprivileged', tag: '1.30.5-alpine' },
  prometheus: { repository: 'docker.io/prom/prometheus', tag: 'v3.15.0' },
  alertmanager: { repository: 'docker.io/prom/alertmanager', tag: 'v0.34.1' },
  grafana: { repository: 'docker.io/grafana/grafana', tag: '13.2.3' },
  blackbox: { repository: 'docker.io/prom/blackbox-exporter', tag: 'v0.28.0' },
  nodeExporter: { repository: 'docker.io/prom/node-exporter', tag: 'v1.12.1' },
  /** From .env.testnet.example of stx-labs/signer-sidekick@353b72c. */
  sidekick: { repository: 'ghcr.io/stx-labs/signer-sidekick', tag: '2.2.0' },
  nodejs: { repository: 'docker.io/library/node', tag: '24-trixie-slim' },
  nodejsFull: { repository: 'docker.io/library/node', tag: '24-trixie' },
  restic: { repository: 'docker.io/restic/restic', tag: '0.18.1' },
  postgres: { repository: 'docker.io/library/postgres', tag: '16.15-bookworm' },
} as const satisfies Readonly<Record<string, Image>>

/** The image of a Stacks release; the plain tag is the Debian build. */
export function imageFor(release: Release, variant: Variant): Image {
  return { repository: release.repository, tag: variant === 'alpine' ? `${release.version}-alpine` : release.version }
}

/** The images of an sBTC release, both of one repository. */
export function sbtcImage(program: 'signer' | 'blocklist-client', release: string): Image {
  return { repository: 'ghcr.io/stacks-sbtc/sbtc', tag: `${program}-v${release}` }
}

/**
 * The digest of an image, where one may be pinned. What the lock says goes before what is known here, of which a digest
 * of unknown kind may be that of the amd64 image alone, so that it is used for `linux/amd64` only.
 */
export function digestFor(repository: string, tag: string, platform: string, lock?: ImageLock): string | undefined {
  const locked = lock?.get(`${repository}:${tag}`)
  if (locked) return locked.digest
  const rows = digests.filter((row) => row.repository === repository && row.tag === tag && (row.index || platform === 'linux/amd64'))
  return rows.sort((a, b) => Number(b.index) - Number(a.index) || b.sources - a.sources)[0]?.digest
}
