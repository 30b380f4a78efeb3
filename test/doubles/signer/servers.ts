/** The signer's two ports: events from its node, and metrics. */

import type { RequestListener, ServerResponse } from 'node:http'
import { parseJson, readBody } from '../shared/http.ts'
import { reason, type Log } from '../shared/log.ts'
import { traceEvent } from '../shared/trace.ts'
import { compareVersions } from '../shared/version.ts'
import type { SignerConfig } from './config.ts'
import { eventProblem, isKnownEvent } from './events.ts'

interface EventPort {
  readonly release: string
  readonly log: Log
  readonly onEvent: (path: string, body: unknown) => void
  readonly onShutdown: () => void
}

/** Answers every POST with an empty 200, whatever its body: from 3.1.0.0.3.0 on before the body is even parsed. */
export function eventListener({ release, log, onEvent, onShutdown }: EventPort): RequestListener {
  const parsesFirst = compareVersions(release, '3.1.0.0.3.0') < 0
  return (request, response) => {
    const [path] = (request.url ?? '').split('?')
    if (path === '/status') {
      log('INFO', 'Signer status check requested: double')
      return reply(response, 200, 'OK')
    }
    if (request.method !== 'POST') {
      log('WARN', `malformed request: ${request.method} ${path}`)
      return reply(response, 500, '')
    }
    readBody(request).then((text) => {
      traceEvent(log, 'taken', path!, text)
      if (path === '/shutdown') {
        reply(response, 200, '')
        return onShutdown()
      }
      const body = parseJson(text)
      const problem = isKnownEvent(path!) ? eventProblem(path!, body, release) : undefined
      reply(response, problem !== undefined && parsesFirst ? 500 : 200, '')
      if (problem !== undefined) log('WARN', `Failed to decode ${path}: ${problem}`)
      else if (isKnownEvent(path!)) onEvent(path!, body)
    }).catch((thrown: unknown) => log('WARN', `event broke off: ${reason(thrown)}`))
  }
}

interface MetricsPort {
  readonly config: SignerConfig
  readonly release: string
  readonly text: () => string
  readonly ready: Promise<void>
  readonly heartbeat: () => Promise<boolean>
  /** After each answer: what the node says is asked then, when it has become old. */
  readonly asked: () => Promise<void>
}

let queue: Promise<unknown> = Promise.resolve()

/** The metrics port; it says nothing before `ready`, which is when the node was first asked. */
export function metricsListener({ config, release, text, ready, heartbeat, asked }: MetricsPort): RequestListener {
  return (request, response) => {
    // One thread: who asks while the node keeps it waiting waits as well.
    queue = queue.then(() => ready).then(async () => {
      switch (request.url) {
        case '/': return reply(response, 200, 'OK')
        case '/metrics': return reply(response, 200, text())
        case '/info': return reply(response, 200, JSON.stringify({
          signerPublicKey: config.identity.publicKey, network: config.network, stxAddress: config.identity.address, version: `stacks-signer ${release}`,
        }))
        case '/heartbeat': return await heartbeat() ? reply(response, 200, 'OK') : reply(response, 500, 'Failed')
        default: return reply(response, 404, 'Not Found')
      }
    }).then(asked).catch(() => response.destroy())
  }
}

function reply(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { ...(body !== '' && { 'Content-Type': 'text/plain; charset=UTF-8' }), 'Content-Length': Buffer.byteLength(body) }).end(body)
}
