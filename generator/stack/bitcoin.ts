/** Where the stack gets Bitcoin blocks, from the answers that concern it. */

import type { Answers } from '../answers/check.ts'
import { bitcoinChains, machineHost, ports } from '../catalogue/container.ts'
import type { NetworkFacts } from '../catalogue/networks.ts'
import { error, warning, type Problem, type Result } from '../problem.ts'
import type { BitcoinSettings, OwnBitcoin } from './model.ts'
import { refusal } from './refusal.ts'

/** Bitcoin Core's own, of each of its networks (src/chainparamsbase.cpp). */
const rpcPorts: readonly number[] = [...Object.values(bitcoinChains).map(({ rpc }) => rpc.number), 18332, 48332]

export function bitcoinSettings(answers: Answers, facts: NetworkFacts): Result<BitcoinSettings> {
  const { BITCOIN_MODE: mode } = answers.values
  const found = mode === 'external' ? external(answers, facts) : own(answers, facts, mode)
  return { ...found, problems: [...found.problems, ...unusedRpc(answers, mode !== 'external')] }
}

function own(answers: Answers, facts: NetworkFacts, mode: 'full' | 'pruned'): Result<BitcoinSettings> {
  const pruned = mode === 'pruned'
  const problems: Problem[] = []
  if (pruned && answers.values.SNAPSHOT === 'off') {
    problems.push(refusal(answers, {
      code: 'pruned-without-snapshot',
      message: 'BITCOIN_MODE=pruned with SNAPSHOT=off: a new stacks-node asks for every Bitcoin block since 666050, which a pruned bitcoind no longer has',
      instead: 'write SNAPSHOT=on, or BITCOIN_MODE=full',
    }, 'BITCOIN_MODE'))
  }
  if (answers.given.has('BITCOIN_HOST')) {
    problems.push(error('not-external', `BITCOIN_HOST is only for BITCOIN_MODE=external; here it is ${mode}`, answers.place('BITCOIN_HOST'),
      'remove BITCOIN_HOST, or write BITCOIN_MODE=external'))
  }
  return { value: ownBitcoin(facts, pruned), problems }
}

/** A bitcoind of the stack. */
export function ownBitcoin(facts: NetworkFacts, pruned: boolean): OwnBitcoin {
  return {
    kind: 'own', pruned, chain: facts.bitcoinChain, p2pPort: facts.bitcoinP2pPort, seedPeers: facts.bitcoinSeedPeers,
    ...(facts.bitcoinChallenge && { challenge: facts.bitcoinChallenge }),
  }
}

function external(answers: Answers, facts: NetworkFacts): Result<BitcoinSettings> {
  const host = answers.values.BITCOIN_HOST || facts.defaultBitcoinHost
  if (!host) {
    return { problems: [error('missing-answer', 'BITCOIN_MODE=external needs BITCOIN_HOST: the host of the bitcoind to follow',
      answers.place('BITCOIN_MODE'), 'add a line like BITCOIN_HOST=bitcoin.example.net')] }
  }
  if (isContainerItself(host)) {
    return { problems: [error('bad-value', `BITCOIN_HOST=${host} is the container of the node itself, where no bitcoind runs`, answers.place('BITCOIN_HOST'),
      `write BITCOIN_HOST=${thisMachine} for a bitcoind on the machine that runs the stack`)] }
  }
  const port = answers.values.BITCOIN_P2P_PORT ?? facts.bitcoinP2pPort
  return {
    value: { kind: 'external', chain: facts.bitcoinChain, port, ...(host === thisMachine ? { host: machineHost, here: true } : { host }) },
    problems: rpcPorts.includes(port) ? [warning('rpc-port', `BITCOIN_P2P_PORT=${port} is a port on which bitcoind speaks RPC: the node speaks P2P alone`, answers.place('BITCOIN_P2P_PORT'),
      `write BITCOIN_P2P_PORT=${facts.bitcoinP2pPort}, unless that bitcoind takes peers there`)] : [],
  }
}

/** What BITCOIN_HOST says for the machine that runs the stack. */
export const thisMachine = 'host'

/** Whether a container finds only itself there, or, with the name that Docker Desktop has, nothing. */
export function isContainerItself(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  if (/^(.+\.)?(localhost|localdomain|ip6-localhost|ip6-loopback)$/.test(name) || name === machineHost) return true
  return /^(127\.[\d.]+|0\.0\.0\.0|\[(::|::1|::ffff:(127\..*|0\.0\.0\.0|7f[0-9a-f]{2}:.*|0:0))\])$/.test(addressText(name))
}

/** An IPv6 address in its one short form. */
function addressText(host: string): string {
  return host.startsWith('[') ? new URL(`http://${host}`).hostname : host
}

function unusedRpc({ values, given, place }: Answers, isOwn: boolean): readonly Problem[] {
  const why = values.MONITORING !== 'off' && isOwn ? 'what reads bitcoind\'s numbers has a user of its own' : 'nothing in this stack speaks Bitcoin RPC'
  return (['BITCOIN_RPC_USER', 'BITCOIN_RPC_PORT', 'BITCOIN_RPC_PASSWORD'] as const).filter((key) => given.has(key))
    .map((key) => warning('unused-answer', `${key} is not used: ${why}`, place(key), 'a stacks-node that does not mine uses Bitcoin\'s P2P port alone; the line may go'))
}

/** The peer that the node follows: bitcoind's listener for the node alone, or the bitcoind elsewhere. */
export function bitcoinPeer(bitcoin: BitcoinSettings): { readonly host: string; readonly port: number } {
  return bitcoin.kind === 'own' ? { host: 'bitcoind', port: ports.bitcoindNode.number } : bitcoin
}

/** Where bitcoind answers RPC calls on a chain. */
export function bitcoinRpcPort(chain: BitcoinSettings['chain']): number {
  return bitcoinChains[chain].rpc.number
}
