/** docker/programs/metrics and docker/programs/releases: what they give out, what they hand on, and what they keep to themselves. */

import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { metrics } from '../../generator/monitoring/metrics.ts'
import { freePort } from '../support/port.ts'
import { init, sampleFile, stackJson } from './init-setting.ts'
import { makeRoot, programPath, start, until } from './tools.ts'
import { answers, double, get, type Answer, type Double } from './web-double.ts'

const identity = `02${'ab'.repeat(32)}`
const password = 'a-password-of-the-metrics'
const json = (value: unknown): Answer => ({ body: JSON.stringify(value) })

const rpc: Record<string, Answer> = {
  '/v2/info': json({ burn_block_height: 900 }),
  '/v3/health': json({ difference_from_max_peer: 3, max_stacks_height_of_neighbors: 1003, max_stacks_neighbor_address: '192.0.2.1:20444', node_stacks_tip_height: 1000 }),
  '/v2/pox': json({ reward_cycle_id: 144, next_reward_cycle_in: 77 }),
  '/v3/stacker_set/144': json({ stacker_set: { signers: [{ signing_key: `02${'cd'.repeat(32)}` }, { signing_key: identity.toUpperCase() }] } }),
  '/v3/stacker_set/145': json({ stacker_set: { signers: [{ signing_key: `02${'cd'.repeat(32)}` }] } }),
  [`/v3/signer/${identity}/144`]: json({ blocks_signed: 12 }),
}

const bitcoin: Record<string, unknown> = {
  getblockchaininfo: { blocks: 901, verificationprogress: 0.99999, size_on_disk: 7e11 },
  getnetworkinfo: { connections: 10, connections_in: 2, connections_out: 8, version: 310100 },
  uptime: 3600,
}

async function bitcoind(t: Test): Promise<Double> {
  return double(t, (_, request, body) => {
    const given = Buffer.from((request.headers.authorization ?? '').slice('Basic '.length), 'base64').toString()
    if (given !== `metrics:${password}`) return { status: 401 }
    const { method } = JSON.parse(body) as { method: string }
    return Object.hasOwn(bitcoin, method) ? json({ result: bitcoin[method], error: null }) : { status: 403 }
  })
}

async function running(t: Test, environment: Record<string, string>, program: 'metrics' | 'releases' = 'metrics', says = /(?:)/): Promise<number> {
  const port = await freePort()
  const root = makeRoot(t, ['/etc/metrics'])
  root.write('/etc/metrics/bitcoin-metrics-password', password)
  const started = start(t, process.execPath, [programPath(program)], { STACK_ROOT: root.path, LISTEN: String(port), http_proxy: 'http://127.0.0.1:9', ...environment })
  await answers(port, '/healthy', (_, status) => status === 200)
  await started.says(says)
  return port
}

/** Lines of numbers by their name and labels. */
function numbers(text: string): Record<string, number> {
  return Object.fromEntries(text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => {
    const at = line.lastIndexOf(' ')
    return [line.slice(0, at), Number(line.slice(at + 1))]
  }))
}

