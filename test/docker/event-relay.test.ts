/** The relay of events, with observers that take them, hang, refuse and come back. The node itself must never wait for one of them. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { run } from '../../docker/programs/event-relay/run.ts'
import type { Observer } from '../../docker/programs/event-relay/outbox.ts'
import { answersHealthy } from '../../docker/programs/shared/server.ts'
import { limit, waitFor } from '../support/wait.ts'

/** An observer that answers as `answer` says at the time; it keeps what it has taken. */
async function observer(t: Test, answer: (path: string) => number | 'hang') {
  const taken: string[] = []
  let asked = 0
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => { parts.push(part) }).on('end', () => {
      asked += 1
      const status = answer(request.url ?? '')
      if (status === 'hang') return
      if (status === 200) taken.push(`${request.method} ${request.url} ${Buffer.concat(parts).toString()}`)
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return { endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`, taken, asked: () => asked }
}

async function relay(t: Test, observers: readonly Observer[]) {
  const [stop, said] = [new AbortController(), [] as string[]]
  const note = (line: string) => { said.push(line) }
  let ended: Promise<number> | undefined
  const ports = await new Promise<readonly number[]>((resolve, reject) => {
    ended = run([], { environment: { LISTEN: '0', OBSERVERS: JSON.stringify(observers) }, input: process.stdin, stop: stop.signal, say: note, warn: note, write: note }, resolve)
    ended.catch(reject)
  })
  t.teardown(async () => { stop.abort(); await ended })
  /** As the node posts it; what it is answered. */
  const post = async ({ endpoint }: Pick<Observer, 'endpoint'>, path: string, body: string | Uint8Array<ArrayBuffer>) => {
    const answer = await fetch(`http://127.0.0.1:${ports[observers.findIndex((one) => one.endpoint === endpoint)]}${path}`, { method: 'POST', body, signal: AbortSignal.timeout(limit) })
    return `${answer.status} ${await answer.text()}`
  }
  return { port: ports[0]!, said, post, end: async () => { stop.abort(); return ended } }
}

const ok = '200 {"result":"ok"}'

t.test('one that hangs: the node is answered at once, and the other observer hears everything in order', async (t) => {
  const [hanging, other] = [await observer(t, () => 'hang'), await observer(t, () => 200)]
  const { port, post, said, end } = await relay(t, [hanging, other].map(({ endpoint }) => ({ endpoint, timeoutMs: 600_000, retries: true })))
  for (let number = 0; number < 50; number += 1) {
    for (const one of [hanging, other]) t.equal(await post(one, '/new_block', `{"number":${number}}`), ok)
  }
  await waitFor('the other has all', () => other.taken, (taken) => taken.length === 50)
  t.strictSame(other.taken, Array.from({ length: 50 }, (_, number) => `POST /new_block {"number":${number}}`))
  t.equal(hanging.asked(), 1, 'one at a time')
  t.equal(await answersHealthy(port), true)
  t.equal(await end(), 0, 'and it ends when it is told to')
  t.match(said.at(-1), `${hanging.endpoint}: 50 events that wait for it are lost with this stop`)
})

t.test('one that comes back hears what has waited; said once', async (t) => {
  let status: number | 'hang' = 500
  const { endpoint, taken, asked } = await observer(t, () => status)
  const { post, said } = await relay(t, [{ endpoint, timeoutMs: 300, retries: true }])
  for (const number of [1, 2, 3]) await post({ endpoint }, '/new_burn_block', String(number))
  await waitFor('it was asked again', asked, (times) => times >= 3)
  status = 'hang'
  await waitFor('it was asked, and hung', asked, (times) => times >= 6)
  status = 200
  await waitFor('it has all', () => taken, (all) => all.length === 3)
  t.strictSame(taken, [1, 2, 3].map((number) => `POST /new_burn_block ${number}`))
  await waitFor('that is told', () => said.at(-1) ?? '', (line) => line.includes('takes events again; 0 were lost'))
  t.strictSame(said.filter((line) => line.includes('its events wait')), [`event-relay: ${endpoint}: it answers with 500; its events wait`])
})

t.test('without retries an event is tried once', async (t) => {
  let status = 204
  const { endpoint, taken, asked } = await observer(t, (path) => (path === '/lost' ? 503 : status))
  const { post, said } = await relay(t, [{ endpoint, timeoutMs: 5_000, retries: false }])
  await post({ endpoint }, '/lost', 'a')
  await post({ endpoint }, '/lost', 'b')
  await post({ endpoint }, '/empty', 'c')
  await waitFor('all were tried', asked, (times) => times === 3)
  status = 200
  await post({ endpoint }, '/new_block', 'd')
  await waitFor('the next came', () => taken, (all) => all.length === 1)
  t.equal(asked(), 4, '204 is taken as well, which the node itself would repeat for ever')
  t.strictSame(said.slice(1), [`event-relay: ${endpoint}: it answers with 503: events are lost`, `event-relay: ${endpoint} takes events again; 2 were lost, 0 wait`])
})

t.test('memory is bounded: what does not fit is lost, and the node does not notice', async (t) => {
  const [hanging, other] = [await observer(t, () => 'hang'), await observer(t, () => 200)]
  const { post, said, end } = await relay(t, [hanging, other].map(({ endpoint }) => ({ endpoint, timeoutMs: 600_000, retries: true })))
  const large = new Uint8Array(20 << 20)
  for (let number = 0; number < 5; number += 1) t.equal(await post(hanging, '/new_block', large), ok)
  t.match(said.at(-1), `${hanging.endpoint}: 3 events wait for it, and there is no room for another: events are lost`)
  t.equal(await post(other, '/new_block', new Uint8Array(70 << 20)), ok, 'larger than all that may arrive')
  t.match(said.at(-1), `${other.endpoint}: a larger event than fits into the memory: events are lost`)
  t.equal(await post(other, '/new_block', 'small'), ok)
  await waitFor('the other goes on', () => other.taken, (taken) => taken.length === 1)
  t.equal(await end(), 0)
})

t.test('what is no event', async (t) => {
  const { endpoint, taken } = await observer(t, () => 200)
  const { port, post } = await relay(t, [{ endpoint, timeoutMs: 5_000, retries: true }])
  for (const method of ['GET', 'PUT', 'DELETE']) t.equal((await fetch(`http://127.0.0.1:${port}/new_block`, { method })).status, 404, method)
  t.equal(await post({ endpoint }, '/attachments/new?x=%zz', 'odd'), ok)
  await waitFor('what is posted goes on as it is', () => taken, (all) => all.length === 1)
  t.strictSame(taken, ['POST /attachments/new?x=%zz odd'])
})
