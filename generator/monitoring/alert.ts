/** What an alert is made of. */

/** What must be there for an alert to make sense: a job that is scraped, or a fact about the stack. */
export type Need = 'signer' | 'node' | 'bitcoin' | 'heartbeat' | 'host' | 'certificates' | 'backup' | 'releases' | 'identity' | 'registered' | 'mainnet' | 'snapshot' | 'sbtcBackup' | 'sbtc' | 'sbtcPair' | 'sbtcShared' | 'standby'

/** What an alert is about; one that is deeper keeps those above it silent. Two that silence each other would both not be told. */
export type Concern = 'signer' | 'node' | 'bitcoin' | 'host' | 'link' | 'backup' | 'releases' | 'monitoring' | 'sbtc' | 'sbtcDatabase' | 'sbtcNode' | 'sbtcBitcoin'

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

/**
 * `expr` only while the rest of the stack can be read: what is read through the service metrics is not away because that is. Until
 * MetricsDown fires, nothing else would keep such an alert back, and Alertmanager never tells the end of one kept back later.
 */
export function whileRead(expr: string, job: 'stack' | 'sbtc-stack' = 'stack'): string {
  return `${expr} unless on () up{job="${job}"} == 0`
}

/** The anchor of the alert's section in RUNBOOK.md, whose heading is its name. */
export function anchor(name: string): string {
  return name.toLowerCase()
}
