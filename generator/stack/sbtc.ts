/** The sBTC signer, from the answers that concern it. */

import { createHash } from 'node:crypto'
import type { Answers } from '../answers/check.ts'
import { problemsOf } from '../answers/partial.ts'
import { listWords } from '../answers/list.ts'
import type { AnswerKey } from '../answers/schema.ts'
import { ports } from '../catalogue/container.ts'
import type { NetworkFacts } from '../catalogue/networks.ts'
import { sbtcNetworks } from '../catalogue/sbtc.ts'
import { error, type Problem, type Result } from '../problem.ts'
import { bitcoinRpcPort } from './bitcoin.ts'
import type { Identity, Sbtc } from './model.ts'
import { sbtcProblems, withoutSbtc } from './sbtc-checks.ts'
import { blocklistConfig, sbtcBitcoin, sbtcNodeConfig, sbtcSignerConfig } from './sbtc-configs.ts'

/** `identity` is what may be known of the sBTC signer's key. No value with SBTC_SIGNER=off. */
export function sbtcSettings(answers: Answers, facts: NetworkFacts, nodeRelease: string, identity?: Identity): Result<Sbtc> {
  const { values } = answers
  if (values.SBTC_SIGNER === 'off') return { problems: withoutSbtc(answers) }
  const known = sbtcNetworks[values.NETWORK]
  if (!known) {
    return { problems: [error('sbtc-network', `SBTC_SIGNER=on cannot be with NETWORK=${values.NETWORK}: nothing published says how an sBTC signer runs there`, answers.place('SBTC_SIGNER'),
      'write SBTC_SIGNER=off, or make the sBTC signer a stack of its own on another network')] }
  }
  const needed = { SBTC_DEPLOYER: known.deployer, SBTC_EMILY_URL: known.emily, SBTC_SEEDS: known.seeds, SBTC_SIGNING_SET: undefined, SBTC_SIGNATURES_REQUIRED: undefined } as const
  const problems = [
    ...problemsOf(...(Object.keys(needed) as (keyof typeof needed)[]).map((key) => () => (values[key] === undefined && needed[key] === undefined ? [missing(answers, key)] : []))),
    ...sbtcProblems(answers, nodeRelease, identity),
  ]
  if (answers.partial) return { problems }
  const deployer = values.SBTC_DEPLOYER ?? known.deployer
  const emily = values.SBTC_EMILY_URL ?? known.emily
  const seeds = values.SBTC_SEEDS ?? known.seeds
  if (deployer === undefined || emily === undefined || seeds === undefined || values.SBTC_SIGNING_SET === undefined || values.SBTC_SIGNATURES_REQUIRED === undefined) return { problems }
  const shared = values.SBTC_SHARED_NODES === 'yes'
  const subnet = subnetOf(values.SBTC_SUBNET ?? derivedSubnet(values.STACK_NAME))
  const signingSet = listWords(values.SBTC_SIGNING_SET).map((one) => one.toLowerCase()).sort()
  const required = values.SBTC_SIGNATURES_REQUIRED
  const [bitcoind, node] = shared ? ['bitcoind', 'stacks-node'] as const : ['sbtc-bitcoind', 'sbtc-stacks-node'] as const
  return {
    problems,
    value: {
      release: values.SBTC_VERSION, alone: values.SIGNER === 'off', shared, bitcoind, node, deployer, signingSet, required, subnet,
      p2pPort: values.SBTC_P2P_PORT, quic: values.SBTC_QUIC === 'on', ...(identity && { identity }),
      config: sbtcSignerConfig({
        network: values.NETWORK, emily, deployer, signingSet, required, ...(values.SBTC_AGGREGATE_KEY && { aggregateKey: values.SBTC_AGGREGATE_KEY.toLowerCase() }),
        seeds: listWords(seeds), quic: values.SBTC_QUIC === 'on', ...(values.SBTC_PUBLIC_HOST && { publicHost: values.SBTC_PUBLIC_HOST }), p2pPort: values.SBTC_P2P_PORT,
        bitcoinRpc: `${subnet.bitcoind}:${bitcoinRpcPort(facts.bitcoinChain)}`, nodeRpc: `${node}:${ports.nodeRpc.number}`,
      }, answers.passThrough.sbtc),
      blocklistConfig: blocklistConfig(emily),
      ...(!shared && { pair: { bitcoin: sbtcBitcoin(facts), nodeConfig: sbtcNodeConfig(facts, 'sbtc-bitcoind', deployer, values.MONITORING !== 'off', answers.passThrough.node) } }),
    },
  }
}

function missing(answers: Answers, key: AnswerKey): Problem {
  const examples: Readonly<Record<string, string>> = { SBTC_EMILY_URL: 'https://emily.example.net', SBTC_SEEDS: 'tcp://192.0.2.1:4122', SBTC_SIGNATURES_REQUIRED: '8' }
  return error('missing-answer', `SBTC_SIGNER=on needs ${key}${answers.values.NETWORK === 'testnet' ? ' on testnet' : ''}`, answers.place('SBTC_SIGNER'),
    `add a line ${key}=${examples[key] ?? ''}${examples[key] ? ', with what' : ' with what'} the sBTC team and the other operators have agreed on`)
}

/** One of 8192 networks of the range for benchmarks, which no router carries; the name decides, so that it stays. */
function derivedSubnet(name: string): string {
  const index = createHash('sha256').update(name).digest().readUInt16BE(0) >> 3
  return `198.${18 + (index >> 12)}.${(index >> 4) & 255}.${(index & 15) * 16}/28`
}

/** Addresses that Docker hands out by itself come from the upper half, so bitcoind's is never taken. */
function subnetOf(network: string): Sbtc['subnet'] {
  const [start, last] = [network.replace(/\d+\/28$/, ''), Number(/(\d+)\/28$/.exec(network)![1])]
  return { network, range: `${start}${last + 8}/29`, gateway: `${start}${last + 1}`, bitcoind: `${start}${last + 2}` }
}