t.test('what RPC and bitcoind say, under the names that rules know', async (t) => {
  const node = await double(t, (path) => rpc[path] ?? { status: 404 })
  const coin = await bitcoind(t)
  const port = await running(t, { NODE_RPC: `127.0.0.1:${node.port}`, BITCOIN_RPC: `127.0.0.1:${coin.port}`, SIGNER_IDENTITY: identity })
  const { text, status } = await get(port, '/metrics')
  t.equal(status, 200)
  t.strictSame(numbers(text), {
    stack_node_rpc_up: 1, stack_node_behind_peers: 3, stack_node_peers_height: 1003, stack_reward_cycle: 144, stack_reward_cycle_blocks_left: 77,
    'stack_signer_registered{cycle="current"}': 1, 'stack_signer_registered{cycle="next"}': 0, stack_signer_blocks_signed: 12,
    bitcoin_blocks: 901, bitcoin_verification_progress: 0.99999, bitcoin_size_on_disk: 7e11, bitcoin_peers: 10, bitcoin_conn_in: 2, bitcoin_conn_out: 8, bitcoin_server_version: 310100, bitcoin_uptime: 3600,
  })
  t.strictSame([...new Set(Object.keys(numbers(text)).map((name) => name.replace(/\{.*/, '')))].sort(), metrics.stack.map(({ name }) => name).sort(), 'no more and no less than the catalogue')
  for (const { name, type } of metrics.stack) t.match(text, `# TYPE ${name} ${type}\n`)
  await get(port, '/metrics')
  t.equal(node.asked.filter((path) => path === 'GET /v2/info').length, 1, 'two that ask at once share an answer')
})

t.test('what is not known is not there: no zero is made up', async (t) => {
  const node = await double(t, (path) => (path === '/v3/health' ? json({ difference_from_max_peer: 0, max_stacks_neighbor_address: null }) : path === '/v3/stacker_set/145' ? { status: 400, body: 'no' } : rpc[path] ?? { status: 404 }))
  const port = await running(t, { NODE_RPC: `127.0.0.1:${node.port}`, BITCOIN_RPC: '127.0.0.1:1', SIGNER_IDENTITY: identity })
  const found = numbers((await get(port, '/metrics')).text)
  t.strictSame(Object.keys(found).sort(), ['stack_node_rpc_up', 'stack_reward_cycle', 'stack_reward_cycle_blocks_left', 'stack_signer_blocks_signed', 'stack_signer_registered{cycle="current"}'])
  const away = await running(t, { NODE_RPC: '127.0.0.1:1', BITCOIN_RPC: '127.0.0.1:1' })
  t.strictSame(numbers((await get(away, '/metrics')).text), { stack_node_rpc_up: 0 })
})

t.test('answers that are none', async (t) => {
  for (const body of ['', '[]', '{"a":', 'null', '{"reward_cycle_id":"x"}', '\u0000'.repeat(100)]) {
    const node = await double(t, () => ({ body }))
    const port = await running(t, { NODE_RPC: `127.0.0.1:${node.port}`, SIGNER_IDENTITY: identity, BITCOIN_RPC: `127.0.0.1:${node.port}` })
    t.equal((await get(port, '/metrics')).status, 200, JSON.stringify(body.slice(0, 20)))
  }
})

t.test('metrics are handed on as they are, and nothing else is', async (t) => {
  let healthy = true
  const signer = await double(t, (path) => (path === '/metrics' ? { body: 'stacks_signer_nonce 1\n' } : path === '/heartbeat' ? { status: healthy ? 200 : 500 } : path === '/info' ? { body: '{"signerPublicKey":"02ab"}' } : { status: 200, body: 'secret' }))
  const port = await running(t, { SIGNER: `127.0.0.1:${signer.port}`, NODE: '127.0.0.1:1' })
  t.strictSame(await get(port, '/signer'), { status: 200, text: 'stacks_signer_nonce 1\n' })
  t.equal((await get(port, '/signer/heartbeat')).status, 200)
  t.strictSame([await get(port, '/signer/metrics'), await get(port, '/signer/info')].map(({ text }) => text), ['stacks_signer_nonce 1\n', '{"signerPublicKey":"02ab"}'], 'by the names that Sidekick asks for')
  healthy = false
  t.equal((await get(port, '/signer/heartbeat')).status, 500)
  t.equal((await get(port, '/node')).status, 502, 'a program that is away is one that is down')
  for (const path of ['/', '/info', '/signer/', '/signer/../info', '/signer%2Finfo', '/signer/status', '/status', '/node/info']) t.equal((await get(port, path)).status, 404, path)
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) t.equal((await get(port, '/signer', method)).status, 501, method)
  t.strictSame([...new Set(signer.asked)], ['GET /metrics', 'GET /heartbeat', 'GET /info'])
})

t.test('the health check ends with 0 only while it answers', async (t) => {
  const port = await running(t, {})
  const check = (at: number) => start(t, process.execPath, [programPath('metrics'), '--health'], { LISTEN: String(at) }).ended
  t.equal((await check(port)).code, 0)
  t.equal((await check(await freePort())).code, 1)
})

