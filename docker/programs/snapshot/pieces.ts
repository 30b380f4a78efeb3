/** Which pieces of the archive are here, and which connection fetches which of the rest. */

import { EventEmitter } from 'node:events'

const free = 0, underWay = 1, here = 2
/** An idle connection has a piece begun anew that takes longer than this, in milliseconds, and than four times the others. */
const late = 5000

/** A part of the archive, from byte `start` up to `end`. */
export interface Piece {
  readonly index: number
  readonly start: number
  readonly end: number
  readonly since: number
  /** Ends the connection that fetches it. */
  readonly cancel: AbortController
}

/** The length of a piece, a power of two: of a small archive too there are enough to share out, and each is worth a request. */
export function pieceLength(size: number, longest = 32 << 20): number {
  let length = longest
  while (length > 16384 && size < 512 * length) length /= 2
  return length
}

export class Pieces extends EventEmitter {
  /** How many bytes are here, and how many pieces from the beginning without a gap. */
  bytes = 0
  prefix = 0
  /** A number other than 0 for each piece that was here at the start. */
  readonly known: Uint8Array
  readonly #size: number
  readonly #length: number
  readonly #states: Uint8Array
  readonly #window: number
  readonly #running = new Set<Piece>()
  readonly #begunAnew = new Set<number>()
  #used = 0
  #fetched = { pieces: 0, milliseconds: 0 }

  /** No piece is begun `window` pieces or more after the first that is not used up. */
  constructor(size: number, length: number, known: Uint8Array, window = Infinity) {
    super()
    this.setMaxListeners(0)
    this.known = known
    this.#size = size
    this.#length = length
    this.#states = known.map((one) => (one === 0 ? free : here))
    this.#window = window
    this.bytes = bytesOf(size, length, known)
    this.#advance()
  }

  get complete(): boolean {
    return this.prefix === this.#states.length
  }

  /** The next piece to fetch, which no other caller gets; undefined when none is left. */
  async take(stop: AbortSignal): Promise<Piece | undefined> {
    while (!this.complete) {
      const index = this.#states.indexOf(free, this.prefix)
      if (index >= 0 && index < this.#used + this.#window) {
        this.#states[index] = underWay
        const start = index * this.#length
        const piece = { index, start, end: Math.min(start + this.#length, this.#size), since: performance.now(), cancel: new AbortController() }
        this.#running.add(piece)
        return piece
      }
      this.#endLate()
      await this.#changed()
      stop.throwIfAborted()
    }
    return undefined
  }

  finish(piece: Piece): void {
    this.#running.delete(piece)
    this.#states[piece.index] = here
    this.bytes += piece.end - piece.start
    this.#fetched = { pieces: this.#fetched.pieces + 1, milliseconds: this.#fetched.milliseconds + performance.now() - piece.since }
    this.#advance()
  }

  /** The piece is free again, unless it is finished. */
  giveBack(piece: Piece): void {
    if (!this.#running.delete(piece)) return
    this.#states[piece.index] = free
    this.emit('change')
  }

  /** What lies before byte `position` is used up. Returns up to where the bytes after it are here, which it waits for. */
  async waitPast(position: number, stop: AbortSignal): Promise<number> {
    this.#used = Math.floor(position / this.#length)
    this.emit('change')
    while (this.prefix * this.#length <= position && !this.complete) {
      await this.#changed()
      stop.throwIfAborted()
    }
    return Math.min(this.prefix * this.#length, this.#size)
  }

  #advance(): void {
    while (this.#states[this.prefix] === here) this.prefix += 1
    this.emit('change')
  }

  /** Once for a piece: where all are slow, one would never be done. */
  #endLate(): void {
    const [oldest] = this.#running
    const { pieces, milliseconds } = this.#fetched
    if (!oldest || this.#begunAnew.has(oldest.index) || performance.now() - oldest.since < Math.max(late, (4 * milliseconds) / pieces)) return
    this.#begunAnew.add(oldest.index)
    oldest.cancel.abort()
  }

  /** Callers that wait look again at each event `change`. */
  #changed(): Promise<void> {
    return new Promise((resolve) => { this.once('change', resolve) })
  }
}

/** How many bytes of an archive the pieces have that are not 0 in `states`. */
export function bytesOf(size: number, length: number, states: Uint8Array): number {
  const absent = states.reduce((sum, state, index) => (state === 0 ? sum + Math.min(length, size - index * length) : sum), 0)
  return size - absent
}
