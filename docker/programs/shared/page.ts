/** Gauges as Prometheus reads them. */

import Gauge from 'prom-client/lib/gauge.js'
import Registry from 'prom-client/lib/registry.js'
import type { OwnMetric } from '../../../generator/monitoring/metrics.ts'

export class Page {
  readonly #registry = new Registry()
  readonly #gauges = new Map<OwnMetric, Gauge>()

  /** Leaves out a value that is not known, or is not a number: a wrong zero is worse than no number. */
  gauge(name: OwnMetric, help: string, value: unknown, labels: Readonly<Record<string, string>> = {}): void {
    if (typeof value !== 'number' || !Number.isFinite(value)) return
    const known = this.#gauges.get(name) ?? new Gauge({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] })
    this.#gauges.set(name, known)
    known.set(labels, value)
  }

  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
