/** An archive server with the faults that real ones have. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface Faults {
  /** Answers ranges; true unless said otherwise. */
  ranges?: boolean
  /** Ends each connection after so many bytes of the archive. */
  breakAfter?: number
  /** Sends so many bytes every 20 ms. */
  slow?: number
  /** Leaves Content-Length out. */
  chunked?: boolean
  /** Answers every request for the archive with this code. */
  status?: number
}

export interface ArchiveServer {
  readonly origin: string
  /** Path to content; `.etag` of a path is made of its content's length and `versions`. */
  readonly files: Map<string, Buffer>
  readonly faults: Faults
  /** Requests as `PATH RANGE`. */
  readonly requests: string[]
}

export async function archiveServer(t: Test, files: Readonly<Record<string, Buffer | string>>, faults: Faults = {}): Promise<ArchiveServer> {
  const state = { files: new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)])), faults, requests: [] as string[] }
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    state.requests.push(`${path} ${request.headers.range ?? ''}`.trim())
    if (path.startsWith('/redirect/')) {
      // As object stores do: an address that is good for once.
      response.writeHead(302, { Location: `${path.slice('/redirect'.length)}?signature=${state.requests.length}` }).end()
      return
    }
    const content = state.files.get(path.replace(/\?.*/, ''))
    if (!content) response.writeHead(404).end('nothing here')
    else if (path.includes('.sha256')) response.end(content)
    else if (state.faults.status) response.writeHead(state.faults.status).end()
    else answer(request, response, content, state.faults)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ...state }
}

function answer(request: IncomingMessage, response: ServerResponse, content: Buffer, faults: Faults): void {
  const etag = `"${content.length}-${content.subarray(-8).toString('hex')}"`
  const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
  const same = (request.headers['if-range'] ?? etag) === etag
  const from = wanted && same && faults.ranges !== false ? Number(wanted[1]) : 0
  if (from > 0 && from >= content.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${content.length}` }).end()
    return
  }
  const body = content.subarray(from)
  response.writeHead(from > 0 ? 206 : 200, {
    ETag: etag,
    ...(!faults.chunked && { 'Content-Length': body.length }),
    ...(from > 0 && { 'Content-Range': `bytes ${from}-${content.length - 1}/${content.length}` }),
  })
  if (!faults.slow) {
    if (faults.breakAfter === undefined || faults.breakAfter >= body.length) response.end(body)
    else response.write(body.subarray(0, faults.breakAfter), () => setTimeout(() => response.destroy(), 50))
    return
  }
  let sent = 0
  const timer = setInterval(() => {
    const end = sent + (faults.slow ?? 0)
    response.write(body.subarray(sent, end))
    sent = end
    if (sent < body.length) return
    clearInterval(timer)
    response.end()
  }, 20)
  response.on('close', () => clearInterval(timer))
}
