/** Delivery to the observers: a queue on disk, and no event after one that has not arrived. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { showAddress } from '../shared/address.ts'
import { call, parseJson, type Answer } from '../shared/http.ts'
import { reason, type Log } from '../shared/log.ts'
import { isTableList, stringOf } from '../shared/toml.ts'
import { traceEvent } from '../shared/trace.ts'
import type { Observer } from './config.ts'

export type EventPath = '/new_burn_block' | '/new_block' | '/stackerdb_chunks' | '/proposal_response'

interface Pending { readonly endpoint: string; readonly path: string; readonly body: string }

export interface Dispatcher {
  /** Sends what an earlier run left, for as long as that takes. */
  readonly drain: () => Promise<void>
  /** Resolves when every observer that wants the event has taken it: never, while one is away. */
  readonly send: (path: EventPath, body: object) => Promise<void>
  readonly wanted: (path: EventPath) => boolean
}

/** The key that an observer must have for an event; every observer gets those without. */
const keys: Readonly<Record<EventPath, readonly string[]>> = {
  '/new_burn_block': ['burn_blocks', '*'], '/new_block': [], '/stackerdb_chunks': ['stackerdb'], '/proposal_response': ['block_proposal'],
}
const contentTypes = ['application/json', 'text/plain', 'application/octet-stream']

/** `queueFile` is where the real node has its SQLite file; here it holds JSON. */
export function dispatcher(observers: readonly Observer[], queueFile: string, log: Log): Dispatcher {
  let pending = readQueue(queueFile)
  const store = (next: readonly Pending[]) => {
    pending = next
    writeFileSync(queueFile, JSON.stringify(pending))
  }
  const wants = (observer: Observer, path: EventPath) => keys[path].length === 0 || keys[path].some((key) => observer.keys.includes(key))
  const deliver = async (observer: Observer, one: Pending) => {
    for (let pause = 100; ; pause = Math.min(pause * 2, observer.timeoutMs * 3)) {
      const failure = await attempt(observer, one.path, one.body)
      if (failure === undefined) traceEvent(log, 'sent', one.path, one.body)
      if (failure === undefined || observer.disableRetries) break
      log('WARN', `Event dispatcher: connection or request failed to ${showAddress(observer.endpoint)} - ${failure}; retrying`)
      await sleep(pause + Math.floor(Math.random() * 50))
    }
    store(pending.filter((other) => other !== one))
  }
  return {
    drain: async () => {
      // Events for observers that are configured no longer are dropped.
      store(pending.filter(({ endpoint }) => observers.some((one) => showAddress(one.endpoint) === endpoint)))
      log('INFO', `Event dispatcher: processing ${pending.length} pending payloads`)
      for (const one of pending) await deliver(observers.find(({ endpoint }) => showAddress(endpoint) === one.endpoint)!, one)
    },
    send: async (path, body) => {
      for (const observer of observers.filter((one) => wants(one, path))) {
        const one: Pending = { endpoint: showAddress(observer.endpoint), path, body: JSON.stringify(body) }
        store([...pending, one])
        await deliver(observer, one)
      }
    },
    wanted: (path) => observers.some((one) => wants(one, path)),
  }
}

/** Why an observer has not taken an event; undefined when it has. The name is resolved anew each time. */
async function attempt({ endpoint, timeoutMs }: Observer, path: string, body: string): Promise<string | undefined> {
  try {
    return answerProblem(await call(endpoint, { method: 'POST', path, body, headers: { 'Content-Type': 'application/json' }, timeoutMs }))
  } catch (thrown) {
    return reason(thrown)
  }
}

/** What the node's own HTTP client refuses in an answer. */
export function answerProblem({ status, rawHeaders }: Answer): string | undefined {
  const headers = rawHeaders.flatMap((text, at) => at % 2 === 0 ? [[text.toLowerCase(), rawHeaders[at + 1]!.toLowerCase()] as const] : [])
  const value = (name: string) => headers.find(([one]) => one === name)?.[1]
  if (status !== 200) return `status ${status}`
  if (new Set(headers.map(([name]) => name)).size !== headers.length) return 'duplicate header'
  const chunked = value('transfer-encoding') === 'chunked'
  if ((value('content-length') !== undefined) === chunked) return 'neither Content-Length nor chunked, or both'
  if (!['close', 'keep-alive', undefined].includes(value('connection'))) return 'bad Connection'
  const type = value('content-type')
  return type !== undefined && !contentTypes.includes(type.split(';')[0]!) ? 'bad Content-Type' : undefined
}

function readQueue(file: string): readonly Pending[] {
  const stored = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined
  return (isTableList(stored) ? stored : []).map((one) => ({
    endpoint: stringOf(one, 'endpoint') ?? '', path: stringOf(one, 'path') ?? '', body: stringOf(one, 'body') ?? '',
  }))
}
