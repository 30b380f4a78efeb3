/**
 * Whether somebody else signs with this key, told from one look at the node after another. No disk and no network in here; the
 * clock and the dice are given.
 *
 * A signing interval is the time in which most of the other signers, by weight, have written, and one or two minutes at least.
 * They answer each block, and write their state at each Bitcoin block, so intervals pass where the Stacks chain stands still.
 * A second instance of this signer would have written too, and its slots would have risen. The first interval only lets an old
 * state arrive: a slot may rise in it, because the node has still to fetch what was written before.
 *
 * Two instances that watch at the same time hear nothing of each other. So the number of intervals and their length are random,
 * and an instance that has passed continues to compare until its own signer has written. If a slot rises meanwhile to a version
 * that the signer's own database does not know, another instance has written it.
 */

import type { GuardState } from '../../../generator/catalogue/container.ts'
import { dice as realDice, type Dice } from './dice.ts'
import { share, type Look, type Slot, type Versions } from './look.ts'

/** Seconds that a signing interval lasts at least; a random one lasts up to twice as long. */
export const shortest = 60
/** As many intervals as are asked for, and up to so many more. */
export const most = 5
/** How many looks in a row must say that there is no seat. */
const sure = 3
/** How many looks in a row must say that a slot is not this signer's doing: its database follows the slot by the time that the node's answer takes. */
export const twice = 2
/** Intervals that are compared after the signer's own first write. */
const after = 2

export interface Receipt {
  readonly cycle: bigint
  /** Versions by contract. */
  readonly slots: Readonly<Record<string, bigint>>
}

export interface Course {
  readonly intervals?: number
  /** Up to so many more intervals; 0 where the other host is known to be off. */
  readonly more?: number
  /** Seconds that an interval lasts at least. */
  readonly shortest?: number
  /** What the other host's token says of the slots. */
  readonly receipt?: Receipt | undefined
  /** The signer may run already, and what it does is compared. */
  readonly started?: boolean
  /** What this signer had written, by slot number, before the machine was started anew; nothing may have gone beyond. */
  readonly before?: ReadonlyMap<number, bigint> | undefined
  readonly dice?: Dice
}

export interface Told {
  readonly state: Extract<GuardState, 'watching' | 'passed' | 'refused'>
  readonly words: string
}

export class Watch {
  /** Whether the signer may run. */
  started: boolean
  /** Whether everything was seen. */
  done = false
  readonly #intervals: number
  readonly #shortest: number
  readonly #random: boolean
  readonly #receipt: Receipt | undefined
  readonly #before: ReadonlyMap<number, bigint> | undefined
  readonly #dice: Dice
  #cycle: bigint | undefined
  /** The versions of its own slots by their keys, as far as they are known to be right. */
  #known = new Map<string, bigint>()
  #interval = 0
  /** Of the present interval: when it began and how long it lasts at least, the Bitcoin block then, and what the others had written. */
  #since = 0
  #lasts = 0
  #burn = 0n
  #start = new Map<number, Versions>()
  #unseated = 0
  #strange = 0
  #passed = 'cleared before'
  /** The interval in which the signer itself has written first. */
  #wrote: number | undefined

  constructor({ intervals = 2, more = most, shortest: least = shortest, receipt, started = false, before, dice = realDice }: Course = {}) {
    this.#dice = dice
    this.#intervals = intervals + dice.whole(more)
    this.#random = more > 0
    this.#shortest = least
    this.#receipt = receipt
    this.started = started
    this.#before = before
  }

