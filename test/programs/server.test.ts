/** docker/programs/shared/server.ts: what it answers, what it does with a route that fails, and how it ends. */

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { answersHealthy, serve, textPage, type Routes } from '../../docker/programs/shared/server.ts'
import { get } from '../docker/web-double.ts'

async function serving(t: Test, routes: Routes) {
  const [stop, warned] = [new AbortController(), [] as string[]]
  let ended: Promise<void> | undefined
  const port = await new Promise<number>((resolve, reject) => {
    ended = serve(0, routes, { stop: stop.signal, warn: (line) => { warned.push(line) } }, resolve)
    ended.catch(reject)
  })
  t.teardown(() => { stop.abort() })
  return { port, warned, stop, ended }
}

t.test('GET on the paths that it knows, and nothing else', async (t) => {
  const { port, warned } = await serving(t, { '/text': () => textPage(200, 'ü\n'), '/bytes': async () => ({ status: 503, type: 'text/plain', body: Uint8Array.of(97, 10) }) })
  t.strictSame(await get(port, '/text'), { status: 200, text: 'ü\n' })
  t.strictSame(await get(port, '/text?a=b'), { status: 200, text: 'ü\n' })
  t.strictSame(await get(port, '/bytes'), { status: 503, text: 'a\n' })
  for (const path of ['/', '/text/', '/Text', '/constructor', '/__proto__']) t.equal((await get(port, path)).status, 404, path)
  for (const method of ['POST', 'PUT', 'DELETE']) t.equal((await get(port, '/text', method)).status, 501, method)
  t.equal(await answersHealthy(port), true)
  t.strictSame(warned, [])
})

t.test('a route that fails is shown, and the others go on', async (t) => {
  const { port, warned } = await serving(t, { '/thrown': () => { throw new Error('of a bug') }, '/rejected': () => Promise.reject(new TypeError('of another')) })
  for (const path of ['/thrown', '/rejected']) t.strictSame(await get(port, path), { status: 500, text: 'this program has failed\n' }, path)
  t.match(warned.join('\n'), /^Error: of a bug\n {4}at .*^TypeError: of another\n {4}at /ms)
  t.equal(await answersHealthy(port), true)
})

t.test('it ends when it is told to, whoever is connected', async (t) => {
  const { port, stop, ended } = await serving(t, { '/never': () => new Promise(() => {}) })
  const waiting = get(port, '/never')
  stop.abort()
  await ended
  t.equal((await waiting).status, 0)
  t.equal(await answersHealthy(port), false)
})

t.test('a port that is taken is an error', async (t) => {
  const other = createServer().listen(0)
  await once(other, 'listening')
  t.teardown(() => { other.close() })
  await t.rejects(serve((other.address() as AddressInfo).port, {}, { stop: new AbortController().signal, warn: () => {} }), { code: 'EADDRINUSE' })
})
