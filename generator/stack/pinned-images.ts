/** Which images a stack runs, and by what digests. */

import type { Answers } from '../answers/check.ts'
import { digestFor, imageFor, sbtcImage, toolImages, type Image, type ImageLock } from '../catalogue/images.ts'
import type { Release } from '../catalogue/releases.ts'
import { warning, type Problem } from '../problem.ts'
import type { ImageRef } from './model.ts'

/** The image of each program, whether the stack runs it or not. */
export interface Images {
  readonly node: ImageRef
  readonly signer: ImageRef
  readonly bitcoind: ImageRef
  readonly sidecar: ImageRef
  readonly prometheus: ImageRef
  readonly alertmanager: ImageRef
  readonly grafana: ImageRef
  readonly blackbox: ImageRef
  readonly nodeExporter: ImageRef
  readonly sidekick: ImageRef
  readonly sbtcSigner: ImageRef
  readonly blocklist: ImageRef
  readonly postgres: ImageRef
  readonly nodejs: ImageRef
  readonly nodejsFull: ImageRef
  readonly restic: ImageRef
}

/** Pins each image by its digest, as far as one is known; a warning names those that the stack runs without one. */
export function pinnedImages(
  answers: Answers, { node, signer, ownBitcoin }: { readonly node: Release; readonly signer: Release; readonly ownBitcoin: boolean }, lock: ImageLock | undefined,
): { readonly value: Images; readonly problems: readonly Problem[] } {
  const { IMAGE_VARIANT: variant, PLATFORM: platform } = answers.values
  const full = answers.values.MONITORING === 'full'
  const sbtc = answers.values.SBTC_SIGNER === 'on'
  const loose: string[] = []
  const pin = ({ repository, tag }: Image, used = true): ImageRef => {
    const digest = digestFor(repository, tag, platform, lock)
    if (!digest && used) loose.push(`${repository}:${tag}`)
    return { repository, tag, ...(digest && { digest }) }
  }
  const value = {
    node: pin(imageFor(node, variant)),
    signer: pin(imageFor(signer, variant), answers.values.SIGNER === 'on'),
    bitcoind: pin(toolImages.bitcoind, ownBitcoin || sbtc),
    sidecar: pin(toolImages.sidecar, answers.values.TOPOLOGY === 'split' || answers.values.TLS_SIDECARS === 'on'),
    prometheus: pin(toolImages.prometheus, full),
    alertmanager: pin(toolImages.alertmanager, full),
    grafana: pin(toolImages.grafana, full),
    blackbox: pin(toolImages.blackbox, full),
    nodeExporter: pin(toolImages.nodeExporter, full),
    sidekick: pin(toolImages.sidekick, answers.values.SIDEKICK === 'on'),
    sbtcSigner: pin(sbtcImage('signer', answers.values.SBTC_VERSION), sbtc),
    blocklist: pin(sbtcImage('blocklist-client', answers.values.SBTC_VERSION), sbtc),
    postgres: pin(toolImages.postgres, sbtc),
    nodejs: pin(toolImages.nodejs),
    nodejsFull: pin(toolImages.nodejsFull, answers.values.BACKUP === 'sftp'),
    restic: pin(toolImages.restic, answers.values.BACKUP !== 'off'),
  }
  if (loose.length === 0) return { value, problems: [] }
  return { value, problems: [warning('no-digest', `no digest is known for these images, so only their tags are pinned: ${loose.join(', ')}`, undefined,
    'run create-stacks-signer-stack pin, which asks the registries, and commit images.lock.json')] }
}
