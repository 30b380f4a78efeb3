/** How a stack is watched, and who is told. Types only. */

/** Who is told of alerts. Secrets stand in `secrets/`, under the name that the kind has for them. */
export type Receiver =
  | { readonly kind: 'webhook' | 'slack' | 'pagerduty' }
  | { readonly kind: 'telegram'; readonly chat: number }
  | { readonly kind: 'email'; readonly to: string; readonly from: string; readonly host: string; readonly port: number; readonly user?: string }

/** How the stack is watched: by a Prometheus outside of it, or by its own. */
export interface Monitoring {
  readonly mode: 'metrics' | 'full'
  /** False until the signer has its seat: then its absence is no alarm. */
  readonly registered: boolean
  /** The port of 127.0.0.1 on which the metrics are read from outside. */
  readonly port?: number
  readonly runbookUrl?: string
  /** Ports of 127.0.0.1. */
  readonly ports: { readonly prometheus: number; readonly alertmanager: number; readonly grafana: number }
  readonly retentionDays: number
  readonly receivers: readonly Receiver[]
}
