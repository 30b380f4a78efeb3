/**
 * The world's registries on this machine: a proxy that leads every host to one TLS server, which hands out tokens as
 * Docker Hub and ghcr.io do and asks a registry behind it. What is tested need not know that it is not outside.
 */

import { createServer as createHttp, request as httpRequest, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { connect, type AddressInfo, type Server } from 'node:net'
import type { Test } from 'tap'
import { certificateFor } from './certificate.ts'
import type { Seen } from './server.ts'

export interface Front {
  /** For `io.environment`. */
  readonly environment: Readonly<Record<string, string>>
  /** The certificate that the hosts show. */
  readonly trust: string
  readonly seen: readonly (Seen & { readonly host: string })[]
  /** The hosts that the proxy was asked to reach. */
  readonly reached: ReadonlySet<string>
  /** Comes before the registry; true when it has answered itself. */
  trouble: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
  /** How often a token is good for. */
  uses: number
  /** The most tags on one page; a list from behind is cut into such pages, as the world's registries do it. */
  pageSize: number
  /** The proxy lets nothing through. */
  closed: boolean
}

const realms: Readonly<Record<string, string>> = { 'ghcr.io': 'https://ghcr.io/token', 'registry-1.docker.io': 'https://auth.docker.io/token' }

/** Starts the front before a registry: a function of requests, or the URL of one. */
export async function startFront(t: Test, behind: RequestListener | URL): Promise<Front> {
  const { key, cert } = certificateFor([...Object.keys(realms), 'auth.docker.io'])
  const seen: (Seen & { readonly host: string })[] = []
  const reached = new Set<string>()
  const tokens = new Map<string, { readonly scope: string; left: number }>()
  const front: Front = { environment: {}, trust: cert, seen, reached, trouble: undefined, uses: Infinity, pageSize: Infinity, closed: false }
  const registry = createHttps({ key, cert }, (request, response) => {
    const host = request.headers.host!
    seen.push({ host, method: request.method!, url: request.url!, authorization: request.headers.authorization })
    if (front.trouble?.(request, response)) return
    const url = new URL(request.url!, `https://${host}`)
    if (realms[host] === `https://${host}/token` && url.pathname === '/token' || host === 'auth.docker.io') {
      const token = `token-${tokens.size + 1}`
      tokens.set(`Bearer ${token}`, { scope: url.searchParams.get('scope') ?? '', left: front.uses })
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ token, expires_in: 300 }))
      return
    }
    const repository = /^\/v2\/(.+)\/(?:tags|manifests|blobs)\//.exec(url.pathname)?.[1] ?? ''
    const token = tokens.get(request.headers.authorization ?? '')
    if (!token || token.scope !== `repository:${repository}:pull` || (token.left -= 1) < 0) {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${realms[host]}",service="${host}",scope="repository:${repository}:pull"` }).end()
      return
    }
    if (behind instanceof URL && url.pathname.endsWith('/tags/list') && front.pageSize < Infinity) void page(url, response, behind, front.pageSize)
    else if (behind instanceof URL) pass(request, response, behind)
    else behind(request, response)
  })
  const proxy = createHttp((_, response) => { response.writeHead(405).end() })
  proxy.on('connect', (request, socket) => {
    reached.add(request.url!)
    if (front.closed) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
      return
    }
    const other = connect(port(registry), '127.0.0.1', () => { socket.write('HTTP/1.1 200 OK\r\n\r\n') })
    other.pipe(socket).pipe(other)
    for (const one of [other, socket]) one.on('error', () => { other.destroy(); socket.destroy() })
  })
  for (const server of [registry, proxy]) {
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
    t.teardown(() => { server.closeAllConnections(); server.close() })
  }
  return Object.assign(front, { environment: { HTTPS_PROXY: `http://127.0.0.1:${port(proxy)}` } })
}

function port(server: Server): number {
  return (server.address() as AddressInfo).port
}

function pass(request: IncomingMessage, response: ServerResponse, { hostname, port: at }: URL): void {
  const { authorization: _token, host: _host, ...headers } = request.headers
  const onward = httpRequest({ hostname, port: at, method: request.method, path: request.url, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => { response.writeHead(502).end() })
  onward.end()
}

/** One page of the whole list that the registry behind gives: that one knows no pages. */
async function page(url: URL, response: ServerResponse, behind: URL, size: number): Promise<void> {
  const whole = await (await fetch(new URL(url.pathname, behind))).json() as { readonly name: string; readonly tags: readonly string[] }
  const sorted = [...whole.tags].sort()
  const begin = sorted.indexOf(url.searchParams.get('last') ?? '') + 1
  const tags = sorted.slice(begin, begin + Math.min(size, Number(url.searchParams.get('n') ?? size)))
  const more = begin + tags.length < sorted.length
  response.writeHead(200, { 'content-type': 'application/json', ...(more && { link: `<${url.pathname}?last=${tags.at(-1)!}&n=${size}>; rel="next"` }) })
  response.end(JSON.stringify({ name: whole.name, tags }))
}
