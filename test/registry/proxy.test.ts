/** Which way a request goes, by the environment alone. `registry.invalid` is a name that no name server ever knows. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { openTransport } from '../../generator/registry/transport.ts'
import { limit } from '../support/wait.ts'

/** A proxy that lets nothing through, and notes who asked it for what. */
async function watcher(t: Test): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url!)
    response.writeHead(403).end()
  })
  server.on('connect', (request, socket) => {
    asked.push(request.url!)
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

async function ask(t: Test, environment: Readonly<Record<string, string>>, url = 'https://registry.invalid/v2/'): Promise<string> {
  const opened = await openTransport({ environment, seconds: limit / 1000 })
  t.teardown(opened.value!.close)
  const answer = await opened.value!.exchange({ url: new URL(url), method: 'GET', headers: {}, limit: 1000 })
  return 'failed' in answer ? answer.failed : String(answer.status)
}

t.test('HTTPS_PROXY is asked, small letters first', async (t) => {
  const [proxy, other] = [await watcher(t), await watcher(t)]
  t.equal(await ask(t, { HTTPS_PROXY: proxy.url }), 'proxy')
  t.equal(await ask(t, { https_proxy: proxy.url, HTTPS_PROXY: other.url }), 'proxy')
  t.equal(await ask(t, { HTTPS_PROXY: proxy.url.replace('http://', '') }), 'proxy', 'without a scheme, as curl takes it')
  t.strictSame(proxy.asked, Array.from({ length: 3 }, () => 'registry.invalid:443'))
  t.strictSame(other.asked, [])
})

t.test('HTTP_PROXY stands in where there is no other', async (t) => {
  const [proxy, other] = [await watcher(t), await watcher(t)]
  t.equal(await ask(t, { HTTP_PROXY: proxy.url }), 'proxy')
  t.equal(await ask(t, { HTTP_PROXY: other.url, HTTPS_PROXY: proxy.url }), 'proxy')
  t.equal(proxy.asked.length, 2)
  t.strictSame(other.asked, [])
})

t.test('NO_PROXY goes around it', async (t) => {
  const proxy = await watcher(t)
  for (const NO_PROXY of ['registry.invalid', 'example.net,registry.invalid', '.invalid', '*', 'registry.invalid:443']) {
    t.equal(await ask(t, { HTTPS_PROXY: proxy.url, NO_PROXY }), 'unreachable', NO_PROXY)
  }
  t.strictSame(proxy.asked, [])
  for (const NO_PROXY of ['', 'example.net', 'try.invalid', 'registry.invalid:5000']) {
    t.equal(await ask(t, { HTTPS_PROXY: proxy.url, NO_PROXY }), 'proxy', NO_PROXY)
  }
  t.equal(proxy.asked.length, 4)
})

t.test('what is on this machine is never asked through a proxy', async (t) => {
  const [proxy, here] = [await watcher(t), await watcher(t)]
  t.equal(await ask(t, { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url }, `${here.url}/v2/`), '403')
  t.strictSame(proxy.asked, [])
  t.strictSame(here.asked, ['/v2/'])
})

t.test('the environment of this process is not looked at', async (t) => {
  const proxy = await watcher(t)
  const before = process.env['HTTPS_PROXY']
  process.env['HTTPS_PROXY'] = proxy.url
  t.teardown(() => {
    if (before === undefined) delete process.env['HTTPS_PROXY']
    else process.env['HTTPS_PROXY'] = before
  })
  t.equal(await ask(t, {}), 'unreachable')
  t.strictSame(proxy.asked, [])
})
