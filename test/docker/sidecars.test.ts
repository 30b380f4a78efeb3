/** The generated configs of both TLS sidecars in a real nginx: what each release calls is passed on, all else gets 403. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer, request as plainRequest, type IncomingMessage, type Server } from 'node:http'
import { request as tlsRequest, type RequestOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { signerReleases } from '../../generator/catalogue/releases.ts'
import { eventCalls, rpcCalls } from '../../generator/catalogue/routes.ts'
import { certPlaces } from '../../generator/certs/places.ts'
import { tlsConfigFiles } from '../../generator/files/tls-config.ts'
import { readAssets } from '../../generator/io/assets.ts'
import { end, firstRun, setting } from '../support/certificates.ts'
import { freePort } from '../support/port.ts'
import { repository } from '../support/repository.ts'
import { sampleStack } from '../support/sample-stack.ts'
import { makeRoot, needs, until } from './tools.ts'

const { templates } = readAssets(repository)
const places = certPlaces({ topology: 'split', nodeHost: 'node.example.net', signerHost: 'signer.example.net' })
const hex = (length: number) => '0123456789abcdef'.repeat(4).slice(0, length)
const samples: Readonly<Record<string, string>> = {
  address: 'SP000000000000000000002Q6VF78', cycle: '144', slot: '17', set: '1', consensus_hash: hex(40), burn_hash: hex(64),
}
const sample = (call: string) => call.replace(/\{(\w+)\}/g, (_, name: string) => samples[name]!)
const allCalls = new Set(signerReleases.flatMap(({ version }) => rpcCalls(version)))
/** The first release of each range of releases that make the same calls. */
const ranges = signerReleases.map(({ version }) => version)
  .filter((version, index, all) => index === 0 || rpcCalls(version).join() !== rpcCalls(all[index - 1]!).join())
const foreign = [
  'GET /', 'GET /v2/peers', 'GET /v2/info?x', 'GET /v2/info/../peers', 'GET //v2/info', 'POST /v2/transactions', 'GET /v2/%69nfo', `GET /v3/sortitions/burn/${hex(40)}`,
  `GET /v3/sortitions/burn/${hex(64)}?x=1`, `GET /v2/stackerdb/${samples['address']}/miners`, `GET /v2/stackerdb/${samples['address']}/signers-1-1/17/4`, 'DELETE /v2/info',
  'POST /shutdown', 'GET /new_block', 'POST /new_mempool_tx', 'GET /status/',
]

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

function standIn(answer: (call: string) => number): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => { response.writeHead(answer(`${request.method} ${request.url}`)).end('from behind') })
  })
  return new Promise((resolve) => { server.listen(0, '127.0.0.1', () => { resolve(server) }) })
}

interface Answer { readonly status: number | string; readonly text: string }

function ask(port: number, call: string, tls?: RequestOptions): Promise<Answer> {
  const [method, path] = call.split(' ') as [string, string]
  return new Promise((resolve) => {
    const take = (response: IncomingMessage): void => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk }).on('end', () => { resolve({ status: response.statusCode!, text }) })
    }
    const options = { host: '127.0.0.1', port, method, path, ...tls, headers: { 'Content-Length': '0' } }
    const asking = tls ? tlsRequest(options, take) : plainRequest(options, take)
    asking.on('error', (error: Error & { code?: string }) => { resolve({ status: error.code ?? error.message, text: '' }) }).end()
  })
}

interface Pair {
  /** Where the signer and the node call, and where the sidecar of the node listens to the other. */
  readonly rpc: number; readonly events: number; readonly wire: number
  readonly behind: string[]
  readonly certificates: (name: 'node-tls' | 'signer-tls') => { readonly cert?: string; readonly key?: string; readonly ca: string }
  log(name: string): string
}

