/** A running signer: its event port first, whatever its node does. */

import { dirname } from 'node:path'
import { showAddress } from '../shared/address.ts'
import { listen } from '../shared/http.ts'
import { reason, type Log } from '../shared/log.ts'
import { metricsOf } from '../shared/metrics.ts'
import { isTable, isTableList, type Table } from '../shared/toml.ts'
import { worldIn } from '../shared/world.ts'
import type { Tables } from '../tables.ts'
import type { SignerConfig } from './config.ts'
import { contractName } from './events.ts'
import { nodeClient } from './node-client.ts'
import { eventListener, metricsListener } from './servers.ts'
import { usualSignerWorld } from './world.ts'

/**
 * Binds the ports and returns; what is bound keeps the program alive until POST /shutdown. Rejects when the event port
 * cannot be bound. No signal handler is installed: an init process above makes SIGTERM work.
 */
export async function runSigner(config: SignerConfig, tables: Tables, log: Log): Promise<void> {
  const client = nodeClient(config, tables, log)
  const world = worldIn(dirname(config.dbPath), usualSignerWorld)
  const metrics = metricsOf('stacks_signer_')
  let asked = 0
  let validated = 0
  let initialized = false
  let waiting = false
  let uploaded = false
  let work = Promise.resolve()

  const measure = (info: Table) => {
    asked = Date.now()
    metrics.set('stacks_node_height', Number(info['stacks_tip_height']))
    metrics.set('current_reward_cycle', world().cycle)
  }
  const poll = async () => {
    const info = await client.poll()
    if (!info) return
    measure(info)
    if (!initialized) log('INFO', `Signer #0 (${config.identity.address}) is registered for reward cycle 1.`)
    initialized = true
  }

  // A miner's proposal arrives as a chunk of `.miners`; the signer has its node validate it, which takes the token.
  const propose = async () => {
    metrics.add('block_proposals_received')
    const { status } = await client.propose()
    log(status === 202 ? 'INFO' : 'WARN', `block proposal ${status === 202 ? 'accepted' : 'rejected'}: ${status}`)
    if (status !== 202 || uploaded) return
    uploaded = true
    const upload = await client.upload()
    log(upload.status === 200 ? 'INFO' : 'WARN', `block upload ${upload.status === 200 ? 'accepted' : 'rejected'}: ${upload.status}`)
  }

  const respond = () => {
    const { answered, rejected, latency } = world()
    metrics.add('block_validation_responses', 1, { response_type: 'accepted' })
    const place = validated++ % 10
    if (place >= answered) return
    metrics.add('block_pre_commits_sent')
    metrics.add('block_responses_sent', 1, { response_type: place < rejected ? 'rejected' : 'accepted' })
    metrics.observe('block_response_latencies_histogram', latency)
  }

  const onEvent = (path: string, body: unknown) => {
    const event = isTable(body) ? body : {}
    if (path === '/new_burn_block') log('INFO', `Received a new burn block event for block height ${String(event['burn_block_height'])}`)
    else log('INFO', `received ${path.slice(1)}`)
    if (path === '/proposal_response') respond()
    const slots = event['modified_slots']
    const proposed = path === '/stackerdb_chunks' && contractName(body) === 'miners' && isTableList(slots) && slots.length > 0
    // One thing after the other, as in the real run loop, and never before the node was understood.
    work = work.then(async () => {
      if (!initialized) await poll()
      if (proposed && initialized) await propose()
    }).catch((thrown: unknown) => log('WARN', `Failed to reach the stacks node: ${reason(thrown)}`))
  }

  const server = await listen(config.endpoint, eventListener({
    release: tables.release, log, onEvent,
    onShutdown: () => {
      server.close()
      log('INFO', 'Event receiver thread joined')
      log('INFO', 'Signer thread joined')
      // 0, as whenever its event loop ends; the answer is out before.
      setTimeout(() => process.exit(0), 100)
    },
  }))
  console.log('Signer spawned successfully. Waiting for messages to process...')
  log('INFO', 'Signer runloop begin')
  const firstPoll = poll()
  work = work.then(() => firstPoll)
  setInterval(() => {
    if (initialized || waiting) return
    waiting = true
    work = work.then(poll).finally(() => { waiting = false })
  }, config.eventTimeoutMs)
  if (config.metrics) {
    const { metrics: endpoint } = config
    const refresh = async () => {
      if (Date.now() - asked < world().refresh * 1000) return
      const info = await client.info()
      if (info) measure(info)
    }
    listen(endpoint, metricsListener({
      config, release: tables.release, text: metrics.text, ready: firstPoll, heartbeat: async () => await client.info() !== undefined, asked: refresh,
    })).then(
      () => log('INFO', `Signer monitoring server (${showAddress(endpoint)}): Starting Prometheus metrics server`),
      (thrown: unknown) => log('WARN', `Monitoring: ${reason(thrown)}`),
    )
  }
}