t.test('a newer release shows as a number', async (t) => {
  for (const [tag, want] of [['4.0.5', 1], ['4.0.4', 0], ['4.0.3', 0], ['4.0.4.1', 1], ['4.0.10', 1], ['10.0.0', 1]] as const) {
    const list = await double(t, () => json({ tag_name: tag }))
    const port = await running(t, { RELEASES_URL: `http://127.0.0.1:${list.port}/latest`, RUNS_NODE: '4.0.4', no_proxy: '127.0.0.1' }, 'releases')
    const found = numbers(await answers(port, '/metrics', (text) => text.includes('stack_newer_release{')))
    t.strictSame(found, { [`stack_newer_release{program="stacks-node",runs="4.0.4",newest="${tag}"}`]: want }, tag)
  }
})

t.test('a list that cannot be read gives no number', async (t) => {
  for (const answer of [{ status: 500 }, { body: 'x' }, json([]), json({ tag_name: 'signer-4.0.4' }), json({ tag_name: '4.0.5"} 1\nup 0' })]) {
    const list = await double(t, () => answer)
    const port = await running(t, { RELEASES_URL: `http://127.0.0.1:${list.port}/latest`, RUNS_NODE: '4.0.4', no_proxy: '127.0.0.1' }, 'releases', /cannot be asked/)
    t.notMatch((await get(port, '/metrics')).text, 'stack_newer_release{')
  }
})

t.test('init fills what watchers read, and bitcoind gets the hash of the password alone', async (t) => {
  const secret = 'another-password-of-16'
  const root = makeRoot(t, ['/etc/bitcoin', '/etc/metrics', '/etc/prometheus', '/prometheus', '/etc/alertmanager', '/alertmanager', '/etc/blackbox', '/etc/grafana', '/var/lib/grafana'])
  root.write('/stack/config/bitcoin.conf', '[main]\nrpcauth=metrics:@BITCOIN_METRICS_RPCAUTH@\n')
  root.write('/stack/config/prometheus/prometheus.yml', 'x: 1\n')
  root.write('/stack/config/alertmanager/alertmanager.yml', 'url_file: /etc/alertmanager/alert-webhook-url\n')
  root.write('/stack/config/blackbox/blackbox.yml', 'ca_file: /etc/blackbox/ca.pem\n')
  root.write('/stack/config/grafana/grafana.ini', 'admin_password=$__file{/etc/grafana/grafana-admin-password}\n')
  root.write('/stack/config/grafana/provisioning/datasources/prometheus.yml', 'y: 1\n')
  root.write('/stack/certs/ca.pem', 'ca\n')
  root.write('/run/secrets/bitcoin-metrics-password', `${secret}\n`)
  root.write('/run/secrets/alert-webhook-url', 'https://hooks.example.net/x\n')
  root.write('/run/secrets/grafana-admin-password', 'of grafana\n')
  root.write('/etc/grafana/provisioning/old/left.yml', 'old\n')
  root.write(stackJson, sampleFile({ monitoring: 'full', tls: 'single' }))
  const { code, out } = await init(root)
  t.equal(code, 0, out)
  for (const value of [secret, 'hooks.example.net', 'of grafana']) t.notMatch(out, value)
  const [, salt, hash] = /^rpcauth=metrics:([0-9a-f]{32})\$([0-9a-f]{64})$/m.exec(root.read('/etc/bitcoin/bitcoin.conf')) ?? []
  t.equal(createHmac('sha256', salt ?? '').update(secret).digest('hex'), hash, 'as bitcoind compares it')
  t.equal(root.read('/etc/metrics/bitcoin-metrics-password'), secret)
  t.equal(root.read('/etc/alertmanager/alert-webhook-url'), 'https://hooks.example.net/x')
  t.equal(root.read('/etc/blackbox/ca.pem'), 'ca\n')
  t.equal(root.read('/etc/grafana/grafana-admin-password'), 'of grafana')
  t.equal(root.read('/etc/grafana/provisioning/datasources/prometheus.yml'), 'y: 1\n')
  t.notOk(root.has('/etc/grafana/provisioning/old'), 'what does not belong there is gone')
  const again = await init(root)
  t.equal(again.code, 0)
  t.notMatch(again.out, /written|removed/, 'a second run changes nothing')
  for (const [secretFile, said] of [['bitcoin-metrics-password', 'secrets/bitcoin-metrics-password'], ['alert-webhook-url', 'secrets/alert-webhook-url is malformed'], ['grafana-admin-password', 'secrets/grafana-admin-password is malformed']] as const) {
    const before = root.read(`/run/secrets/${secretFile}`)
    root.write(`/run/secrets/${secretFile}`, 'two\nlines\n')
    const refused = await init(root)
    t.equal(refused.code, 1)
    t.match(refused.out, said)
    root.write(`/run/secrets/${secretFile}`, before)
  }
})

