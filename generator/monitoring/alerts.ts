/** All alerts, and those that fit a stack. */

import type { Alert, Need } from './alert.ts'
import { hostAlerts } from './host-alerts.ts'
import { nodeAlerts } from './node-alerts.ts'
import { sbtcBackupAlerts } from './sbtc-backup-alerts.ts'
import { signerAlerts } from './signer-alerts.ts'

export const alerts: readonly Alert[] = [...signerAlerts, ...nodeAlerts, ...hostAlerts, ...sbtcBackupAlerts]

/**
 * Those whose needs are met. Without `registered` nothing is at stake yet: what would page warns, and what only says
 * that the signer takes no part is left out.
 */
export function alertsFor(has: ReadonlySet<Need>): readonly Alert[] {
  const fit = alerts.filter(({ needs, without }) => needs.every((need) => has.has(need)) && !without?.some((need) => has.has(need)))
  if (has.has('registered')) return fit
  const warned = new Set(fit.filter(({ severity }) => severity !== 'page').map(({ name }) => name))
  return fit.filter(({ name, severity }) => severity !== 'page' || !warned.has(name))
    .map((alert) => (alert.severity === 'page' ? { ...alert, severity: 'warn' as const } : alert))
}
