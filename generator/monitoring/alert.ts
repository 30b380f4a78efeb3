/** What an alert is made of. */

/** What must be there for an alert to make sense: a job that is scraped, or a fact about the stack. */
export type Need = 'signer' | 'node' | 'bitcoin' | 'heartbeat' | 'host' | 'certificates' | 'backup' | 'releases' | 'identity' | 'registered' | 'mainnet' | 'snapshot' | 'sbtcBackup'

/** What an alert is about; one that is deeper keeps those above it silent. */
export type Concern = 'signer' | 'node' | 'bitcoin' | 'host' | 'link' | 'backup' | 'releases' | 'monitoring'

/** page: someone gets up. warn: someone looks today. note: someone reads it. */
export type Severity = 'page' | 'warn' | 'note'

export interface Alert {
  readonly name: string
  readonly needs: readonly Need[]
  /** Not where these are there: a better row takes its place. */
  readonly without?: readonly Need[]
  /** PromQL; names of metrics are those of metrics.ts, without the labels of the stack. */
  readonly expr: string
  /** How long it must hold, in Prometheus' notation. */
  readonly for: string
  readonly severity: Severity
  readonly concerns: Concern
  /** While it fires, alerts about these are not sent. */
  readonly silences?: readonly Concern[]
  /** One line, for a telephone's screen. */
  readonly summary: string
  /** A sentence or two; may hold Prometheus' templates. */
  readonly description: string
}

/** The anchor of the alert's section in RUNBOOK.md, whose heading is its name. */
export function anchor(name: string): string {
  return name.toLowerCase()
}