const [key, other] = [`02${'ab'.repeat(32)}`, `03${'cd'.repeat(32)}`] as const

/** A server that says `answer` to the question whether it speaks TLS, and nothing to any other. */
async function database(t: Test, answer: string): Promise<{ readonly port: number; readonly heard: string[] }> {
  const heard: string[] = []
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      heard.push(data.toString('hex'))
      if (answer) socket.write(answer)
      else socket.destroy()
    })
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return { port: (server.address() as AddressInfo).port, heard }
}

t.test('of an sBTC signer: its nodes, its database, its blocklist and its key, under the names that rules know', async (t) => {
  const node = await double(t, (path) => rpc[path] ?? { status: 404 })
  const coin = await bitcoind(t)
  const postgres = await database(t, 'N')
  const blocklist = await double(t, (path) => (path.startsWith('/screen/') ? json({}) : { status: 404 }))
  const events = await double(t, (path) => (path === '/info' ? json({ dkg: { rounds: 2, current_aggregate_key: key, contract_aggregate_key: key.toUpperCase() } }) : { body: 'secret' }))
  const signer = await double(t, (path) => (path === '/metrics' ? { body: 'peers_connected{app="signer"} 7\n' } : { body: 'secret' }))
  const at = ({ port }: { readonly port: number }) => `127.0.0.1:${port}`
  const port = await running(t, {
    SBTC_SIGNER: at(signer), SBTC_INFO: at(events), SBTC_NODE: '127.0.0.1:1', SBTC_NODE_RPC: at(node), SBTC_BITCOIN_RPC: at(coin), BLOCKLIST: at(blocklist), POSTGRES: at(postgres), SBTC_SIGNATURES: '8',
  })
  const { text } = await get(port, '/sbtc')
  const found = numbers(text)
  t.match(found, { stack_sbtc_signatures_required: 8, stack_sbtc_database_up: 1, stack_sbtc_blocklist_up: 1, stack_sbtc_dkg_rounds: 2, stack_sbtc_key_matches: 1, bitcoin_blocks: 901, stack_node_behind_peers: 3 })
  t.strictSame(Object.keys(found).sort(), metrics['sbtc-stack'].map(({ name }) => name).sort(), 'no more and no less than the catalogue')
  t.strictSame(postgres.heard, ['0000000804d2162f'], 'the database is asked one question, without a name or a password')
  t.strictSame(numbers((await get(port, '/metrics')).text), {}, 'and nothing of it stands among the numbers of the other pair')
  t.strictSame(await get(port, '/sbtc-signer'), { status: 200, text: 'peers_connected{app="signer"} 7\n' })
  t.equal((await get(port, '/sbtc-node')).status, 502)
  for (const path of ['/info', '/sbtc/info', '/sbtc-signer/info', '/new_block', '/sbtc-info', '/screen/x']) t.equal((await get(port, path)).status, 404, path)
  t.equal((await get(port, '/sbtc', 'POST')).status, 501)
  t.strictSame([...new Set([...events.asked, ...signer.asked])], ['GET /info', 'GET /metrics'], 'the event port is asked for what it says of itself, once a minute')
})

