/** A running node: bitcoind first, then its ports, then events to its signer until it is told to stop. */

import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { showAddress, type Address } from '../shared/address.ts'
import { listen } from '../shared/http.ts'
import type { Log } from '../shared/log.ts'
import { metricsOf } from '../shared/metrics.ts'
import { worldIn } from '../shared/world.ts'
import { linkToBitcoin } from './bitcoin.ts'
import { openChain } from './chain.ts'
import type { NodeConfig } from './config.ts'
import { burnBlock, minerChunk, proposalResponse, stacksBlock } from './events.ts'
import type { Dispatcher } from './observers.ts'
import { rpcListener } from './rpc.ts'
import { usualNodeWorld } from './world.ts'

const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const

/**
 * Runs until one of its signals, whose handlers are installed here and not before. Resolves when all is written;
 * rejects when a port cannot be bound or the directories cannot be written.
 */
export async function runNode(config: NodeConfig, release: string, dispatcher: Dispatcher, log: Log): Promise<void> {
  let stopping = false
  for (const [name, number] of Object.entries(signals)) {
    process.on(name, () => {
      stopping = true
      log('INFO', `Graceful termination request received (signal ${number}), will complete the ongoing runloop cycles and terminate`)
    })
  }
  const chain = openChain(config.workingDir, config.mode)
  const link = await linkToBitcoin(config.mode, config.bitcoin, log, () => stopping)
  if (!link) return chain.save()
  const { heights } = chain
  heights.burn = Math.max(heights.burn, link.height)

  log('INFO', 'Will run as a Follower node')
  const proposals: string[] = []
  const world = worldIn(config.workingDir, usualNodeWorld)
  const metrics = metricsOf('stacks_')
  await openPorts(config, log, rpcListener({
    config, release, heights, world, metrics, validates: dispatcher.wanted('/proposal_response'), onProposal: (block) => proposals.push(block),
  }), metrics.text)
  if (chain.fresh) await dispatcher.send('/new_block', stacksBlock(heights))

  // Each `send` waits for the observers, so a signer that is away stops the node here, and a stop waits with it.
  for (let count = 1; !stopping; count++) {
    const { tick, burnEvery, blockEvery, mining, burn, proposing, outbound, inbound, impossible } = world()
    await sleep(tick)
    if (stopping) break
    while (proposals.length > 0) await dispatcher.send('/proposal_response', proposalResponse(proposals.shift()!))
    metrics.set('node_neighbors_outbound', outbound)
    metrics.set('node_neighbors_inbound', inbound)
    if (impossible > 0) metrics.set('unreachable_errors_total', impossible, { error_type: 'double' })
    if (!link.connected) continue
    if (count % burnEvery === 0) {
      heights.burn = Math.max(heights.burn + 1, burn)
      metrics.set('node_burn_block_height', heights.burn)
      metrics.add('node_btc_blocks_received_total')
      await dispatcher.send('/new_burn_block', burnBlock(heights))
    }
    if (count % blockEvery !== 0 || !mining) continue
    heights.stacks++
    metrics.set('node_stacks_tip_height', heights.stacks)
    metrics.add('node_stx_blocks_processed_total')
    await dispatcher.send('/new_block', stacksBlock(heights))
    log('INFO', `Advanced to new tip! ${heights.stacks}`)
    // Without `stacker` the node holds no copy of the signers' databases, so nothing of them ever arrives.
    if (config.stacker && proposing) await dispatcher.send('/stackerdb_chunks', minerChunk(heights))
  }
  chain.save()
}

async function openPorts(config: NodeConfig, log: Log, rpc: Parameters<typeof listen>[1], metricsText: () => string): Promise<void> {
  const { prometheus } = config
  if (prometheus) {
    await listen(prometheus, (_, response) => {
      const text = metricsText()
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': Buffer.byteLength(text) }).end(text)
    })
    log('INFO', `Prometheus monitoring: server listening on http://${showAddress(prometheus)}`)
  }
  await listen(config.rpc, rpc)
  log('INFO', `Start HTTP server on: ${showAddress(config.rpc)}`)
  await bindPeers(config.p2p)
  log('INFO', `Start P2P server on: ${showAddress(config.p2p)}`)
}

/** The port for Stacks peers; this double has nothing to tell them. */
function bindPeers({ host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    createServer((socket) => socket.destroy()).once('error', reject).listen(port, host, resolve)
  })
}
