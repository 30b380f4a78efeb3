/** The dashboards: titles, panels and their queries, as data. */

import { hostPanels } from './host-panels.ts'
import type { Panel } from './panel.ts'
import { sbtcPanels } from './sbtc-panels.ts'
import { signerPanels } from './signer-panels.ts'

export interface Dashboard {
  /** Also the file's name. */
  readonly name: string
  readonly title: string
  readonly panels: readonly Panel[]
}

const alertPanels: readonly Panel[] = [
  { title: 'Firing', description: 'Alerts that fire now. None is right.', kind: 'number', unit: 'short', width: 3, needs: [], limits: { warn: 1, bad: 1 },
    queries: [{ expr: 'count(ALERTS{alertstate="firing"}) or vector(0)', legend: 'alerts' }] },
  { title: 'That page', description: 'Those of them that wake someone.', kind: 'number', unit: 'short', width: 3, needs: [], limits: { warn: 1, bad: 1 },
    queries: [{ expr: 'count(ALERTS{alertstate="firing",severity="page"}) or vector(0)', legend: 'alerts' }] },
  { title: 'Pending', description: 'Conditions that hold, but not yet for long enough.', kind: 'number', unit: 'short', width: 3, needs: [], limits: { warn: 1, bad: 100 },
    queries: [{ expr: 'count(ALERTS{alertstate="pending"}) or vector(0)', legend: 'alerts' }] },
  { title: 'Jobs that answer', description: 'Of everything that Prometheus reads.', kind: 'number', unit: 'percentunit', width: 3, needs: [], limits: { warn: 1, bad: 0.9, low: true },
    queries: [{ expr: 'avg(up)', legend: 'jobs' }] },
  { title: 'Alerts', description: 'What fires or is pending, and what it is about.', kind: 'table', unit: 'short', width: 12, needs: [],
    queries: [{ expr: 'max by (alertname, alertstate, severity, concerns, instance, mountpoint) (ALERTS)', legend: '' }] },
  { title: 'Over time', description: 'Firing alerts by name.', kind: 'graph', unit: 'short', width: 12, needs: [],
    queries: [{ expr: 'count by (alertname) (ALERTS{alertstate="firing"})', legend: '{{alertname}}' }] },
]

export const dashboards: readonly Dashboard[] = [
  { name: 'alerts', title: 'Alerts', panels: alertPanels },
  { name: 'host', title: 'Machine', panels: hostPanels },
  { name: 'signer', title: 'Signer', panels: signerPanels },
  { name: 'sbtc', title: 'sBTC signer', panels: sbtcPanels },
]

/** File names of the dashboards of a host, without .json: those about what it runs. */
export function dashboardsOf(runs: { readonly signer: boolean; readonly sbtc: boolean }): readonly string[] {
  return dashboards.map(({ name }) => name).filter((name) => (name !== 'signer' || runs.signer) && (name !== 'sbtc' || runs.sbtc))
}
