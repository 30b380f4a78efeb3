/** What asks a node, a server or a program of the stack, and gets answers made to harm it: bounded, told plainly, and still at work. */

import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { memoryLimit } from '../../generator/stack/memory.ts'
import { memoryOf } from './memory.ts'
import { runProgramFile } from './run-program.ts'
import { data } from './snapshot-setting.ts'
import { makeRoot, programPath, start, type Running } from './tools.ts'
import { freePort } from '../support/port.ts'
import { answers, get } from './web-double.ts'

/** Listens until the test ends, answers every request with what `answer` gives for its path, byte for byte, and hangs up. */
async function raw(t: Test, answer: (path: string) => string): Promise<{ readonly port: number; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', (request) => {
      const path = request.toString().split(' ')[1] ?? ''
      asked.push(path)
      socket.end(answer(path))
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.close() })
  return { port: (server.address() as AddressInfo).port, asked }
}

const sized = (body: string, head = '200 OK') => `HTTP/1.1 ${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
/** JSON that takes twenty times as much memory as bytes. */
const lists = (bytes: number) => `[${'[],'.repeat(bytes / 3 - 1)}[]]`

const harmful: Readonly<Record<string, string>> = {
  '40 MB of lists': sized(lists(40_000_000)),
  '4 MB of lists': sized(lists(4_000_000)),
  '2 MB of small numbers': sized(`[${'1,'.repeat(999_999)}1]`),
  '2 MB of small objects': sized(`[${'{},'.repeat(666_666)}{}]`),
  '2 MB of small numbers in an object': sized(`{"reward_cycle_id":1,"is_fully_synced":true,"stacker_set":{"signers":[${'1,'.repeat(990_000)}1]}}`),
  '4 MB of lists in an object': sized(`{"reward_cycle_id":1,"stacker_set":{"signers":${lists(3_900_000)}},"result":${lists(90)}}`),
  'lists in lists': sized('['.repeat(500_000)),
  'a number without end': sized(`{"reward_cycle_id":${'9'.repeat(10_000)}}`),
  'text for numbers': sized('{"reward_cycle_id":7,"next_reward_cycle_in":"1\\nevil 1","blocks_signed":[1],"difference_from_max_peer":{},"max_stacks_neighbor_address":"a","result":[1],"stacker_set":[1]}'),
  'another protocol': 'SSH-2.0-OpenSSH\r\n',
  'broken chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  'an answer that ends early': 'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{',
  'a header line without end': `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(200_000)}`,
}

const memory = (running: Running) => memoryOf(running.process.pid ?? 0) / 1024 / 1024

/** As in a stack. */
const heapOf = (service: string) => ({ NODE_OPTIONS: `--max-old-space-size=${memoryLimit(service) / 2}` })

t.test('metrics and its node, bitcoind and sBTC signer', async (t) => {
  for (const [name, answer] of Object.entries(harmful)) {
    await t.test(name, async (t) => {
      const { port: there } = await raw(t, () => answer)
      const [port, root, address] = [await freePort(), makeRoot(t, ['/etc/metrics']), `127.0.0.1:${there}`]
      root.write('/etc/metrics/bitcoin-metrics-password', 'x')
      const running = start(t, process.execPath, [programPath('metrics')], {
        ...heapOf('metrics'), STACK_ROOT: root.path, LISTEN: String(port), NODE_RPC: address, BITCOIN_RPC: address, SIGNER_IDENTITY: `02${'ab'.repeat(32)}`,
        NODE: address, SBTC_INFO: address, SBTC_SIGNER: address, SBTC_SIGNATURES: '2', BLOCKLIST: address,
      })
      await answers(port, '/healthy', (_, status) => status === 200)
      for (const path of ['/metrics', '/sbtc']) {
        const { status, text } = await get(port, path)
        t.equal(status, 200, path)
        t.notMatch(text, /^evil/m)
      }
      t.match((await get(port, '/node')).status, /^(200|502)$/)
      t.ok(memory(running) < memoryLimit('metrics'), `${Math.round(memory(running))} MiB of ${memoryLimit('metrics')}`)
      t.notMatch(running.said(), /Traceback/)
    })
  }
})

t.test('the guard and its node', async (t) => {
  for (const [name, answer] of Object.entries(harmful)) {
    await t.test(name, async (t) => {
      const { port, asked } = await raw(t, () => answer)
      const root = makeRoot(t, ['/var/lib/stacks-signer/guard', '/etc/stacks-signer', '/tmp'])
      root.write('/var/lib/stacks-signer/guard/wanted', `v1 active ${'ab'.repeat(16)} 02${'cd'.repeat(32)}\n`)
      const running = runProgramFile(t, 'guard', [], { ...heapOf('guard'), STACK_ROOT: root.path, NODE_RPC: `127.0.0.1:${port}`, LANES: '1', GUARD_PERIOD: '0.05' })
      await running.until(() => asked.length > 3)
      t.ok(memory(running) < memoryLimit('guard'), `${Math.round(memory(running))} MiB of ${memoryLimit('guard')}`)
      t.equal(running.process.exitCode, null)
      t.notOk(root.has('/var/lib/stacks-signer/guard/cleared'))
    })
  }
})

t.test('releases goes on asking, and watches what it prints', async (t) => {
  const evil = '\u001b[31mred\u001b]0;title\u0007\u0085'
  for (const [name, answer] of Object.entries({ ...harmful, 'a reason for the terminal': sized('', `500 ${evil}`) })) {
    await t.test(name, async (t) => {
      const { port: there } = await raw(t, () => answer)
      const port = await freePort()
      const running = start(t, process.execPath, [programPath('releases')], { ...heapOf('releases'), LISTEN: String(port), RUNS_NODE: '4.0.4', RELEASES_URL: `http://127.0.0.1:${there}/` })
      await running.says(/cannot be asked: /)
      t.notMatch(running.said(), /    at |[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
      t.ok(memory(running) < memoryLimit('releases'))
      t.equal(running.process.exitCode, null)
    })
  }
})

