/** Requests to a program of the stack: no proxy, no redirect, and an answer of bounded size and time. */

import { request } from 'node:http'

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
  readonly body?: string
}

/** The whole answer, whatever its status. Rejects where there is none in time, or a larger one. */
export function ask(url: string, { within, most, headers, body }: Asking): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: body === undefined ? 'GET' : 'POST', headers, agent: false, signal: AbortSignal.timeout(within) }, (answer) => {
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
