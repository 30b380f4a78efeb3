/** One HTTP call on a connection of its own, and servers that say what they bind. */

import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Address } from './address.ts'

export interface Answer {
  readonly status: number
  /** Name, value, name, value: as they came. */
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly timeoutMs: number
}

/** Calls `to` and reads the whole answer; rejects when that takes longer than `timeoutMs` or breaks. */
export function call(to: Address, { method, path, headers, body, timeoutMs }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: to.host, port: to.port, method, path, agent: false, signal: AbortSignal.timeout(timeoutMs),
      headers: { ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }), ...headers, Connection: 'close' },
    }, (response) => {
      readBody(response).then((text) => resolve({ status: response.statusCode ?? 0, rawHeaders: response.rawHeaders, body: text }), reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The whole body as text; rejects when it breaks off. */
export async function readBody(message: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of message) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

/** Binds `at` and resolves with the server, or rejects when it cannot be bound. */
export function listen(at: Address, listener: RequestListener): Promise<Server> {
  const server = createServer(listener)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, () => {
      server.removeListener('error', reject)
      resolve(server)
    })
  })
}

/** JSON of a body, or undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
