/** Requests, mostly to a program of the stack: no redirect, no proxy but for https, and an answer of bounded size and time. */

import http from 'node:http'
import https from 'node:https'

export interface Answer {
  readonly status: number
  /** The Content-Type, if there is one. */
  readonly type?: string
  readonly body: Buffer
}

export interface Asking {
  /** For the whole answer, in milliseconds. */
  readonly within: number
  /** In bytes. */
  readonly most: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent by POST; without it the request is a GET. */
  readonly body?: string | Uint8Array
  /** Ends the request early. */
  readonly stop?: AbortSignal
}

/** The whole answer, whatever its status. Rejects where there is none in time, or a larger one. What is asked by https is outside of the stack, so a proxy of the environment is used. */
export function ask(url: string, { within, most, headers, body, stop }: Asking): Promise<Answer> {
  const signal = AbortSignal.any([AbortSignal.timeout(within), ...(stop ? [stop] : [])])
  return new Promise((resolve, reject) => {
    const outside = url.startsWith('https:')
    const agent = outside && new https.Agent({ proxyEnv: process.env })
    const sent = (outside ? https : http).request(url, { method: body === undefined ? 'GET' : 'POST', headers, agent, signal }, (answer) => {
      const parts: Buffer[] = []
      let size = 0
      answer.on('data', (part: Buffer) => {
        size += part.length
        parts.push(part)
        if (size > most) answer.destroy(new Error(`an answer of more than ${most} bytes`))
      })
      answer.on('error', reject)
      answer.on('end', () => { resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(parts), ...(answer.headers['content-type'] && { type: answer.headers['content-type'] }) }) })
    })
    sent.on('error', reject)
    // Without this, an answer that changes the protocol is never told of.
    sent.on('upgrade', (_, socket) => { socket.destroy(); reject(new Error('an answer in another protocol')) })
    sent.end(body)
  })
}

/** The JSON object of an answer with status 200; undefined for anything else, and where there is no answer. */
export async function askObject(url: string, asking: Asking): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const { status, body } = await ask(url, asking)
    const value: unknown = status === 200 ? JSON.parse(body.toString()) : undefined
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Readonly<Record<string, unknown>> : undefined
  } catch {
    return undefined
  }
}
