/** Requests to archive servers: connections are kept open, redirects followed anew each time, failures told apart. */

import http, { STATUS_CODES, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { errorCode } from '../../../generator/io/disk.ts'
import { ArchiveGone, OperatorError, RetryableError } from './errors.ts'

export type Answer = IncomingMessage

const redirects = [301, 302, 303, 307, 308]
const passing = [408, 425, 429]
const crowded = [429, 503]

export class ArchiveClient {
  readonly #agents: { readonly 'http:': http.Agent; readonly 'https:': https.Agent }
  readonly #stall: number
  readonly #stop: AbortSignal

  /** A connection that brings nothing for `stall` milliseconds is given up. */
  constructor(connections: number, stall: number, stop: AbortSignal) {
    const options = { keepAlive: true, maxSockets: connections, proxyEnv: process.env }
    this.#agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) }
    this.#stall = stall
    this.#stop = stop
  }

  /**
   * An answer below 300. An archive may lie in object storage, to which its address redirects, so another host is asked here, and
   * nowhere else in the stack: what comes is held against a checksum. Such addresses are short-lived, so none is remembered.
   */
  async get(url: string, headers: Readonly<Record<string, string>> = {}, cancel = this.#stop): Promise<Answer> {
    let address = url
    for (let hop = 0; hop < 10; hop += 1) {
      const answer = await this.#ask(address, headers, AbortSignal.any([this.#stop, cancel]))
      const { statusCode = 0, headers: { location } } = answer
      if (statusCode < 300) return answer
      answer.resume()
      if (!redirects.includes(statusCode) || location === undefined) throw refusal(answer, hop > 0)
      address = follow(address, location)
    }
    throw new OperatorError('the server redirects in a circle')
  }

  /** The body in the pieces in which it comes. The connection ends where the reader stops. */
  async *chunks(answer: Answer): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of answer) yield chunk as Buffer
    } catch (error) {
      throw this.#meaning(error as Error, (text) => `the connection broke (${text})`)
    }
  }

  /** The first `most` bytes of a body, or all of it if it has less. */
  async start(answer: Answer, most: number): Promise<Buffer> {
    let bytes = Buffer.alloc(0)
    for await (const chunk of this.chunks(answer)) {
      bytes = Buffer.concat([bytes, chunk])
      if (bytes.length >= most) break
    }
    return bytes.subarray(0, most)
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy()
  }

  #ask(address: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const options = { headers: { 'user-agent': 'stacks-signer-stack-snapshot', ...headers }, signal, timeout: this.#stall }
      const request = address.startsWith('https:') ? https.get(address, { ...options, agent: this.#agents['https:'] }) : http.get(address, { ...options, agent: this.#agents['http:'] })
      let answer: Answer | undefined
      request.on('response', (response) => { resolve(answer = response) })
      request.on('error', reject)
      request.on('timeout', () => { (answer ?? request).destroy(new RetryableError(`a connection brought nothing for ${this.#stall / 1000} s`)) })
    }).catch((error: Error) => { throw this.#meaning(error, (text) => `the server cannot be reached (${text})`) })
  }

  #meaning(error: Error, line: (text: string) => string): Error {
    this.#stop.throwIfAborted()
    if (error instanceof RetryableError) return error
    const code = errorCode(error) ?? ''
    if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) return new OperatorError(`the server's certificate is not trusted (${error.message})`)
    if (/^ERR_(INVALID_URL|INVALID_PROTOCOL|UNESCAPED_CHARACTERS)$/.test(code)) return new OperatorError(`SNAPSHOT_URL is not an address (${error.message})`)
    return new RetryableError(line(error.message || code))
  }
}

/** The number in a header; undefined for what is not a number of bytes that could be. */
export function count(text: string | undefined): number | undefined {
  return /^\d{1,15}$/.test(text ?? '') ? Number(text) : undefined
}

function follow(address: string, place: string): string {
  const there = URL.canParse(place, address) ? new URL(place, address) : undefined
  if (there?.protocol === 'https:' || (there?.protocol === 'http:' && address.startsWith('http:'))) return there.href
  throw new OperatorError('the server redirects to an address that is not https')
}

/** What is the matter with an answer from 300 on. Behind a redirect, a refusal is an address that has expired. */
function refusal(answer: Answer, redirected: boolean): Error {
  const { statusCode: status = 0 } = answer
  const text = `the server answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  if ((status === 404 || status === 410) && !redirected) return new ArchiveGone(text)
  if (status < 500 && !passing.includes(status) && !redirected) return new OperatorError(text)
  return new RetryableError(text, retryAfter(answer.headers['retry-after'] ?? ''), crowded.includes(status))
}

/** Seconds from a Retry-After header, which holds seconds or a date; at most an hour. */
function retryAfter(text: string): number {
  const seconds = count(text.trim()) ?? (Date.parse(text) - Date.now()) / 1000
  return Math.min(Math.max(0, seconds || 0), 3600)
}
