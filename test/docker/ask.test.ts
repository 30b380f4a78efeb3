/** docker/programs/shared/http.ts: every answer ends in a value or an error, whatever it is. */

import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { ask, type Asking } from '../../docker/programs/shared/http.ts'

const asking: Asking = { within: 60_000, most: 1000 }

/** The address of a server that answers each request with `text` and hangs up, or says nothing at all. */
async function answering(t: Test, text: string | undefined): Promise<string> {
  const server = createServer((socket) => { socket.on('error', () => undefined).once('data', () => { if (text !== undefined) socket.end(text) }) })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

t.test('answers', async (t) => {
  const answers = async (text: string) => {
    const { status, body } = await ask(await answering(t, text), asking)
    return [status, body.toString()]
  }
  t.strictSame(await answers('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), [200, 'ok'])
  t.strictSame(await answers('HTTP/1.1 200 OK\r\n\r\nuntil it hangs up'), [200, 'until it hangs up'])
  t.strictSame(await answers('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'), [302, ''], 'not followed')
})

t.test('what is no answer', async (t) => {
  for (const [name, text] of Object.entries({
    'another protocol': 'SSH-2.0-OpenSSH\r\n',
    'a change of protocol': 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
    'an end too early': 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok',
    'nothing': '',
    'more than was asked for': `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(1001)}`,
  })) await t.rejects(ask(await answering(t, text), asking), name)
})

t.test('a program that is told to stop waits for no answer', async (t) => {
  const stop = new AbortController()
  const asked = ask(await answering(t, undefined), { ...asking, stop: stop.signal })
  stop.abort()
  await t.rejects(asked, { name: 'AbortError' })
})
