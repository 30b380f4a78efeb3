/** The releases that the manifest records, and whether a run may change them: the rest is loaded only then. */

import type { Answers } from '../answers/check.ts'
import type { Change } from '../changes/compare.ts'
import type { ManifestReleases } from '../changes/manifest.ts'

/** A split stack has a Compose file for each of its hosts. */
export const composePaths: readonly string[] = ['docker-compose.yml', 'node-host/docker-compose.yml', 'signer-host/docker-compose.yml']

export function recordedReleases({ values }: Answers): ManifestReleases {
  return {
    node: values.STACKS_NODE_VERSION, ...(values.SIGNER === 'on' && { signer: values.STACKS_SIGNER_VERSION }), ...(values.SBTC_SIGNER === 'on' && { sbtc: values.SBTC_VERSION }),
  }
}

/** False where the directory is for these very releases: nothing has changed, neither in the manifest nor in a Compose file. */
export function mayMove(answers: Answers, recorded: ManifestReleases | undefined, changes: readonly Change[]): boolean {
  const { node, signer, sbtc } = recordedReleases(answers)
  const same = recorded?.node === node && recorded?.signer === signer && recorded?.sbtc === sbtc
  return !same || changes.some(({ path, kind }) => composePaths.includes(path) && kind !== 'unchanged')
}
