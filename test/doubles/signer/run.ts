/** A running signer: its event port first, whatever its node does. */

import { showAddress } from '../shared/address.ts'
import { listen } from '../shared/http.ts'
import { reason, type Log } from '../shared/log.ts'
import { isTable, isTableList } from '../shared/toml.ts'
import type { Tables } from '../tables.ts'
import type { SignerConfig } from './config.ts'
import { contractName } from './events.ts'
import { nodeClient } from './node-client.ts'
import { eventListener, metricsListener, type Counters } from './servers.ts'

/**
 * Binds the ports and returns; what is bound keeps the program alive until POST /shutdown. Rejects when the event port
 * cannot be bound. No signal handler is installed: an init process above makes SIGTERM work.
 */
export async function runSigner(config: SignerConfig, tables: Tables, log: Log): Promise<void> {
  const client = nodeClient(config, tables, log)
  const counters: Counters = { events: 0, proposals: 0, responses: 0, nodeHeight: 0 }
  let initialized = false
  let waiting = false
  let uploaded = false
  let work = Promise.resolve()

  const poll = async () => {
    const info = await client.poll()
    if (!info) return
    counters.nodeHeight = Number(info['stacks_tip_height'])
    if (!initialized) log('INFO', `Signer #0 (${config.identity.address}) is registered for reward cycle 1.`)
    initialized = true
  }

  // A miner's proposal arrives as a chunk of `.miners`; the signer has its node validate it, which takes the token.
  const propose = async () => {
    counters.proposals++
    const { status } = await client.propose()
    log(status === 202 ? 'INFO' : 'WARN', `block proposal ${status === 202 ? 'accepted' : 'rejected'}: ${status}`)
    if (status !== 202 || uploaded) return
    uploaded = true
    const upload = await client.upload()
    log(upload.status === 200 ? 'INFO' : 'WARN', `block upload ${upload.status === 200 ? 'accepted' : 'rejected'}: ${upload.status}`)
  }

  const onEvent = (path: string, body: unknown) => {
    counters.events++
    const event = isTable(body) ? body : {}
    if (path === '/new_burn_block') log('INFO', `Received a new burn block event for block height ${String(event['burn_block_height'])}`)
    else log('INFO', `received ${path.slice(1)}`)
    if (path === '/proposal_response') counters.responses++
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
    const { metrics } = config
    listen(metrics, metricsListener(config, tables.release, counters, firstPoll, client.info)).then(
      () => log('INFO', `Signer monitoring server (${showAddress(metrics)}): Starting Prometheus metrics server`),
      (thrown: unknown) => log('WARN', `Monitoring: ${reason(thrown)}`),
    )
  }
}
