/**
 * The world's registries on this machine: a proxy that leads every host to one TLS server, which hands out tokens as
 * Docker Hub and ghcr.io do and asks a registry behind it. What is tested need not know that it is not outside.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttp, request as httpRequest, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { connect, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
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
}

const realms: Readonly<Record<string, string>> = { 'ghcr.io': 'https://ghcr.io/token', 'registry-1.docker.io': 'https://auth.docker.io/token' }

/** Starts the front before a registry: a function of requests, or the URL of one. */
export async function startFront(t: Test, behind: RequestListener | URL): Promise<Front> {
  const { key, cert } = certificate()
  const seen: (Seen & { readonly host: string })[] = []
  const reached = new Set<string>()
  const tokens = new Map<string, { readonly scope: string; left: number }>()
  const front: Front = { environment: {}, trust: cert, seen, reached, trouble: undefined, uses: Infinity }
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
    if (behind instanceof URL) pass(request, response, behind)
    else behind(request, response)
  })
  const proxy = createHttp((_, response) => { response.writeHead(405).end() })
  proxy.on('connect', (request, socket) => {
    reached.add(request.url!)
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

/** A certificate for the hosts that are played. */
function certificate(): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'stack-test-cert-'))
  try {
    const hosts = [...Object.keys(realms), 'auth.docker.io'].map((host) => `DNS:${host}`).join(',')
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=registries of a test',
      '-addext', `subjectAltName=${hosts}`, '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { encoding: 'utf8' })
    if (made.status !== 0) throw new Error(`openssl: ${made.error?.message ?? made.stderr}`)
    return { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(join(folder, 'cert.pem'), 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
