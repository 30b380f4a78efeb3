/** One line that says how far a long run is, written over itself; only for terminals. */

import { printableLine } from '../printable.ts'

/** What the line needs of the world. */
export interface StatusDeps {
  readonly write: (text: string) => void
  readonly columns: () => number
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
  /** Calls once, after so many milliseconds; never keeps the process alive. */
  readonly later: (action: () => void, milliseconds: number) => void
}

export interface StatusLine {
  readonly say: (text: string) => void
  /** Takes the line away, before anything else is written to the terminal. */
  readonly clear: () => void
}

/** Whoever waits less than this needs no word. */
const patience = 1000
/** A line that changes more often is not read. */
const pace = 100

export function statusLine({ write, columns, now, later }: StatusDeps): StatusLine {
  const begun = now()
  let last = -Infinity
  let shown = false
  let wanted: string | undefined
  let waiting = false
  const show = (): void => {
    waiting = false
    if (wanted === undefined) return
    last = now()
    shown = true
    // One column stays free: a full line would make some terminals go to the next one.
    write(`\r\u001b[K${[...printableLine(wanted)].slice(0, Math.max(1, columns() - 1)).join('')}`)
  }
  return {
    say: (text) => {
      wanted = text
      const due = Math.max(begun + patience, last + pace) - now()
      if (due <= 0) show()
      else if (!waiting) {
        waiting = true
        later(show, due)
      }
    },
    clear: () => {
      wanted = undefined
      if (shown) write('\r\u001b[K')
      shown = false
    },
  }
}
