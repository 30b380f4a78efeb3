/** Requests to archive servers: connections are kept open, redirects followed anew each time, failures told apart. */

import { STATUS_CODES } from 'node:http'
import { EnvHttpProxyAgent, request, type Dispatcher } from 'undici'
import { errorCode } from '../../../generator/io/disk.ts'
import { ArchiveGone, OperatorError, RetryableError } from './errors.ts'

export type Answer = Dispatcher.ResponseData

const redirects = [301, 302, 303, 307, 308]
const passing = [408, 425, 429]
const crowded = [429, 503]

export class ArchiveClient {
  readonly #agent: EnvHttpProxyAgent
  readonly #stall: number
  readonly #stop: AbortSignal

  /** A connection that brings nothing for `stall` milliseconds is given up. */
  constructor(connections: number, stall: number, stop: AbortSignal) {
    this.#agent = new EnvHttpProxyAgent({ connections, headersTimeout: stall, bodyTimeout: stall, connectTimeout: stall })
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
      const signal = AbortSignal.any([this.#stop, cancel])
      const answer = await request(address, { dispatcher: this.#agent, headers: { 'user-agent': 'stacks-signer-stack-snapshot', ...headers }, signal })
        .catch((error: Error) => { throw this.#meaning(error, 'the server cannot be reached') })
      if (answer.statusCode < 300) return answer
      await answer.body.dump().catch(() => undefined)
      const place = redirects.includes(answer.statusCode) ? header(answer, 'location') : undefined
      if (place === undefined) throw refusal(answer, hop > 0)
      address = follow(address, place)
    }
    throw new OperatorError('the server redirects in a circle')
  }

  /** The body in the pieces in which it comes. The connection ends where the reader stops. */
  async *chunks(answer: Answer): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of answer.body) yield chunk as Buffer
    } catch (error) {
      throw this.#meaning(error as Error, 'the connection broke')
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

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  #meaning(error: Error, what: string): Error {
    this.#stop.throwIfAborted()
    const code = errorCode(error) ?? ''
    if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) return new OperatorError(`the server's certificate is not trusted (${error.message})`)
    if (code === 'ERR_INVALID_URL' || code === 'UND_ERR_INVALID_ARG') return new OperatorError(`SNAPSHOT_URL is not an address (${error.message})`)
    if (/^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(code)) return new RetryableError(`a connection brought nothing for ${this.#stall / 1000} s`)
    return new RetryableError(`${what} (${error.message || code})`)
  }
}

export function header({ headers }: Answer, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
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
  const { statusCode: status } = answer
  const text = `the server answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  if ((status === 404 || status === 410) && !redirected) return new ArchiveGone(text)
  if (status < 500 && !passing.includes(status) && !redirected) return new OperatorError(text)
  return new RetryableError(text, retryAfter(header(answer, 'retry-after') ?? ''), crowded.includes(status))
}

/** Seconds from a Retry-After header, which holds seconds or a date; at most an hour. */
function retryAfter(text: string): number {
  const seconds = count(text.trim()) ?? (Date.parse(text) - Date.now()) / 1000
  return Math.min(Math.max(0, seconds || 0), 3600)
}
