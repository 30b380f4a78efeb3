/** How many connections there are at a time, and how long they rest after a failure. */

import { pause } from '../shared/program.ts'
import { OperatorError, RetryableError, messageOf } from './errors.ts'
import { duration } from './progress.ts'

const longestRest = 60_000
/** Without a failure for so long, a server that was too busy is given one connection more. */
const calm = 30_000
const sayAgain = 10_000

export class ConnectionLimiter {
  readonly connections: number
  readonly #patience: number
  readonly #say: (line: string) => void
  readonly #failures = new Map<number, number>()
  #allowed: number
  #allRestUntil = 0
  #calmSince = 0
  #said = { kind: '', at: 0 }

  constructor(connections: number, patience: number, say: (line: string) => void) {
    this.connections = this.#allowed = connections
    this.#patience = patience
    this.#say = say
  }

  /** Waits until connection `number` may go on. Throws the reason of `stop` once it is over for all. */
  async ready(number: number, stop: AbortSignal): Promise<void> {
    while (number >= this.#allowed || performance.now() < this.#allRestUntil) await pause(Math.min(1000, this.#patience), stop).then(() => { stop.throwIfAborted() })
    stop.throwIfAborted()
  }

  succeeded(number: number): void {
    this.#failures.delete(number)
    if (this.#allowed === this.connections || performance.now() - this.#calmSince < calm) return
    this.#allowed += 1
    this.#calmSince = performance.now()
  }

  /** Rests, the longer the more often it has failed. After an answer like "too many requests" all rest, and half of them stay. */
  async failed(number: number, error: unknown, stop: AbortSignal): Promise<void> {
    if (!(error instanceof RetryableError || error instanceof OperatorError)) throw error
    const now = this.#calmSince = performance.now()
    const failures = (this.#failures.get(number) ?? 0) + 1
    this.#failures.set(number, failures)
    let rest = error instanceof OperatorError ? this.#patience : Math.min(1000 * 2 ** (failures - 1), longestRest, this.#patience)
    if (error instanceof RetryableError) rest = Math.max(rest, 1000 * error.after)
    if (error instanceof RetryableError && error.crowded) {
      // Answers to requests that were under way together count once.
      if (now >= this.#allRestUntil) this.#allowed = Math.max(1, Math.floor(this.#allowed / 2))
      this.#allRestUntil = Math.max(this.#allRestUntil, now + rest)
    }
    const kind = messageOf(error).replaceAll(/\d+/g, '')
    if (this.#said.kind !== kind || now - this.#said.at >= sayAgain) {
      this.#said = { kind, at: now }
      const many = this.#allowed < this.connections ? ` with ${this.#allowed} of ${this.connections} connections` : ''
      this.#say(`${messageOf(error)}; next try in ${duration(rest)}${many}`)
    }
    await pause(rest, stop)
  }
}
