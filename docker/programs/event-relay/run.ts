/**
 * Takes each event of the node at once, and hands it on to an observer of the operator's own. The node has one queue for the events of
 * all of its observers, and waits for each event to be taken before it sends the next (stacks-node/src/event_dispatcher/worker.rs of
 * stacks-core 4.0.2): an observer that hangs would keep the signer's events from it.
 *
 *   event-relay [--health]
 *
 * OBSERVERS is a list of observers as JSON. LISTEN is the port for the first of them; each further one has the next.
 */

import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Io } from '../shared/program.ts'
import { answersHealthy } from '../shared/server.ts'
import { Outbox, type Observer } from './outbox.ts'

/** In bytes: of the events that wait for all observers, and of those that are being read. */
const mostWaiting = 128 << 20
const mostArriving = 64 << 20

export async function run(words: readonly string[], io: Io, listening: (ports: readonly number[]) => void = () => {}): Promise<number> {
  const first = Number(io.environment['LISTEN'])
  if (words[0] === '--health') return await answersHealthy(first) ? 0 : 1
  const observers = JSON.parse(io.environment['OBSERVERS'] ?? '[]') as readonly Observer[]
  const outboxes = observers.map((observer) => new Outbox(observer, mostWaiting / observers.length, io))
  const read = bodies()
  const servers = outboxes.map((outbox) => serverOf(outbox, read))
  for (const [index, server] of servers.entries()) {
    server.listen(first && first + index)
    await once(server, 'listening')
  }
  io.say(`event-relay: for ${observers.map(({ endpoint }) => endpoint).join(', ')}`)
  listening(servers.map((server) => (server.address() as AddressInfo).port))
  await Promise.all(outboxes.map((outbox) => outbox.deliver()))
  for (const server of servers) { server.closeAllConnections(); server.close() }
  return 0
}

type Read = (request: IncomingMessage) => Promise<Buffer | undefined>

/** What reads bodies for all servers; undefined where there is no room for one. It is read to its end in any case. */
function bodies(): Read {
  let arriving = 0
  return async (request) => {
    const parts: Buffer[] = []
    let [size, fits] = [0, true]
    try {
      for await (const part of request as AsyncIterable<Buffer>) {
        fits &&= arriving + part.length <= mostArriving
        if (fits) { parts.push(part); size += part.length; arriving += part.length } else parts.length = 0
      }
      return fits ? Buffer.concat(parts) : undefined
    } finally {
      arriving -= size
    }
  }
}

function serverOf(outbox: Outbox, read: Read) {
  const server = createServer({ requestTimeout: 30_000, connectionsCheckingInterval: 5_000 }, (request, response) => {
    const say = (status: number, body: string) => { response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body) }
    if (request.method !== 'POST') { say(request.url === '/healthy' ? 200 : 404, '{}'); return }
    // Whatever becomes of the event: the node sends nothing else before this one is answered with 200.
    read(request).then((body) => {
      if (body) outbox.add(request.url ?? '/', body)
      else outbox.lose('a larger event than fits into the memory')
      say(200, '{"result":"ok"}')
    }, () => { request.destroy() })
  })
  server.maxConnections = 64
  return server
}
