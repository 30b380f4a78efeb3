/** A section of the runbook, as data. */

import type { Need } from './alert.ts'

/** A step; one that only makes sense with something else present names it. */
export type Step = string | { readonly needs?: readonly Need[]; readonly without?: readonly Need[]; readonly text: string }

/** The section of an alert. Texts are Markdown, a sentence or two each. */
export interface Section {
  readonly name: string
  readonly means: string
  readonly check: readonly Step[]
  readonly remedy: readonly Step[]
}
