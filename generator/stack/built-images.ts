/** The images that the stack builds itself, each named by what it is built from. */

import type { ImageLock } from '../catalogue/images.ts'
import { sha256 } from '../plan-types.ts'
import type { BuiltImage, ImageRef } from './model.ts'

/** Whether an image is built on the host, and not pulled. */
export function isBuilt(image: ImageRef | BuiltImage): image is BuiltImage {
  return 'context' in image
}

/** What the tool image holds besides: for backups 35 MB that others do without, and what seals the key of an sBTC signer. */
const packagesFor = { backup: 'age openssh-client restic', sealing: 'age', none: '' } as const

/** The Dockerfile's own default is the base that the catalogue pins; a locked digest, or for want of a sure one the tag, takes its place. */
export function toolImage(name: string, toolsHash: string, { repository, tag, digest }: ImageRef, lock: ImageLock | undefined, use: keyof typeof packagesFor): BuiltImage {
  const packages = packagesFor[use]
  const locked = lock?.get(`${repository}:${tag}`)?.digest
  // Docker builds an image that is there already not again: another base is another name.
  const content = (packages ? sha256(`${toolsHash} ${packages}`) : toolsHash).slice(0, 12)
  const build = locked ? `${content}-${locked.slice('sha256:'.length, 19)}` : content
  const base = locked ? `${repository}:${tag}@${locked}` : digest ? undefined : `${repository}:${tag}`
  const given = { ...(base && { BASE_IMAGE: base }), ...(packages && { PACKAGES: packages }) }
  return { context: './docker/tools', name: `${name}-tools:${build}`, ...(Object.keys(given).length > 0 && { arguments: given }) }
}

/** The database's own image with what it lacks, so that server, dump and proof are of one version. `hash` is that of the files that it is made of. */
export function sbtcBackupImage(stack: string, hash: string, { repository, tag, digest }: ImageRef): BuiltImage {
  const from = `${repository}:${tag}${digest ? `@${digest}` : ''}`
  return {
    context: './docker/tools', dockerfile: 'sbtc-backup.Dockerfile', name: `${stack}-sbtc-backup:${sha256(`${hash} ${from}`).slice(0, 12)}`,
    arguments: { POSTGRES_IMAGE: from },
  }
}
