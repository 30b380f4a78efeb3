/** Which releases a deployment runs, told by its image tags or by the variables that name them. */

import { checkPair } from '../catalogue/compatibility.ts'
import { findNode, findSigner, newerRelease, newestRelease, nodeReleases, signerReleases, type Program, type Release } from '../catalogue/releases.ts'
import { warning, type Problem } from '../problem.ts'
import type { Network } from '../catalogue/networks.ts'
import type { ComposeFacts } from './compose.ts'
import type { EnvFacts } from './env-file.ts'
import { label } from './label.ts'
import type { DraftAnswer, Finding, Mapped, Origin } from './model.ts'

export interface ChosenReleases extends Mapped {
  readonly releases: { readonly node: Release; readonly signer: Release }
  readonly problems: readonly Problem[]
}

/** Variables of the official stacks-blockchain-docker, for where its Compose files are not here. */
export const releaseVariables: Readonly<Record<Program, string>> = { node: 'STACKS_BLOCKCHAIN_VERSION', signer: 'STACKS_SIGNER_VERSION' }

interface Told {
  readonly program: Program
  readonly key: string
  readonly origin: Origin
  readonly tag?: string
  readonly release?: Release
  readonly alpine: boolean
}

export function chooseReleases(network: Network, compose: ComposeFacts | undefined, env: EnvFacts): ChosenReleases {
  const told = { node: tell('node', compose, env), signer: tell('signer', compose, env) }
  const releases = complete(told.node?.release, told.signer?.release, network)
  const both = [told.node, told.signer].filter((one) => one !== undefined)
  const pair = releases.node.version === releases.signer.version
  const answers: DraftAnswer[] = (['node', 'signer'] as const).map((program) => ({
    key: `STACKS_${program.toUpperCase()}_VERSION`, value: releases[program].version, from: origins(told[program]), ...remark(told[program]),
  }))
  const alpine = both.length === 2 && both.every((one) => one.alpine)
  return {
    releases,
    answers: [
      ...(pair ? [{ key: 'STACKS_VERSION', value: releases.node.version, from: both.flatMap(origins), ...(both.every((one) => one.release) && both.length === 2 ? {} : guessed) }] : answers),
      ...(alpine ? [{ key: 'IMAGE_VARIANT', value: 'alpine', from: both.flatMap(origins) }] : []),
    ],
    findings: both.map((one) => finding(one, pair, alpine)),
    problems: untold(told, releases),
  }
}

function tell(program: Program, compose: ComposeFacts | undefined, env: EnvFacts): Told | undefined {
  const service = compose?.services.find((one) => one.program === program)
  if (service?.image) return read(program, `services.${label(service.name)}.image`, service.image.origin, service.image.tag)
  const variable = env.entries.findLast(({ name }) => name === releaseVariables[program])
  return variable && read(program, variable.name, variable.origin, variable.value)
}

function read(program: Program, key: string, origin: Origin, tag: string | undefined): Told {
  const version = tag?.replace(/^(signer-|v)/, '').replace(/-(alpine|debian)$/, '')
  const release = version === undefined ? undefined : (program === 'node' ? findNode : findSigner)(version) ?? newerRelease(program, version)
  return { program, key, origin, ...(tag !== undefined && { tag }), ...(release && { release }), alpine: /-alpine$/.test(tag ?? '') }
}

/** One side alone is completed by the newest release that works with it. */
function complete(node: Release | undefined, signer: Release | undefined, network: Network): ChosenReleases['releases'] {
  if (node && signer) return { node, signer }
  const fits = (one: Release, other: Release) => checkPair(one, other, network).every(({ code }) => code === 'left-mainnet')
  if (node) return { node, signer: findSigner(node.version) ?? newerRelease('signer', node.version) ?? signerReleases.findLast((one) => fits(node, one)) ?? findSigner(newestRelease)! }
  if (signer) return { signer, node: findNode(signer.version) ?? newerRelease('node', signer.version) ?? nodeReleases.findLast((one) => fits(one, signer)) ?? findNode(newestRelease)! }
  return { node: findNode(newestRelease)!, signer: findSigner(newestRelease)! }
}

const guessed = { remark: 'a guess: nothing in the deployment tells it for certain' } as const

function remark(told: Told | undefined): { readonly remark?: string } {
  return told?.release ? {} : guessed
}

function origins(told: Told | undefined): readonly Origin[] {
  return told?.release ? [told.origin] : []
}

function finding({ program, key, origin, tag, release, alpine }: Told, pair: boolean, bothAlpine: boolean): Finding {
  if (!release) {
    const note = tag === undefined ? 'it has no tag that could be read, so it does not tell the release' : `the tag ${label(tag)} is no release known here`
    return { origin, key, fate: 'left-out', note, danger: true }
  }
  const answer = pair ? 'STACKS_VERSION' : `STACKS_${program.toUpperCase()}_VERSION`
  const variant = alpine && !bothAlpine ? '; the other image is not of alpine, so both become those of debian' : ''
  return { origin, key, fate: 'answer', answers: [answer, ...(bothAlpine ? ['IMAGE_VARIANT'] : [])], note: `stacks-${program} ${release.version}${variant}` }
}

function untold(told: Readonly<Record<Program, Told | undefined>>, releases: ChosenReleases['releases']): readonly Problem[] {
  const missing = (['node', 'signer'] as const).filter((program) => !told[program]?.release)
  if (missing.length === 0) return []
  const what = missing.map((program) => `stacks-${program}`).join(' and ')
  const taken = missing.map((program) => releases[program].version).filter((version, index, all) => all.indexOf(version) === index).join(' and ')
  return [warning('release-unknown', `nothing tells which release of ${what} runs here: ${taken} was taken`, told[missing[0]!]?.origin,
    'write the release that runs into the answer file before the first start. A newer release migrates the databases, and there is no way back')]
}
