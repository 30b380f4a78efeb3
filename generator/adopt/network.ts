/** Which network a deployment signs for; both configs have words for it. */

import { error, type Problem, type Result } from '../problem.ts'
import { networkFacts, networks, type Network } from '../catalogue/networks.ts'
import { newestRelease } from '../catalogue/releases.ts'
import { label } from './label.ts'
import type { ConfigFile } from './model.ts'
import { isTable } from './units.ts'

/** What a config says of its network: a word, and what tells two networks of the same word apart. */
interface Said {
  readonly key: string
  readonly word: unknown
  readonly chainId: unknown
  readonly challenge?: unknown
  readonly at: Problem['at']
}

export function networkOf(signer: ConfigFile, node: ConfigFile): Result<Network> {
  const burnchain = isTable(node.data['burnchain']) ? node.data['burnchain'] : {}
  const bySigner = recognise({ key: 'network', word: signer.data['network'], chainId: signer.data['chain_id'], at: signer.place('network') },
    (network) => [networkFacts(network, newestRelease).signer.network, ...modes(network).filter((mode) => mode === 'signet')])
  const byNode = recognise({ key: 'burnchain.mode', word: burnchain['mode'], chainId: burnchain['chain_id'], challenge: burnchain['signet_challenge'], at: node.place('burnchain.mode') }, modes)
  const foreign = byNode.problems[0] ?? bySigner.problems[0]
  if (foreign) return { problems: [foreign] }
  if (bySigner.value && byNode.value && bySigner.value !== byNode.value) {
    return { problems: [error('networks-differ', `the signer is on ${bySigner.value} and its node on ${byNode.value}`, signer.place('network'), 'correct the config that is wrong, and run again')] }
  }
  const found = bySigner.value ?? byNode.value
  return found ? { value: found, problems: [] }
    : { problems: [error('no-network', 'neither network of the signer nor burnchain.mode of the node says which network this is', signer.place('network'), 'add network = "mainnet" or network = "testnet"')] }
}

/** xenon is the testnet that was there before. */
function modes(network: Network): readonly string[] {
  const mode = String(networkFacts(network, newestRelease).burnchain['mode'])
  return network === 'testnet' ? [mode, 'xenon'] : [mode]
}

/** No value where the config says nothing. A word that several networks have is no answer without the rest. */
function recognise({ key, word, chainId, challenge, at }: Said, words: (network: Network) => readonly string[]): Result<Network> {
  if (word === undefined) return { problems: [] }
  const alike = networks.filter((network) => words(network).some((one) => one === word))
  const found = alike.find((network) => {
    const { chainId: own, burnchain, signer } = networkFacts(network, newestRelease)
    const needsId = signer.chain_id !== undefined
    const challengeFits = key === 'network' || challenge === burnchain['signet_challenge']
    return (chainId === own || (chainId === undefined && !needsId)) && challengeFits
  })
  if (found) return { value: found, problems: [] }
  const named = typeof word === 'string' ? label(word) : 'no text'
  const why = alike.length > 0 ? ', with another chain_id or signet_challenge than that network has' : ''
  return { problems: [error('private-network', `${key} is ${named}${why}: only ${networks.join(', ')} can be adopted`, at)] }
}
