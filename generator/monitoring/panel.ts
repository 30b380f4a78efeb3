/** A panel of a dashboard, as data. */

import type { Need } from './alert.ts'

export interface Query {
  /** PromQL; names of metrics are those of metrics.ts, without the labels of the stack. */
  readonly expr: string
  /** What a line is called; may hold `{{label}}`. */
  readonly legend: string
}

export interface Panel {
  readonly title: string
  /** What it shows, and what is right. */
  readonly description: string
  readonly kind: 'number' | 'graph' | 'table'
  /** A unit of Grafana's: short, percentunit, s, bytes, dtdurations. */
  readonly unit: string
  /** In twelfths of the dashboard's width. */
  readonly width: 3 | 4 | 6 | 12
  readonly needs: readonly Need[]
  readonly queries: readonly Query[]
  /** Values from which a number is yellow, then red; `low` where small ones are the bad ones. */
  readonly limits?: { readonly warn: number; readonly bad: number; readonly low?: true }
}