/** Both sidecars of a release, with stand-ins behind them that answer 200, and 404 to what `missing` names. */
async function sidecars(t: Test, signerRelease: string, missing = ''): Promise<Pair> {
  const root = makeRoot(t, ['/node-tls/tmp', '/signer-tls/tmp'])
  const files = await firstRun(setting(new Date(), { places, stackName: 'sample' }))
  const behind: string[] = []
  const program = await standIn((call) => { behind.push(call); return call === missing ? 404 : 200 })
  t.teardown(() => { program.close() })
  const [rpc, events, nodeWire, signerWire, ...health] = await Promise.all(Array.from({ length: 6 }, freePort)) as [number, number, number, number, number, number]
  for (const [index, name] of (['node-tls', 'signer-tls'] as const).entries()) {
    const { stack, host } = sampleStack({ tls: name === 'node-tls' ? 'node' : 'signer', signerRelease })
    const [file] = tlsConfigFiles(stack, host, templates)
    const { cert, key, ca } = end(files, name, places)
    root.write(`/${name}/${name}.pem`, cert!)
    root.write(`/${name}/${name}.key`, key!)
    root.write(`/${name}/ca.pem`, ca)
    // Only where things are; addresses are not resolved anew, which needs a newer nginx than distributions have.
    root.write(`/${name}/${name}.conf`, String(file!.content)
      .replaceAll('/tmp/', `${root.at(`/${name}`)}/tmp/`).replaceAll(`/etc/${name}/`, `${root.at(`/${name}`)}/`).replaceAll(' resolve max_fails', ' max_fails')
      .replace('/dev/stdout', root.at(`/${name}/access.log`)).replace('/dev/stderr', root.at(`/${name}/error.log`)).replace(/^ *listen \[::\].*\n/gm, '')
      .replaceAll(/server (stacks-node|stacks-signer):\d+/g, `server 127.0.0.1:${portOf(program)}`)
      .replaceAll(/server node(-tls|\.example\.net):\d+/g, `server 127.0.0.1:${nodeWire}`).replaceAll(/server signer(-tls|\.example\.net):\d+/g, `server 127.0.0.1:${signerWire}`)
      .replace('listen 2443', `listen 127.0.0.1:${nodeWire}`).replace('listen 3443', `listen 127.0.0.1:${signerWire}`)
      .replace('listen 31000', `listen 127.0.0.1:${events}`).replace('listen 21443', `listen 127.0.0.1:${rpc}`).replace('127.0.0.1:8081', `127.0.0.1:${health[index]}`)
      .replace(/^worker_processes/m, `${process.getuid?.() === 0 ? 'user root;\n' : ''}worker_processes`))
    const started = spawnSync('nginx', ['-c', root.at(`/${name}/${name}.conf`), '-p', root.at(`/${name}`)], { encoding: 'utf8' })
    if (started.status !== 0) throw new Error(started.stderr)
    await until(() => root.has(`/${name}/tmp/nginx.pid`) && root.read(`/${name}/tmp/nginx.pid`) !== '', () => `${name}: ${root.has(`/${name}/error.log`) ? root.read(`/${name}/error.log`) : 'no log'}`)
    const master = Number(root.read(`/${name}/tmp/nginx.pid`))
    t.teardown(() => { process.kill(master) })
  }
  return { rpc, events, wire: nodeWire, behind, certificates: (name) => end(files, name, places), log: (name) => readFileSync(join(root.path, name, 'access.log'), 'utf8') }
}

t.test('each release: what it calls is passed on, and nothing else', needs('nginx'), async (t) => {
  t.ok(ranges.length >= 6, ranges.join(' '))
  for (const release of ranges) {
    const pair = await sidecars(t, release)
    for (const [port, listed] of [[pair.rpc, rpcCalls(release)], [pair.events, eventCalls]] as const) {
      const known = new Set(listed)
      for (const call of new Set([...allCalls, ...eventCalls])) {
        t.strictSame(await ask(port, sample(call)), known.has(call) ? { status: 200, text: 'from behind' } : { status: 403, text: 'not passed on\n' }, `${release}: ${call}`)
      }
      for (const call of foreign) t.equal((await ask(port, call)).status, 403, `${release}: ${call}`)
    }
    t.strictSame(pair.behind, [...allCalls].filter((call) => rpcCalls(release).includes(call)).map(sample).concat(eventCalls.map(sample)), 'nothing else came through')
  }
})

t.test('the wire: a known peer is refused with 403, which its log tells, and whoever is not the peer gets no answer', needs('nginx'), async (t) => {
  const orphaned = `GET /v3/sortitions/burn/${'f'.repeat(64)}`
  const pair = await sidecars(t, '4.0.4', orphaned)
  const peer = { ...pair.certificates('signer-tls'), rejectUnauthorized: false }
  t.strictSame(await ask(pair.wire, 'GET /v2/info', peer), { status: 200, text: 'from behind' })
  t.strictSame(await ask(pair.wire, 'GET /v2/peers', peer), { status: 403, text: 'not passed on\n' })
  t.match(await ask(pair.wire, 'GET /v2/peers', { rejectUnauthorized: false }), { status: 'ECONNRESET' })
  t.match(await ask(pair.wire, 'GET /v2/info', { ...pair.certificates('node-tls'), rejectUnauthorized: false }), { status: 'ECONNRESET' }, 'another certificate of the same authority')
  t.strictSame(await ask(pair.rpc, orphaned), { status: 404, text: 'from behind' }, 'what the node itself says is passed on as it is')
  const log = pair.log('node-tls').split('\n')
  t.equal(log.filter((line) => / 403 "GET \/v2\/peers" from .* upstream -$/.test(line)).length, 1, log.join('\n'))
  t.ok(log.some((line) => / 404 "GET \/v3\/sortitions\/burn\/f+" .* upstream 404$/.test(line)))
})
