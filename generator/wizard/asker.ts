/** What the wizard needs of a terminal. A question that was left with Ctrl-C, Ctrl-D, Esc or a closed terminal gives undefined. */

import type { Readable, Writable } from 'node:stream'

/** Both ends of a terminal; tests put plain streams in their place. */
export interface Terminal {
  readonly input: Readable & { readonly setRawMode?: (on: boolean) => unknown }
  readonly output: Writable & { readonly columns?: number; readonly rows?: number }
}

export interface Asked {
  readonly title: string
  readonly why: string
}

export interface AskedText extends Asked {
  /** What an empty answer means. */
  readonly fallback?: string
  /** Why this cannot be the answer; undefined when it can. Gets the text without blanks around it. */
  readonly fault: (value: string) => string | undefined
}

export interface Choice {
  readonly value: string
  readonly label?: string
  /** Why it cannot be chosen. */
  readonly fault?: string
}

export interface AskedChoice extends Asked {
  readonly choices: readonly Choice[]
  readonly fallback: string
}

export interface Asker {
  /** How many characters a line may have. */
  readonly width: number
  readonly begin: (title: string, why: string) => void
  readonly show: (heading: string, lines: readonly string[]) => void
  readonly text: (asked: AskedText) => Promise<string | undefined>
  readonly choose: (asked: AskedChoice) => Promise<string | undefined>
  /** A text that is not shown; absent where it would be. */
  readonly hidden?: (asked: AskedText) => Promise<string | undefined>
  readonly confirm: (question: string) => Promise<boolean | undefined>
  readonly end: (text: string, how: 'done' | 'cancelled') => void
  /** Gives the terminal back as it was. */
  readonly close: () => void
}