  /**
   * `now` is in seconds. `written` is what the signer's own database says of its last version by slot number; undefined where it
   * cannot say. To be called on after passed, until `done`.
   */
  see(look: Look, now: number, written?: ReadonlyMap<number, bigint>): Told {
    if (look.seats.size === 0) return this.#seeNoSeat(look)
    this.#settle(look, now)
    const told = this.started ? undefined : this.#compareReceipt(look) ?? this.#compareBefore(look)
    if (told) return told
    const fell = look.own.find((slot) => slot.version < this.#knownOf(slot))
    if (fell) return this.#beginAnew(look, fell, now)
    const rose = this.#interval === 0 ? [] : look.own.filter((slot) => slot.version > this.#knownOf(slot))
    const foreign = rose.filter((slot) => !this.#isOwn(slot, written))
    this.#strange = foreign.length > 0 ? this.#strange + 1 : 0
    if (foreign[0] && (!this.started || this.#strange >= twice)) {
      const why = this.started ? 'which the signer here has not written' : 'while the signer here is off'
      return refused(foreign[0], `went from version ${this.#knownOf(foreign[0])} to ${foreign[0].version} ${why}: another instance runs with this key`)
    }
    if (rose.length > 0 && foreign.length === 0) this.#wrote ??= this.#interval
    for (const slot of look.own) if (!foreign.includes(slot)) this.#known.set(slot.key, slot.version)
    return this.#progress(look, now, written)
  }

  #seeNoSeat(look: Look): Told {
    this.#unseated++
    if (this.#unseated < sure && !this.started) return { state: 'watching', words: `the signer has no seat in cycle ${look.cycle} or the next: looking once more` }
    // Cleared, but not for ever: with a seat begins what there is to compare.
    this.started = true
    this.#cycle = undefined
    this.#known = new Map()
    this.#wrote = undefined
    return { state: 'passed', words: `not registered for cycle ${look.cycle} or the next: it has no slots that another instance could write` }
  }

  /** Takes up slots that are new, and forgets those that are gone. A cycle that begins does not begin the watch anew. */
  #settle(look: Look, now: number): void {
    this.#known = new Map(look.own.map(({ key, version }) => [key, this.#known.get(key) ?? version]))
    // What runs since there was no seat is compared from its first slot on.
    if (this.#cycle === undefined) this.#begin(this.started && this.#unseated > 0 ? 1 : 0, look, now)
    else if (look.cycle !== this.#cycle) this.#markStart(look)
    this.#cycle = look.cycle
    this.#unseated = 0
  }

  #begin(interval: number, look: Look, now: number): void {
    this.#interval = interval
    this.#since = now
    this.#lasts = this.#random ? this.#dice.between(this.#shortest, 2 * this.#shortest) : this.#shortest
    this.#markStart(look)
  }

  #markStart(look: Look): void {
    this.#burn = look.burn
    this.#start = new Map(look.others)
  }

  #beginAnew(look: Look, fell: Slot, now: number): Told {
    const was = this.#knownOf(fell)
    this.#known = new Map(look.own.map(({ key, version }) => [key, version]))
    this.#wrote = undefined
    this.#begin(0, look, now)
    return this.#say(`${nameOf(fell)} fell from version ${was} to ${fell.version}: the node has lost some, watching again`)
  }

  #knownOf({ key, version }: Slot): bigint {
    return this.#known.get(key) ?? version
  }

  #isOwn({ seat, version }: Slot, written: ReadonlyMap<number, bigint> | undefined): boolean {
    return this.started && (written === undefined || version <= (written.get(seat) ?? -1n))
  }

  #compareReceipt(look: Look): Told | undefined {
    for (const [contract, version] of Object.entries(this.#receipt?.slots ?? {})) {
      const slot = look.own.find((each) => each.cycle === this.#receipt?.cycle && each.contract === contract)
      if (slot && slot.version > version) {
        return refused(slot, `was at version ${version} when the other host was demoted, and is at ${slot.version} now: an instance still runs with this key`)
      }
      if (slot && slot.version < version) {
        return { state: 'watching', words: `${nameOf(slot)} is at version ${slot.version} here, the other host has written ${version}: waiting for it to arrive` }
      }
    }
    return undefined
  }

  #compareBefore(look: Look): Told | undefined {
    // One write may have been on its way when the power went.
    const beyond = look.own.find(({ seat, version }) => version > (this.#before?.get(seat) ?? version) + 1n)
    return beyond && refused(beyond, `is at version ${beyond.version}, and this host has written ${this.#before?.get(beyond.seat)} before it went off: another instance runs with this key`)
  }

  #progress(look: Look, now: number, written: ReadonlyMap<number, bigint> | undefined): Told {
    const { moved, total } = share(look.others, this.#start)
    if (this.started && (written === undefined || (this.#wrote !== undefined && this.#interval > this.#wrote + after))) this.done = true
    // Alone in its set, it can only be told from Bitcoin's blocks: a signer writes its state at each.
    const enough = total > 0n ? 2n * moved > total : look.burn > this.#burn
    if (enough && now - this.#since >= this.#lasts) {
      this.#begin(this.#interval + 1, look, now)
      if (this.#interval > this.#intervals && !this.started) this.#pass(look)
    }
    const others = total > 0n ? `${100n * moved / total} % of the other signers have written` : 'alone in its set, waiting for a Bitcoin block'
    const phase = this.#interval > 0 ? `signing interval ${this.#interval} of ${this.#intervals}` : 'earlier writes may still arrive'
    return this.#say(`watching its own slots, ${phase}: ${others}`)
  }

  #pass(look: Look): void {
    this.started = true
    const slots = look.own.toSorted((a, b) => Number(a.cycle - b.cycle) || (a.contract < b.contract ? -1 : 1)).map(({ contract, version }) => `${contract} ${version}`)
    const limit = look.seats.has(look.cycle) ? '' : '; its seat is only in the next cycle'
    this.#passed = `no instance wrote its slots in ${this.#intervals} signing intervals (cycle ${look.cycle}: ${slots.join(', ')})${limit}`
  }

  #say(watching: string): Told {
    if (!this.started) return { state: 'watching', words: watching }
    return { state: 'passed', words: `${this.#passed}${this.done ? '' : '; its slots are compared until it has written itself'}` }
  }
}

function refused(slot: Slot, words: string): Told {
  return { state: 'refused', words: `${nameOf(slot)} ${words}` }
}

function nameOf({ seat, contract, cycle }: Slot): string {
  return `slot ${seat} of ${contract} (cycle ${cycle})`
}
