/** An archive server with the faults that real ones have. */

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface Faults {
  /** Answers ranges; true unless said otherwise. */
  ranges?: boolean
  /** Ends each connection after so many bytes of the archive. */
  breakAfter?: number
  /** Sends so many bytes every 20 ms, on each connection. */
  slow?: number
  /** Leaves Content-Length out. */
  chunked?: boolean
  /** Answers every request for the archive with this code. */
  status?: number
  /** Answers the next so many requests for the archive with `code`; first lets `after` requests pass. */
  burst?: { code: number; count: number; after?: number; retryAfter?: string }
  /** Sends half of the so-manieth answer, then nothing more, for ever. */
  stall?: number
  /** Ends the archive after so many bytes in place of which it sends zeros, with the Content-Length of the whole. */
  truncate?: number
  /** Refuses a signed address that was used before, as one does that has expired. */
  expire?: boolean
}

export interface ArchiveServer {
  readonly origin: string
  /** Path to content; its version is made of the content. */
  readonly files: Map<string, Buffer>
  readonly faults: Faults
  /** Requests as `PATH RANGE`. */
  readonly requests: string[]
  /** Bytes of archives that were sent; codes of the answers to requests for one. */
  readonly counted: { bytes: number; codes: number[]; most: number; open: number }
}

export async function archiveServer(t: Test, files: Readonly<Record<string, Buffer | string>>, faults: Faults = {}): Promise<ArchiveServer> {
  const state = {
    files: new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)])),
    faults,
    requests: [] as string[],
    counted: { bytes: 0, codes: [] as number[], most: 0, open: 0 },
  }
  const used = new Set<string>()
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    state.requests.push(`${path} ${request.headers.range ?? ''}`.trim())
    if (path.startsWith('/redirect/')) {
      // As object stores do: an address that is good for once.
      response.writeHead(302, { Location: `${path.slice('/redirect'.length)}?signature=${state.requests.length}` }).end()
      return
    }
    const content = state.files.get(path.replace(/\?.*/, ''))
    const refuse = (code: number, headers = {}) => {
      state.counted.codes.push(code)
      response.writeHead(code, headers).end()
    }
    const { burst } = state.faults
    if (!content) response.writeHead(404).end('nothing here')
    else if (path.includes('.sha256') || path.endsWith('/')) response.end(content)
    else if (state.faults.status) refuse(state.faults.status)
    else if (burst && (burst.after ?? 0) > 0) {
      burst.after = (burst.after ?? 0) - 1
      answer(request, response, content, state)
    } else if (burst && burst.count > 0) {
      burst.count -= 1
      refuse(burst.code, burst.retryAfter === undefined ? {} : { 'Retry-After': burst.retryAfter })
    } else if (state.faults.expire && used.has(path)) refuse(403)
    else {
      used.add(path)
      answer(request, response, content, state)
    }
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ...state }
}

const versions = new WeakMap<Buffer, string>()

/** What the archive is at a server with `faults`, and its version. */
function whole(content: Buffer, faults: Faults): Buffer {
  if (faults.truncate === undefined) return content
  return Buffer.concat([content.subarray(0, faults.truncate), Buffer.alloc(content.length - faults.truncate)])
}

function answer(request: IncomingMessage, response: ServerResponse, original: Buffer, { faults, counted }: Pick<ArchiveServer, 'faults' | 'counted'>): void {
  const etag = versions.get(original) ?? `"${createHash('sha256').update(original).digest('hex').slice(0, 12)}"`
  versions.set(original, etag)
  const content = whole(original, faults)
  const wanted = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const same = (request.headers['if-range'] ?? etag) === etag
  const range = wanted && same && faults.ranges !== false
  const from = range ? Number(wanted[1]) : 0
  const end = range && wanted[2] ? Math.min(Number(wanted[2]) + 1, content.length) : content.length
  if (from >= content.length && content.length > 0) {
    response.writeHead(416, { 'Content-Range': `bytes */${content.length}` }).end()
    return
  }
  const body = content.subarray(from, end)
  counted.codes.push(range ? 206 : 200)
  response.writeHead(range ? 206 : 200, {
    ETag: etag,
    ...(!faults.chunked && { 'Content-Length': body.length }),
    ...(range && { 'Content-Range': `bytes ${from}-${end - 1}/${content.length}` }),
  })
  counted.open += 1
  counted.most = Math.max(counted.most, counted.open)
  response.on('close', () => { counted.open -= 1 })
  const stalls = faults.stall !== undefined && counted.codes.filter((code) => code < 300).length === faults.stall
  if (stalls) {
    response.write(body.subarray(0, body.length / 2))
    return
  }
  if (!faults.slow) {
    const stop = Math.min(faults.breakAfter ?? body.length, body.length)
    const end = () => { if (stop === body.length) response.end(); else setTimeout(() => response.destroy(), 50) }
    // In pieces, so that what the other side does not want any more is not counted as sent.
    const send = (from: number): void => {
      if (from === stop) return end()
      const to = Math.min(from + 65536, stop)
      counted.bytes += to - from
      response.write(body.subarray(from, to), (error) => { if (!error) send(to) })
    }
    send(0)
    return
  }
  let sent = 0
  const timer = setInterval(() => {
    // What the other side does not take is not sent.
    if (response.writableNeedDrain) return
    const end = Math.min(sent + (faults.slow ?? body.length), body.length)
    counted.bytes += end - sent
    response.write(body.subarray(sent, end))
    sent = end
    if (sent < body.length) return
    clearInterval(timer)
    response.end()
  }, 20)
  response.on('close', () => clearInterval(timer))
}
