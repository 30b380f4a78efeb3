/**
 * Compares the configured signer set with that of the chain. NODE_RPC is host:port of the own node, or the https:// address of an API
 * that is trusted in its place. 0: the same; 1: something differs; 2: it could not be told.
 */

import type { Io } from '../shared/program.ts'
import { askForObject, callRegistry } from '../shared/sbtc/chain.ts'
import { UnreliableAnswer } from '../shared/sbtc/clarity.ts'
import { signerData } from '../shared/sbtc/registry.ts'

/** In Stacks blocks. A node that is further behind may tell of a set that has changed since. */
const mostBehind = 6

export async function compareSet({ environment, say, warn }: Io): Promise<number> {
  try {
    const { NODE_RPC: node = '', DEPLOYER: deployer = '', SIGNING_SET: configured = '', SIGNATURES_REQUIRED: required = '', SBTC_IDENTITY: own } = environment
    const address = node.includes('://') ? trusted(node) : await inStep(`http://${node}`)
    const registry = (await askForObject(address, '/v2/pox'))['pox_5_sbtc_registry_contract'] ?? `${deployer}.sbtc-registry`
    const { key, signers, threshold } = await callRegistry(address, deployer, 'get-current-signer-data', signerData)
    if (key === undefined) throw new UnreliableAnswer('there is no key on the chain yet')
    const set = new Set(configured.split(','))
    const found = [
      ...(registry === `${deployer}.sbtc-registry` ? [] : [`the node knows the registry ${JSON.stringify(registry).slice(0, 200)}, and SBTC_DEPLOYER is ${deployer}`]),
      ...[...signers].filter((one) => !set.has(one)).sort().map((one) => `${one} is in the chain's set, and not in SBTC_SIGNING_SET`),
      ...[...set].filter((one) => !signers.has(one)).sort().map((one) => `${one} is in SBTC_SIGNING_SET, and not in the chain's set`),
      ...(threshold === Number(required) ? [] : [`the chain wants ${threshold} signatures, and SBTC_SIGNATURES_REQUIRED is ${required}`]),
      ...(!own || signers.has(own) ? [] : [`this signer's own key ${own} is not in the chain's set`]),
    ]
    for (const line of found) say(`sbtc-set: ${line}`)
    if (found.length === 0) say(`sbtc-set: as on the chain: ${signers.size} keys, ${threshold} signatures, aggregate key ${key}`)
    else say('Do not start sbtc-signer with this difference: it would try to make a new key with the others. Ask the other operators and the sBTC team what is right, write that into answers.env, and generate again.')
    return found.length > 0 ? 1 : 0
  } catch (error) {
    if (!(error instanceof UnreliableAnswer)) throw error
    warn(`sbtc-set: could not tell: ${error.message}`)
    return 2
  }
}

function trusted(api: string): string {
  if (!api.startsWith('https://')) throw new UnreliableAnswer('an API is asked over https:// only')
  return api.replace(/\/+$/, '')
}

/** The address of a node that is level with its peers: the answers of one that is behind are of the past. */
async function inStep(address: string): Promise<string> {
  const { difference_from_max_peer: behind, max_stacks_neighbor_address: peer } = await askForObject(address, '/v3/health')
  if (typeof behind !== 'number' || peer === undefined || peer === null) throw new UnreliableAnswer('the node knows no peer that could say whether it is level with the chain')
  if (behind > mostBehind) throw new UnreliableAnswer(`the node is ${behind} blocks behind its peers`)
  return address
}
