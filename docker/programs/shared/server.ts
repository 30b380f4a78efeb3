/** A small HTTP server: GET on the paths that it knows, and nothing else. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ask } from './http.ts'
import type { Io } from './program.ts'

/** What Prometheus takes for metrics. */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

export interface ServedPage {
  readonly status: number
  readonly type: string
  readonly body: string | Uint8Array
}

/** By path. */
export type Routes = Readonly<Record<string, () => ServedPage | Promise<ServedPage>>>

export const textPage = (status: number, body: string): ServedPage => ({ status, type: 'text/plain', body })

/** Serves `routes`, and /healthy, until the program is told to stop. `listening` is called with the port. */
export async function serve(port: number, routes: Routes, { stop }: Pick<Io, 'stop'>, listening: (port: number) => void = () => {}): Promise<void> {
  const all = new Map<string, Routes[string]>([['/healthy', () => textPage(200, 'healthy\n')], ...Object.entries(routes)])
  const pageOf = async (method: string | undefined, url: string): Promise<ServedPage> => {
    if (method !== 'GET') return textPage(501, 'only GET\n')
    return await all.get(url.split('?')[0]!)?.() ?? textPage(404, 'not here\n')
  }
  const server = createServer({ requestTimeout: 30_000, connectionsCheckingInterval: 5_000 }, (request, response) => {
    void pageOf(request.method, request.url ?? '').then(({ status, type, body }) => {
      response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body)
    }, (error: unknown) => { server.emit('error', error) })
  })
  // No more at once than a Prometheus and a few people need.
  server.maxConnections = 64
  server.listen(port)
  await once(server, 'listening')
  listening((server.address() as AddressInfo).port)
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    const end = () => { server.close(() => { resolve() }); server.closeAllConnections() }
    if (stop.aborted) end()
    else stop.addEventListener('abort', end)
  })
}

/** Whether the server of this container answers. */
export async function answersHealthy(port: number): Promise<boolean> {
  return ask(`http://127.0.0.1:${port}/healthy`, { within: 8_000, most: 1024 }).then(({ status }) => status === 200, () => false)
}
