/** A small HTTP server that answers what a test says. */

import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface Answer { readonly status?: number; readonly body?: string; readonly hang?: true }

export interface Double {
  readonly port: number
  /** `METHOD PATH` of every request so far. */
  readonly asked: string[]
}

/** Listens on a free port of 127.0.0.1 until the test ends. */
export async function double(t: Test, answer: (path: string, request: IncomingMessage, body: string) => Answer): Promise<Double> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => { body += bytes.toString() }).on('end', () => {
      asked.push(`${request.method} ${request.url}`)
      const said = answer(request.url ?? '', request, body)
      if (said.hang) return
      response.writeHead(said.status ?? 200, { 'Content-Type': 'text/plain' }).end(said.body ?? '')
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return { port: (server.address() as AddressInfo).port, asked }
}

/** A port that nobody had a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => { server.close(resolve) })
  return port
}

/** The answer's status and text; status 0 where nobody answers. */
export async function get(port: number, path: string, method = 'GET'): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, signal: AbortSignal.timeout(30_000) })
    return { status: answer.status, text: await answer.text() }
  } catch {
    return { status: 0, text: '' }
  }
}

/** Asks again until `wanted` holds. Throws with the last answer after `seconds`. */
export async function answers(port: number, path: string, wanted: (text: string, status: number) => boolean, seconds = 60): Promise<string> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const { status, text } = await get(port, path)
    if (status !== 0 && wanted(text, status)) return text
    if (Date.now() > end) throw new Error(`${path} did not become as wanted; the last answer was ${status}: ${text.slice(0, 3000)}`)
    await new Promise((resolve) => { setTimeout(resolve, 200) })
  }
}
