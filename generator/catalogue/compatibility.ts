/** Combinations that are known to fail, with the reason and what to write instead. */

import { firstRelease, type Network } from './networks.ts'
import { compareVersions, newestRelease, nodeReleases, signerReleases, type Release } from './releases.ts'

/** `code` is for programs; `message` says what would happen, `instead` what to write. */
export interface Verdict {
  readonly code: string
  readonly message: string
  readonly instead: string
}

const newest = `write STACKS_VERSION=${newestRelease}`

/** What is wrong with running this node and this signer together on this network; nothing when no fault is known. */
export function checkPair(node: Release, signer: Release, network: Network): readonly Verdict[] {
  return [...broken(node, signer, network), ...pair(node, signer, network)]
}

function broken(node: Release, signer: Release, network: Network): readonly Verdict[] {
  const verdicts: Verdict[] = []
  if (network === 'mainnet' && node.leavesMainnet !== undefined) {
    const why = node.version === '4.0.0' ? 'its pox-5 contract differs from the network\'s' : 'it does not know the rules that hold from there on'
    verdicts.push({ code: 'left-mainnet', message: `stacks-node ${node.version} leaves mainnet at Bitcoin block ${node.leavesMainnet}: ${why}`, instead: newest })
  }
  const { version: first, mode } = firstRelease(network)
  const old = [node, signer].find(({ version }) => compareVersions(version, first) < 0)
  if (old) verdicts.push({ code: 'network-unknown', message: `stacks-${old.kind} ${old.version} does not know ${network}: its burnchain.mode "${mode}" came with ${first}`, instead: newest })
  if (signer.version === '3.3.0.0.6.0') {
    verdicts.push({ code: 'corrupting-release', message: 'stacks-signer 3.3.0.0.6.0 has a faulty migration of its database', instead: 'write STACKS_SIGNER_VERSION=3.4.0.0.0.0 or later' })
  }
  return verdicts
}

function pair(node: Release, signer: Release, network: Network): readonly Verdict[] {
  const instead = node.version === signer.version ? newest : fitting(node, network)
  if (signer.minNode !== undefined && compareVersions(node.version, signer.minNode) < 0) {
    return [{ code: 'node-too-old', instead, message: `stacks-signer ${signer.version} needs stacks-node ${signer.minNode} or later, and cannot read the answers of ${node.version}` }]
  }
  if (tooNew(node, signer, network)) {
    return [{ code: 'node-too-new', instead, message: `stacks-signer ${signer.version} reads answers of stacks-node up to ${signer.maxNode}, and not those of ${node.version}` }]
  }
  return []
}

/** On mainnet a node lists every epoch it knows; on testnet only those of the network, which end at 4.0. */
function tooNew(node: Release, signer: Release, network: Network): boolean {
  if (signer.maxNode === undefined || compareVersions(node.version, signer.maxNode) <= 0) return false
  return network === 'mainnet' || compareVersions(signer.maxNode, '4.0.0') < 0
}

function fitting(node: Release, network: Network): string {
  const signer = signerReleases.findLast((one) => pairFits(node, one, network))
  const both = signer?.version === node.version
  if (!signer) return newest
  return both ? `write STACKS_VERSION=${node.version}, and neither STACKS_NODE_VERSION nor STACKS_SIGNER_VERSION` : `write STACKS_SIGNER_VERSION=${signer.version}`
}

function pairFits(node: Release, signer: Release, network: Network): boolean {
  const young = signer.minNode !== undefined && compareVersions(node.version, signer.minNode) < 0
  return !young && !tooNew(node, signer, network) && broken(node, signer, network).every(({ code }) => code === 'left-mainnet')
}

/** What is wrong with this release's image in this variant. */
export function checkVariant(release: Release, variant: string): readonly Verdict[] {
  if (variant !== 'alpine' || release.alpineUsable) return []
  const first = (release.kind === 'node' ? nodeReleases : signerReleases).find((one) => one.alpineUsable)!
  return [{
    code: 'broken-image',
    message: `the alpine image of stacks-${release.kind} ${release.version} holds a program that alpine cannot run; ${first.version} is the first that can`,
    instead: 'write IMAGE_VARIANT=debian',
  }]
}
