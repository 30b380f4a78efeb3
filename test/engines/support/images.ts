/** The images that stand in for what cannot be pulled: doubles for the Stacks programs, Debian's bitcoind and nginx as they are. */

import { join } from 'node:path'
import { buildDoubles } from '../../doubles/build.ts'
import { repository } from '../../support/repository.ts'
import { docker } from './docker.ts'

export const testImages = {
  bitcoind: 'stack-test-bitcoind', archive: 'stack-test-archive', sidecar: 'stack-test-sidecar', outsider: 'stack-test-outsider', watcher: 'stack-test-watcher',
  postgres: 'stack-test-postgres', sbtc: 'stack-test-sbtc', base: 'debian:trixie-slim',
} as const

export function doublesImage(release: string): string {
  return `stacks-double:${release}`
}

/** Builds what is missing; the engine keeps the layers between test files. Throws with the build's own words. */
export async function buildTestImages(release: string): Promise<void> {
  for (const name of ['bitcoind', 'archive', 'sidecar', 'outsider', 'watcher'] as const) {
    const built = docker(['build', '--quiet', '--tag', testImages[name], join(repository, 'test/engines/images', name)])
    if (built.status !== 0) throw new Error(`building ${name}: ${built.err}`)
  }
  await buildDoubles({ release, tag: doublesImage(release) })
}

/** Those that only an sBTC signer needs. Throws with the build's own words. */
export function buildSbtcImages(): void {
  for (const [name, folder] of [['postgres', 'test/engines/images/postgres'], ['sbtc', 'test/doubles/sbtc']] as const) {
    const built = docker(['build', '--quiet', '--tag', testImages[name], join(repository, folder)])
    if (built.status !== 0) throw new Error(`building ${name}: ${built.err}`)
  }
}
