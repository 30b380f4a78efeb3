/** A small HTTP server that answers what a test says. */

import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { limit, until } from '../support/wait.ts'

export interface Answer { readonly status?: number; readonly body?: string; readonly hang?: true; readonly location?: string }

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
      response.writeHead(said.status ?? 200, { 'Content-Type': 'text/plain', ...(said.location && { Location: said.location }) }).end(said.body ?? '')
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return { port: (server.address() as AddressInfo).port, asked }
}

/** The answer's status and text; status 0 where nobody answers. */
export async function get(port: number, path: string, method = 'GET'): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, signal: AbortSignal.timeout(limit) })
    return { status: answer.status, text: await answer.text() }
  } catch {
    return { status: 0, text: '' }
  }
}

/** Asks again until `wanted` holds of the answer, which it returns. */
export async function answers(port: number, path: string, wanted: (text: string, status: number) => boolean): Promise<string> {
  let last = { status: 0, text: '' }
  await until(async () => {
    last = await get(port, path)
    return last.status !== 0 && wanted(last.text, last.status)
  }, () => `${path}: ${last.status}: ${last.text.slice(0, 3000)}`)
  return last.text
}