t.test('the snapshot and its server', async (t) => {
  const sum = 'ab'.repeat(32)
  const archive = (head: string) => (path: string) => (path.endsWith('.sha256') ? sized(sum) : `HTTP/1.1 ${head}\r\n\r\n`)
  const name = 'chain-20261001-'.repeat(20_000)
  const cases: readonly (readonly [name: string, answer: (path: string) => string, says: RegExp])[] = [
    ['a reason for the terminal', archive(`500 \u001b[31mred\u0007${'x'.repeat(10_000)}\r\nX: y`), /the server (answered 500 Internal Server Error|cannot be reached \(Parse Error: .*\)); next try/],
    ['a range of a number without end', archive(`206 Partial\r\nContent-Range: bytes 0-1023/${'9'.repeat(5000)}`), /compressed neither|next try/],
    ['a length that is none', archive('200 OK\r\nContent-Length: -5'), /compressed neither|next try/],
    ['a wait without end', archive(`503 Busy\r\nRetry-After: ${'9'.repeat(5000)}`), /the server answered 503 Service Unavailable; next try/],
    ['redirects in a circle', archive('302 Found\r\nLocation: /a/chain.tar.zst'), /the server redirects in a circle/],
    ['a redirect to nowhere', archive(`302 Found\r\nLocation: file:///etc/passwd`), /redirects to an address that is not https/],
    ['a checksum in a line without end', (path) => (path.endsWith('.sha256') ? sized(`${'a'.repeat(60_000)} ${sum}`) : sized('')), /holds no SHA-256/],
    ['a checksum file without end', (path) => (path.endsWith('.sha256') ? sized(`${sum}  latest-${'x'.repeat(50)}.tar.zst\n`.repeat(400_000)) : sized('no', '404 Not Found')), /holds no SHA-256 of chain\.tar\.zst/],
    ['a list with a name without end', (path) => (path.endsWith('/') ? sized(`<a href="${name}">`) : sized('no', '404 Not Found')), /so which dated archives it has cannot be known/],
  ]
  for (const [name, answer, says] of cases) {
    await t.test(name, async (t) => {
      const { port } = await raw(t, answer)
      const root = makeRoot(t, [data])
      const env = { STACK_ROOT: root.path, SNAPSHOT_URL: `http://127.0.0.1:${port}/a/chain.tar.zst`, NETWORK_DIR: 'mainnet', SNAPSHOT_RETRY_SECONDS: '0.2' }
      const running = start(t, process.execPath, [programPath('snapshot')], env)
      await running.says(says)
      t.notMatch(running.said(), /unexpected|    at |[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
      t.ok(running.said().split('\n').every((line) => line.length < 3000), 'no line is without end')
      t.ok(memory(running) < memoryLimit('snapshot'))
    })
  }
})
