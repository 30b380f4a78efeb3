/** Which network a deployment signs for; both configs have a word in it. */

import { error, type Problem, type Result } from '../problem.ts'
import type { Network } from '../catalogue/networks.ts'
import { label } from './label.ts'
import type { ConfigFile } from './model.ts'
import { isTable } from './units.ts'

/** The word of each config for each network. xenon is the testnet that was there before. */
const words: Readonly<Record<Network, { readonly signer: string; readonly node: readonly string[] }>> = {
  mainnet: { signer: 'mainnet', node: ['mainnet'] },
  testnet: { signer: 'testnet', node: ['krypton', 'xenon'] },
}

export function networkOf(signer: ConfigFile, node: ConfigFile): Result<Network> {
  const burnchain = node.data['burnchain']
  const mode = isTable(burnchain) ? burnchain['mode'] : undefined
  const network = signer.data['network']
  const at = { signer: signer.place('network'), node: node.place('burnchain.mode') }
  const [bySigner, byNode] = [
    names.find((name) => words[name].signer === network),
    names.find((name) => typeof mode === 'string' && words[name].node.includes(mode)),
  ]
  if (mode !== undefined && !byNode) return { problems: [foreign('burnchain.mode', mode, at.node)] }
  if (network !== undefined && !bySigner) return { problems: [foreign('network', network, at.signer)] }
  if (bySigner && byNode && bySigner !== byNode) {
    return { problems: [error('networks-differ', `the signer is on ${bySigner} and its node on ${byNode}`, at.signer, 'mend the config that is wrong, and run again')] }
  }
  const found = bySigner ?? byNode
  return found ? { value: found, problems: [] }
    : { problems: [error('no-network', 'neither network of the signer nor burnchain.mode of the node says which network this is', at.signer, 'add network = "mainnet" or network = "testnet"')] }
}

const names = ['mainnet', 'testnet'] as const

function foreign(key: string, value: unknown, at: Problem['at']): Problem {
  const found = typeof value === 'string' ? label(value) : 'no text'
  return error('private-network', `${key} is ${found}: only mainnet and the public testnet can be adopted`, at)
}