t.test('of an sBTC signer: what is not known is not there, and what is away is down', async (t) => {
  const strangers = [{}, [], { dkg: null }, { dkg: { rounds: true, current_aggregate_key: null, contract_aggregate_key: key } }, { dkg: { current_aggregate_key: 'None', contract_aggregate_key: 'None' } }]
  for (const said of strangers) {
    const events = await double(t, () => json(said))
    const found = numbers((await get(await running(t, { SBTC_SIGNER: '127.0.0.1:1', SBTC_INFO: `127.0.0.1:${events.port}`, SBTC_SIGNATURES: '8' }), '/sbtc')).text)
    t.strictSame(found, { stack_sbtc_signatures_required: 8 }, JSON.stringify(said))
  }
  const events = await double(t, () => json({ dkg: { rounds: 1, current_aggregate_key: key, contract_aggregate_key: other } }))
  const blocklist = await double(t, () => ({ status: 503 }))
  for (const postgres of [`127.0.0.1:${(await database(t, '')).port}`, `127.0.0.1:${(await database(t, 'X')).port}`, '127.0.0.1:1', 'nobody.invalid:5432']) {
    const found = numbers((await get(await running(t, {
      SBTC_SIGNER: '127.0.0.1:1', SBTC_INFO: `127.0.0.1:${events.port}`, SBTC_SIGNATURES: '8', BLOCKLIST: `127.0.0.1:${blocklist.port}`, POSTGRES: postgres,
    }), '/sbtc')).text)
    t.strictSame(found, { stack_sbtc_signatures_required: 8, stack_sbtc_database_up: 0, stack_sbtc_blocklist_up: 0, stack_sbtc_dkg_rounds: 1, stack_sbtc_key_matches: 0 }, postgres)
  }
})

t.test('a newer sBTC release shows beside those of Stacks', async (t) => {
  const stacks = await double(t, () => json({ tag_name: '4.0.4' }))
  const sbtc = await double(t, () => json({ tag_name: 'v1.3.4' }))
  const port = await running(t, { RELEASES_URL: `http://127.0.0.1:${stacks.port}/`, SBTC_RELEASES_URL: `http://127.0.0.1:${sbtc.port}/`, RUNS_NODE: '4.0.4', RUNS_SBTC: '1.3.3', no_proxy: '127.0.0.1' }, 'releases')
  t.strictSame(numbers(await answers(port, '/metrics', (text) => text.includes('sbtc-signer') && text.includes('stacks-node'))), {
    'stack_newer_release{program="stacks-node",runs="4.0.4",newest="4.0.4"}': 0, 'stack_newer_release{program="sbtc-signer",runs="1.3.3",newest="1.3.4"}': 1,
  })
})

t.test('nobody who is asked can have another host asked', async (t) => {
  const other = await double(t, () => ({ body: JSON.stringify({ tag_name: '9.9.9', result: {}, burn_block_height: 1 }) }))
  const away = (path: string): Answer => ({ status: 302, location: `http://127.0.0.1:${other.port}${path}` })
  const hostile = await double(t, (path) => away(path))
  const at = `127.0.0.1:${hostile.port}`
  const port = await running(t, { SIGNER: at, NODE: at, NODE_RPC: at, BITCOIN_RPC: at, SIGNER_IDENTITY: identity })
  for (const path of ['/node', '/signer', '/signer/heartbeat']) {
    const { text } = await get(port, path)
    t.equal(text, 'the program refused\n', path)
  }
  t.match((await get(port, '/metrics')).text, /^stack_node_rpc_up 0$/m)
  await running(t, { RELEASES_URL: `http://${at}/latest`, RUNS_NODE: '4.0.4', no_proxy: '127.0.0.1' }, 'releases')
  await until(() => hostile.asked.includes('GET /latest'), () => hostile.asked.join(', '))
  t.ok(hostile.asked.length >= 6, hostile.asked.join(', '))

  const moved = await double(t, (path) => (path === '/latest' ? { status: 301, location: '/repositories/1/latest' } : json({ tag_name: '9.9.9' })))
  const told = await running(t, { RELEASES_URL: `http://127.0.0.1:${moved.port}/latest`, RUNS_NODE: '4.0.4', no_proxy: '127.0.0.1' }, 'releases')
  t.match(await answers(told, '/metrics', (text) => text.includes('newest')), 'newest="9.9.9"', 'what has moved on the same host is found')
  t.strictSame(other.asked, [], 'the other host was not asked')
})
