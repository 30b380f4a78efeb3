/** Answers that name a release: whether the catalogue knows it, and what to write where it does not. */

import { findNode, findSigner, newerRelease, newestRelease, nodeReleases, signerReleases } from '../catalogue/releases.ts'
import { suggest } from '../suggest.ts'
import { shown } from './mask.ts'
import type { Fault } from './fault.ts'
import { didYouMean } from './values.ts'

type Of = 'pair' | 'node' | 'signer'

/** The newest release that ships node and signer together. */
export function newestPair(): string {
  return newestRelease
}

/** What is wrong with a release in an answer for the pair, the node or the signer. */
export function releaseFault(of: Of, value: string): Fault | undefined {
  const known = { node: findNode(value), signer: findSigner(value) }
  if (of === 'pair' ? known.node && known.signer : known[of]) return undefined
  if (of === 'pair' && (known.node || known.signer)) return apart(value, known.node !== undefined)
  const candidates = candidatesOf(of)
  if (of !== 'pair' && (known.node || known.signer)) {
    const twin = of === 'signer' ? `${value}.0` : value.replace(/\.[0-9]+$/, '')
    return {
      message: `expects a release of stacks-${of}, found ${shown(value)}, which is one of stacks-${of === 'node' ? 'signer' : 'node'}`,
      ...didYouMean(candidates.includes(twin) ? twin : undefined),
    }
  }
  const bare = value.trim().replace(/^(signer-|v)+/i, '').replace(/-(debian|alpine)$/, '')
  const found = `found ${shown(value)}`
  if (/^(latest|stable|main|master|develop|edge)$/i.test(value)) {
    return { message: `expects one release, ${found}, which is another one every few weeks`, hint: `the newest release known here is ${newestPair()}` }
  }
  if (isNewer(bare)) {
    return { message: `expects a release that this generator knows, ${found}`, hint: `the newest known here is ${newestPair()}; a newer generator may know more\nALLOW_UNSUPPORTED=yes takes it to be like that one` }
  }
  return { message: `expects a known release, ${found}`, ...didYouMean(candidates.includes(bare) ? bare : suggest(bare, candidates)) }
}

function candidatesOf(of: Of): readonly string[] {
  const nodes = nodeReleases.map((release) => release.version)
  const signers = signerReleases.map((release) => release.version)
  if (of === 'pair') return nodes.filter((version) => signers.includes(version))
  return of === 'node' ? nodes : signers
}

/** A release from before 4.0.0, whose node and signer are numbered apart. */
function apart(value: string, isNode: boolean): Fault {
  const node = isNode ? value : value.replace(/\.[0-9]+$/, '')
  const signer = isNode ? `${value}.0` : value
  const both = findNode(node) && findSigner(signer)
  return {
    message: `expects a release that ships node and signer together, 4.0.0 or later, found ${shown(value)}`,
    hint: both ? `write STACKS_NODE_VERSION=${node} and STACKS_SIGNER_VERSION=${signer}` : 'write STACKS_NODE_VERSION and STACKS_SIGNER_VERSION',
  }
}

/** Whether this looks like a release that came after the newest known one. */
export function isNewer(value: string): boolean {
  return newerRelease('node', value) !== undefined
}
