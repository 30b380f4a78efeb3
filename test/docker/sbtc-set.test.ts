/** The program sbtc-watch against a node that tells all kinds of things, and against a signer that is there or not. */

import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { run } from '../../docker/programs/sbtc-watch/run.ts'
import { certificateFor } from '../registry/support/certificate.ts'
import { runHere, runProgramFile } from './run-program.ts'
import type { Ended } from './tools.ts'

const deployer = 'SM3VDXK3WZZSA84XXFKAFAF15NNZX32CTSG82JFQ4'
const aggregate = '03d8c4344861fc7590fd812c24884a3bfd9374d8ba865a787ff53c9060020aa967'
const keys = ['02b61056bb84aa2ff7d740a31334c68a691e93ed3a229632e1b22e5b47bbb87ec0', '0378ce6a121f87f89e91a2dff541e9cbf413f6f825d9cb7e9be6128c6e13f7d35f', '03b7606d1cc26cb9c315b114f765e46c1048881be8794add3024a9bb55212f314f']

const length = (count: number) => count.toString(16).padStart(8, '0')
const buffer = (hex: string) => `02${length(hex.length / 2)}${hex}`
const uint = (value: number) => `01${value.toString(16).padStart(32, '0')}`
const list = (items: readonly string[]) => `0b${length(items.length)}${items.join('')}`
const name = (text: string) => text.length.toString(16).padStart(2, '0') + Buffer.from(text).toString('hex')
const tuple = (fields: readonly (readonly [string, string])[]) => `0c${length(fields.length)}${fields.map(([key, value]) => name(key) + value).join('')}`
const principal = `0515${'ab'.repeat(20)}`

const fields = { 'current-aggregate-pubkey': buffer(aggregate), 'current-signer-principal': principal, 'current-signature-threshold': uint(2), 'current-signer-set': list(keys.map(buffer)) }
const data = (changed: Readonly<Record<string, string>> = {}) => `0x${tuple(Object.entries({ ...fields, ...changed }).sort(([a], [b]) => (a < b ? -1 : 1)))}`

interface Node { readonly result?: unknown; readonly behind?: number; readonly peer?: string | null; readonly pox?: object; readonly status?: number; readonly okay?: unknown }

