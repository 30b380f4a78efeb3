/**
 * The stand-in for the sBTC signer: reads its TOML, migrates its database, polls bitcoind, takes events, and says what it is.
 *
 * 1 is how it ends when it cannot start; a part that fails later ends it with 0, as the real one does.
 */

import { once } from 'node:events'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { listen, readBody } from '../shared/http.ts'
import { reason } from '../shared/log.ts'
import { publicKey, readConfig, type SignerConfig } from './config.ts'
import { Bitcoin, Database, nodeInfo } from './outside.ts'
import { World } from './world.ts'

/** In bytes. */
const largest = 8 << 20
const seen: { blocks: number; tip: string | null; height: number | null; version: unknown } = { blocks: 0, tip: null, height: null, version: null }

function say(level: 'INFO' | 'WARN' | 'ERROR', message: string, fields: object = {}): void {
  console.log(JSON.stringify({ timestamp: new Date().toISOString(), level, fields: { message, ...fields } }))
}

/** What any running part does when it fails: a clean end, and no word of failure to whoever started it. */
function fatal(error: unknown): never {
  say('ERROR', `the database failed: ${reason(error)}`)
  process.exit(0)
}

async function poll(every: number, database: Database, bitcoin: Bitcoin, world: World): Promise<never> {
  for (;;) {
    try {
      const tip = await bitcoin.call('getbestblockhash') as string
      const block = await bitcoin.call('getblockheader', tip) as { readonly height: number; readonly previousblockhash?: string }
      const network = await bitcoin.call('getnetworkinfo') as { readonly version: number }
      if (tip !== seen.tip) {
        Object.assign(seen, { tip, height: block.height, version: network.version })
        await database.ask(`INSERT INTO sbtc_signer.bitcoin_blocks (block_hash, block_height, parent_hash) VALUES ('\\x${tip}', ${block.height}, '\\x${block.previousblockhash ?? '00'.repeat(32)}') ON CONFLICT DO NOTHING`).catch(fatal)
        world.observed('bitcoin')
        say('INFO', 'observed a bitcoin block', { height: block.height })
      }
    } catch (error) {
      say('WARN', `bitcoind does not answer: ${reason(error)}`)
    }
    await pause(every * 1000)
  }
}

async function watchDatabase(database: Database): Promise<never> {
  for (;;) {
    await pause(2000)
    await database.ask('SELECT 1').catch(fatal)
  }
}

async function infoOf({ signer, stacks }: SignerConfig, world: World): Promise<object> {
  const { private_key: _, db_endpoint: __, ...config } = signer
  const node = await nodeInfo(stacks.endpoints[0]!)
  return {
    bitcoin: { signer_tip: seen.tip && { block_hash: seen.tip, block_height: seen.height }, node_tip: seen.tip, node_version: seen.version },
    stacks: { signer_tip: seen.blocks || null, node_tip: node['stacks_tip'] ?? null, node_version: node['server_version'] ?? null },
    dkg: world.now().dkg, config, build_info: { double: true }, timestamp: Date.now() / 1000,
  }
}

function answer(response: ServerResponse, status: number, body = '', type = 'text/plain'): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body)
}

async function event(request: IncomingMessage, response: ServerResponse, config: SignerConfig, world: World): Promise<void> {
  const { method, url } = request
  if (method === 'GET' && url === '/info') { answer(response, 200, JSON.stringify(await infoOf(config, world)), 'application/json'); return }
  if (method === 'GET') { answer(response, url === '/' ? 200 : 404); return }
  if (method !== 'POST') { answer(response, 501); return }
  const length = Number(request.headers['content-length'] ?? 0)
  if (length > largest) {
    say('WARN', `${url} has ${length} bytes`)
    response.setHeader('Connection', 'close')
    answer(response, 413)
    return
  }
  await readBody(request)
  if (url === '/new_block') {
    seen.blocks += 1
    world.observed('stacks')
    say('INFO', 'observed a stacks block')
  }
  answer(response, url === '/new_block' || url === '/attachments/new' ? 200 : 404)
}

const metrics = (world: World): RequestListener => ({ method, url }, response) => {
  if (method === 'GET' && url === '/metrics') answer(response, 200, world.metrics.text())
  else answer(response, 404)
}

function addressOf(endpoint: string): { readonly host: string; readonly port: number } {
  const [, host = '', port] = /([^/]+):(\d+)$/.exec(endpoint) ?? []
  return { host, port: Number(port) }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string', short: 'c' }, 'migrate-db': { type: 'boolean' }, 'output-format': { type: 'string', short: 'o' } } })
  if (values.config === undefined || !['pretty', 'json', undefined].includes(values['output-format'])) throw new Error('--config is missing, or --output-format is neither pretty nor json')
  const given = Object.keys(process.env).find((name) => name.startsWith('SIGNER_'))
  if (given !== undefined) throw new Error(`${given} in the environment would take the place of the file`)
  const config = readConfig(values.config)
  const { signer } = config
  const database = new Database(signer.db_endpoint)
  await database.ask('SELECT 1')
  if (values['migrate-db'] && await database.migrate()) say('INFO', 'migrations were applied')
  const bitcoin = await Bitcoin.at(config.bitcoin.rpc_endpoints[0]!)
  const world = new World(dirname(values.config))
  await listen(addressOf(signer.event_observer.bind), (request, response) => {
    void event(request, response, config, world).catch((error: unknown) => { say('WARN', `an event broke off: ${reason(error)}`) })
  })
  if (signer.prometheus_exporter_endpoint !== undefined) await listen(addressOf(signer.prometheus_exporter_endpoint), metrics(world))
  // Whoever calls is not in the set.
  for (const one of signer.p2p.listen_on) if (one.startsWith('tcp:')) await once(createServer((peer) => { peer.destroy() }).listen(addressOf(one)), 'listening')
  say('INFO', 'the signer runs', { public_key: publicKey(signer.private_key) })
  void watchDatabase(database)
  void poll(config.bitcoin.chain_tip_polling_interval ?? 5, database, bitcoin, world)
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => { process.exit(0) })
await main().catch((error: unknown) => {
  say('ERROR', `the signer cannot start: ${reason(error)}`)
  process.exit(1)
})
