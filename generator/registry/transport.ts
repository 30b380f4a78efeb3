/**
 * One exchange over the network: proxies, time limits, size limits. The only user of undici, loaded when first needed:
 * the fetch of Node.js 20 knows no proxies.
 */

import { error, type Result } from '../problem.ts'
import { isLoopback } from './reference.ts'

export interface Exchange {
  readonly url: URL
  readonly method: 'GET' | 'HEAD'
  readonly headers: Readonly<Record<string, string>>
  /** The most bytes of a body that are read. */
  readonly limit: number
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export interface Failed {
  readonly failed: 'timeout' | 'too-large' | 'broken' | 'unreachable' | 'certificate' | 'proxy'
  readonly detail: string
}

export interface Transport {
  readonly exchange: (request: Exchange) => Promise<Answer | Failed>
  /** Ends all connections, those that hang too. */
  readonly close: () => Promise<void>
}

export interface TransportSettings {
  /** Read for HTTPS_PROXY, HTTP_PROXY and NO_PROXY, small letters first. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** How long one exchange may take, body and all. */
  readonly seconds: number
  /** A certificate to trust in place of the well-known ones. */
  readonly trust?: string
}

/** Makes a transport; a Problem where the environment names a proxy that cannot be used. */
export async function openTransport({ environment, seconds, trust }: TransportSettings): Promise<Result<Transport>> {
  const https = proxyOf(environment, 'https_proxy')
  const http = proxyOf(environment, 'http_proxy')
  const problems = [...https.problems, ...http.problems]
  if (problems.length > 0) return { problems }
  // Of a CommonJS package the bundle keeps the default export alone.
  const { default: { Agent, EnvHttpProxyAgent, request } } = await import('undici')
  const limits = { headersTimeout: seconds * 1000, bodyTimeout: seconds * 1000, ...(trust && { connect: { ca: trust }, requestTls: { ca: trust } }) }
  const direct = new Agent(limits)
  const proxied = new EnvHttpProxyAgent({
    ...limits,
    // Given even when empty: undici would read the process's own environment otherwise.
    httpsProxy: https.value ?? '', httpProxy: http.value ?? '', noProxy: environment['no_proxy'] ?? environment['NO_PROXY'] ?? '',
  })

  const exchange = async ({ url, method, headers, limit }: Exchange): Promise<Answer | Failed> => {
    const stop = new AbortController()
    const timer = setTimeout(() => { stop.abort() }, seconds * 1000)
    try {
      const answer = await request(url, { dispatcher: isLoopback(url.hostname) ? direct : proxied, method, headers, signal: stop.signal })
      const body: Buffer[] = []
      let size = 0
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        size += chunk.length
        if (size > limit) return { failed: 'too-large', detail: `more than ${limit} bytes` }
        body.push(chunk)
      }
      return { status: answer.statusCode, headers: plain(answer.headers), body: Buffer.concat(body) }
    } catch (cause) {
      return stop.signal.aborted ? { failed: 'timeout', detail: `no complete answer within ${seconds} s` } : failure(cause)
    } finally {
      clearTimeout(timer)
    }
  }
  return { value: { exchange, close: async () => { await Promise.all([direct.destroy(), proxied.destroy()]) } }, problems: [] }
}

function plain(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value ?? '']))
}

/** The proxy that the environment names. As with curl, one without a scheme is spoken to by plain http. */
function proxyOf(environment: TransportSettings['environment'], name: string): Result<string> {
  const given = (environment[name] ?? environment[name.toUpperCase()])?.trim()
  if (!given) return { problems: [] }
  const url = given.includes('://') ? given : `http://${given}`
  if (URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)) return { value: url, problems: [] }
  // The value may hold a password.
  return { problems: [error('bad-proxy', `${name.toUpperCase()} names no http or https proxy`, undefined, 'it looks like http://proxy.example.net:3128')] }
}

const unreachable: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is unknown', EAI_AGAIN: 'no name server answers', ECONNREFUSED: 'the connection is refused', EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no network', ETIMEDOUT: 'the connection takes too long', UND_ERR_CONNECT_TIMEOUT: 'the connection takes too long',
}

/** What an exchange died of. What is no failure of the network is a bug and thrown on. */
function failure(cause: unknown): Failed {
  for (let one = cause; one instanceof Error; one = one.cause) {
    const code = 'code' in one && typeof one.code === 'string' ? one.code : undefined
    // Several addresses were tried: the first failure stands for all.
    const known = one instanceof AggregateError ? failure((one.errors as readonly unknown[])[0]) : undefined
    if (known) return known
    if (/proxy response|proxy connection/i.test(one.message)) return { failed: 'proxy', detail: one.message }
    if (code === undefined) continue
    if (unreachable[code]) return { failed: 'unreachable', detail: `${unreachable[code]} (${code})` }
    if (/CERT|SELF_SIGNED|ERR_SSL|ERR_TLS|UNABLE_TO_(GET|VERIFY)/.test(code)) return { failed: 'certificate', detail: `${one.message} (${code})` }
    if (/^(E[A-Z]+|UND_ERR_[A-Z_]+|HPE_[A-Z_]+)$/.test(code)) return { failed: 'broken', detail: `${one.message} (${code})` }
  }
  throw cause
}