/** The address of a node that answers so; what is asked of it is checked. */
async function node(t: Test, { result = data(), behind = 0, peer = 'http://192.0.2.1:20443', pox = {}, status = 200, okay = true }: Node): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => { body += part.toString() }).on('end', () => {
      const answers: Readonly<Record<string, unknown>> = {
        'GET /v3/health': { difference_from_max_peer: behind, max_stacks_neighbor_address: peer },
        'GET /v2/pox': pox,
        [`POST /v2/contracts/call-read/${deployer}/sbtc-registry/get-current-signer-data`]: okay === true ? { okay, result } : { okay, cause: 'NoSuchContract' },
      }
      const found = answers[`${request.method} ${request.url}`]
      if (request.method === 'POST') t.strictSame(JSON.parse(body), { sender: deployer, arguments: [] })
      response.writeHead(found === undefined ? 404 : status, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const environment = { DEPLOYER: deployer, SIGNING_SET: keys.join(','), SIGNATURES_REQUIRED: '2', SBTC_IDENTITY: keys[0]! }

async function watch(t: Test, word: string, environment: Readonly<Record<string, string>>): Promise<Ended> {
  const running = runHere(t, 'sbtc-watch', run, [word], environment)
  return { code: await running.ended, out: running.said() }
}

const ask = (t: Test, address: string, changed: Readonly<Record<string, string>> = {}) => watch(t, '--set', { ...environment, NODE_RPC: address, ...changed })

t.test('the same', async (t) => {
  t.match(await ask(t, await node(t, { pox: { pox_5_sbtc_registry_contract: `${deployer}.sbtc-registry` } })),
    { code: 0, out: `sbtc-set: as on the chain: 3 keys, 2 signatures, aggregate key ${aggregate}\n` })
  t.match(await ask(t, await node(t, {}), { SIGNING_SET: [...keys].reverse().join(',') }), { code: 0 }, 'in any order')
})

t.test('what differs', async (t) => {
  const other = '02d8c4344861fc7590fd812c24884a3bfd9374d8ba865a787ff53c9060020aa967'
  const rows: readonly (readonly [what: string, node: Node, environment: Readonly<Record<string, string>>, message: RegExp])[] = [
    ['a key more on the chain', { result: data({ 'current-signer-set': list([...keys, other].map(buffer)) }) }, {}, new RegExp(`${other} is in the chain's set, and not in SBTC_SIGNING_SET`)],
    ['a key more here', {}, { SIGNING_SET: [...keys, other].join(',') }, new RegExp(`${other} is in SBTC_SIGNING_SET, and not in the chain's set`)],
    ['another threshold', { result: data({ 'current-signature-threshold': uint(3) }) }, {}, /the chain wants 3 signatures, and SBTC_SIGNATURES_REQUIRED is 2/],
    ['a key of its own that is not there', {}, { SBTC_IDENTITY: other }, /own key 02d8.* is not in the chain's set/],
    ['another registry', { pox: { pox_5_sbtc_registry_contract: 'SN3VMHXEN64ZZF71JQ5VESXDWTR301XTTXGF4J8F1.sbtc-registry' } }, {}, /the node knows the registry/],
  ]
  for (const [what, says, environment, message] of rows) {
    const { code, out } = await ask(t, await node(t, says), environment)
    t.equal(code, 1, what)
    t.match(out, message, what)
    t.match(out, /Do not start sbtc-signer with this difference/, what)
  }
})

t.test('what cannot be told is never called the same', async (t) => {
  const whole = data()
  const unsorted = `0x${tuple(Object.entries(fields).sort(([a], [b]) => (a < b ? 1 : -1)))}`
  const rows: readonly (readonly [what: string, node: Node, message: RegExp])[] = [
    ['a node that is behind', { behind: 7 }, /7 blocks behind its peers/],
    ['a node without peers', { peer: null }, /knows no peer/],
    ['an error', { status: 500 }, /is answered with 500/],
    ['no contract', { okay: false }, /get-current-signer-data failed: "NoSuchContract"/],
    ['okay as a text', { okay: 'true' }, /get-current-signer-data failed/],
    ['no key yet', { result: data({ 'current-aggregate-pubkey': buffer('00') }) }, /no key on the chain yet/],
    ['no text', { result: 5 }, /cannot be relied on: it is not 0x and pairs/],
    ['without 0x', { result: whole.slice(2) }, /it is not 0x and pairs/],
    ['capitals', { result: `0x${whole.slice(2).toUpperCase()}` }, /it is not 0x and pairs/],
    ['half a digit', { result: whole.slice(0, -1) }, /it is not 0x and pairs/],
    ['a byte less', { result: whole.slice(0, -2) }, /it ends 1 bytes early/],
    ['a byte more', { result: `${whole}00` }, /1 bytes follow the value/],
    ['names out of order', { result: unsorted }, /not in order/],
    ['a field less', { result: `0x${tuple(Object.entries(fields).slice(0, 3).sort(([a], [b]) => (a < b ? -1 : 1)))}` }, /other fields/],
    ['an error value', { result: `0x08${uint(1)}` }, /of the kind 0x08, which is not expected/],
    ['a key of 32 bytes', { result: data({ 'current-signer-set': list([buffer('02'.repeat(32))]) }) }, /a key of the signer set is not a public key/],
    ['a key twice', { result: data({ 'current-signer-set': list([keys[0]!, keys[0]!].map(buffer)) }) }, /the signer set has a key twice/],
    ['an aggregate key that begins with 04', { result: data({ 'current-aggregate-pubkey': buffer(`04${aggregate.slice(2)}`) }) }, /the aggregate key is not a public key/],
    ['a threshold above the set', { result: data({ 'current-signature-threshold': uint(4) }) }, /does not fit the signer set/],
    ['a threshold of nothing', { result: data({ 'current-signature-threshold': uint(0) }) }, /does not fit the signer set/],
    ['a list that is said to be large', { result: data({ 'current-signer-set': '0bffffffff' }) }, /announces 4294967295 values/],
    ['lists in lists', { result: `0x${'0b00000001'.repeat(30)}${uint(1)}` }, /nested too deep/],
  ]
  for (const [what, says, message] of rows) {
    const { code, out } = await ask(t, await node(t, says))
    t.equal(code, 2, what)
    t.match(out, /^sbtc-set: could not tell: .*\n$/, what)
    t.match(out, message, what)
  }
  t.match(await ask(t, '127.0.0.1:1'), { code: 2, out: /no answer to \/v3\/health: connect ECONNREFUSED/ })
  t.match(await ask(t, 'http://api.example.net'), { code: 2, out: /over https:\/\/ only/ })
})

t.test('an API is asked by https, through the proxy of the environment, and the own node never', async (t) => {
  const { key, cert } = certificateFor(['api.example.net'])
  const place = t.testdir({ 'ca.pem': cert })
  const own = await node(t, {})
  const api = createTlsServer({ key, cert }, (request, response) => {
    const passed = httpRequest(`http://${own}${request.url}`, { method: request.method, headers: request.headers }, (answer) => { answer.pipe(response.writeHead(answer.statusCode!)) })
    request.pipe(passed)
  })
  const proxied: string[] = []
  const proxy = createServer((request, response) => { proxied.push(`${request.url}`); response.writeHead(502).end() }).on('connect', (request, socket) => {
    proxied.push(`${request.url}`)
    const there = connect((api.address() as AddressInfo).port, '127.0.0.1', () => { socket.write('HTTP/1.1 200 OK\r\n\r\n') })
    there.pipe(socket).pipe(there)
    for (const one of [there, socket]) one.on('error', () => { there.destroy(); socket.destroy() })
  })
  for (const server of [api, proxy]) {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    t.teardown(() => { server.closeAllConnections(); server.close() })
  }
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  const inProcess = (NODE_RPC: string, trust: Readonly<Record<string, string>> = { NODE_EXTRA_CA_CERTS: join(place, 'ca.pem') }) =>
    runProgramFile(t, 'sbtc-watch', ['--set'], { ...environment, NODE_RPC, HTTPS_PROXY: url, HTTP_PROXY: url, ...trust }).ended
  t.match(await inProcess('https://api.example.net/'), { code: 0, out: /as on the chain/ })
  t.ok(proxied.length > 0 && proxied.every((to) => to === 'api.example.net:443'), proxied.join())
  t.match(await inProcess('https://api.example.net', {}), { code: 2, out: /could not tell: no answer to \/v2\/pox: .*certificate/ }, 'a certificate of nobody')
  proxied.length = 0
  t.match(await inProcess(own), { code: 0 })
  t.strictSame(proxied, [])
})

t.test('the watch says which of the two does not answer', async (t) => {
  const serve = async (status: number) => {
    const server = createServer((request, response) => { response.writeHead(status).end(request.url === '/info' ? '{"stacks": null}' : '') }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  const [well, busy] = [await serve(200), await serve(503)]
  const says = (signer: string, blocklist: string, word: string) => watch(t, word, { SBTC_SIGNER: signer, BLOCKLIST: blocklist })
  t.match(await says(well, well, '--health'), { code: 0, out: '\n' })
  t.match(await says('127.0.0.1:1', well, '--health'), { code: 1, out: 'sbtc-signer does not answer\n' })
  t.match(await says(well, busy, '--health'), { code: 1, out: 'blocklist-client has no list yet (it answers with 503)\n' })
  t.match(await says(busy, '127.0.0.1:1', '--health'), { code: 1, out: 'sbtc-signer answers with 503; blocklist-client does not answer\n' })
  t.match(await says(well, well, '--info'), { code: 0, out: '{\n  "stacks": null\n}\n' })
  t.match(await says('127.0.0.1:1', well, '--info'), { code: 1, out: /does not answer/ })
  const state = async (signer: string, blocklist: string, from: string) => JSON.parse((await watch(t, '--state', { SBTC_SIGNER: signer, BLOCKLIST: blocklist, NODE_RPC: from })).out) as object
  t.strictSame(await state('127.0.0.1:1', busy, await node(t, { behind: 3 })), { signer: null, dkg: null, blocklist: 503, node: null, health: { difference_from_max_peer: 3, max_stacks_neighbor_address: 'http://192.0.2.1:20443' } })
  t.match(await state(well, well, '127.0.0.1:1'), { signer: 200, blocklist: 200, dkg: null, node: null, health: null })
})

t.test('without a word it says what changes, until it is told to stop', async (t) => {
  let status = 503
  const server = createServer((_, response) => { response.writeHead(status).end() }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const running = runProgramFile(t, 'sbtc-watch', [], { SBTC_SIGNER: address, BLOCKLIST: address })
  await running.says(/^sbtc-watch: sbtc-signer answers with 503; blocklist-client has no list yet \(it answers with 503\)\n$/)
  running.process.kill('SIGTERM')
  t.match(await running.ended, { code: 0 })
  status = 200
  const again = runProgramFile(t, 'sbtc-watch', [], { SBTC_SIGNER: address, BLOCKLIST: address })
  await again.says(/^sbtc-watch: both answer\n$/)
})
