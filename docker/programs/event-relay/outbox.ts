/** The events that wait for one observer, in their order and in bounded memory. */

import { ask } from '../shared/http.ts'
import { pause, type Io } from '../shared/program.ts'

export interface Observer {
  /** HOST:PORT. */
  readonly endpoint: string
  readonly timeoutMs: number
  /** Whether an event is sent again until it is taken, as the node does. Without it an event that is not taken is lost. */
  readonly retries: boolean
}

interface Event { readonly path: string; readonly body: Buffer; readonly size: number }

/** What an event takes besides its body, with room: many small ones must not take more memory than a few large ones. */
const overhead = 1024
const firstPause = 100

export class Outbox {
  readonly #observer: Observer
  readonly #most: number
  readonly #io: Pick<Io, 'say' | 'warn' | 'stop'>
  readonly #waiting: Event[] = []
  #size = 0
  #lost = 0
  #isFailing = false
  #arrived = () => {}

  /** `most` is in bytes. */
  constructor(observer: Observer, most: number, io: Pick<Io, 'say' | 'warn' | 'stop'>) {
    this.#observer = observer
    this.#most = most
    this.#io = io
  }

  add(path: string, body: Buffer): void {
    const size = body.length + overhead
    if (this.#size + size > this.#most) {
      this.lose(`${this.#waiting.length} events wait for it, and there is no room for another`)
      return
    }
    this.#waiting.push({ path, body, size })
    this.#size += size
    this.#arrived()
  }

  /** Counts an event that is lost; the first since the observer took one is told. */
  lose(why: string): void {
    if (this.#lost === 0) this.#io.warn(`event-relay: ${this.#observer.endpoint}: ${why}: events are lost`)
    this.#lost += 1
  }

  /** Sends one event after the other, until the program is told to stop. */
  async deliver(): Promise<void> {
    const { stop } = this.#io
    let wait = firstPause
    stop.addEventListener('abort', () => { this.#arrived() })
    while (!stop.aborted) {
      const event = this.#waiting[0]
      if (!event) {
        await new Promise<void>((resolve) => { this.#arrived = resolve })
        continue
      }
      const failure = await this.#send(event)
      if (stop.aborted) break
      if (failure !== undefined && this.#observer.retries) {
        this.#fails(failure)
        await pause(wait, stop)
        // At most three times the timeout, as the node does.
        wait = Math.min(wait * 2, this.#observer.timeoutMs * 3)
        continue
      }
      this.#waiting.shift()
      this.#size -= event.size
      wait = firstPause
      if (failure === undefined) this.#succeeds()
      else this.lose(failure)
    }
    if (this.#waiting.length > 0) this.#io.warn(`event-relay: ${this.#observer.endpoint}: ${this.#waiting.length} events that wait for it are lost with this stop`)
  }

  /** Why the observer did not take it. */
  async #send({ path, body }: Event): Promise<string | undefined> {
    const { endpoint, timeoutMs: within } = this.#observer
    try {
      const { status } = await ask(`http://${endpoint}${path}`, { within, most: 1 << 20, body, headers: { 'Content-Type': 'application/json', 'Content-Length': String(body.length) }, stop: this.#io.stop })
      return status >= 200 && status < 300 ? undefined : `it answers with ${status}`
    } catch (error) {
      return (error as Error).name === 'AbortError' || (error as Error).name === 'TimeoutError' ? `no answer within ${within} ms` : (error as Error).message
    }
  }

  #fails(failure: string): void {
    if (!this.#isFailing) this.#io.warn(`event-relay: ${this.#observer.endpoint}: ${failure}; its events wait`)
    this.#isFailing = true
  }

  #succeeds(): void {
    if (this.#isFailing || this.#lost > 0) this.#io.say(`event-relay: ${this.#observer.endpoint} takes events again; ${this.#lost} were lost, ${this.#waiting.length} wait`)
    this.#isFailing = false
    this.#lost = 0
  }
}
