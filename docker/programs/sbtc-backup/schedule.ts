/** When the next dump is due, whatever the clock does, and when a failed step is tried again. Times are seconds. */

const [day, hour] = [86_400, 3600]
/** A clock that is put right moves by less; one that moved by more has jumped. */
const jump = 300

export interface Moment {
  /** Hour and minute of the daily dump in UTC. */
  readonly at: string
  /** By the clock. */
  readonly now: number
  /** When the last dump was made, by the clock. */
  readonly last: number | undefined
  /** How long ago that was by a timer that no clock changes, where this process has made it. */
  readonly since: number | undefined
  /** The newest verified key of the database. */
  readonly key: string | undefined
  /** The verified keys of the newest dump. */
  readonly dumped: readonly unknown[]
}

/** The reason for a dump; '' where none is due. */
export function whyDue({ at, now, last, since, key, dumped }: Moment): string {
  if (last === undefined) return 'first'
  if (key !== undefined && !dumped.includes(key)) return 'new-key'
  if (last > now + jump) return 'clock'
  return last < slotBefore(at, now) || (since !== undefined && since >= 26 * hour) ? 'daily' : ''
}

/** The last moment at which a daily dump was to begin. */
function slotBefore(at: string, now: number): number {
  const [hours = 0, minutes = 0] = at.split(':').map(Number)
  const today = now - now % day + hours * hour + minutes * 60
  return today <= now ? today : today - day
}

/**
 * What failed is tried again after `pause`, then after twice as long each time, but `longest` at most. Another reason,
 * such as a new key, waits for nothing and begins anew. Times are those of a timer that only goes on.
 */
export class Tries {
  readonly #pause: number
  readonly #longest: number
  #failures = 0
  #failed = 0
  #reason = ''

  constructor(pause: number, longest: number) {
    this.#pause = pause
    this.#longest = longest
  }

  waits(now: number): boolean {
    return this.#failures > 0 && now - this.#failed < Math.min(this.#pause * 2 ** (this.#failures - 1), this.#longest)
  }

  isDue(reason: string, now: number): boolean {
    return reason !== '' && !(this.waits(now) && reason === this.#reason)
  }

  ended(worked: boolean, reason: string, now: number): void {
    this.#failures = worked ? 0 : (reason === this.#reason ? this.#failures : 0) + 1
    this.#failed = now
    this.#reason = reason
  }
}
