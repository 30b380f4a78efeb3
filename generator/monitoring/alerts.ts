/** All alerts, and those that fit a stack. */

import type { Alert, Concern, Need } from './alert.ts'
import { hostAlerts } from './host-alerts.ts'
import { nodeAlerts } from './node-alerts.ts'
import { sbtcAlerts } from './sbtc-alerts.ts'
import { sbtcBackupAlerts } from './sbtc-backup-alerts.ts'
import { ofNodes } from './scope.ts'
import { signerAlerts } from './signer-alerts.ts'

export const alerts: readonly Alert[] = [...signerAlerts, ...nodeAlerts, ...sbtcAlerts, ...hostAlerts, ...sbtcBackupAlerts]

/**
 * Those whose needs are met. Without `registered` nothing is at stake for the Stacks signer yet: what would page of it warns,
 * and what only says that it takes no part is left out. What an sBTC signer stands on is at stake all the same.
 */
export function alertsFor(has: ReadonlySet<Need>): readonly Alert[] {
  const fit = alerts.filter(({ needs, without }) => needs.every((need) => has.has(need)) && !without?.some((need) => has.has(need)))
    // The signer of a standby is meant to be off.
    .filter(({ concerns }) => concerns !== 'signer' || !has.has('standby'))
    .map((alert) => ({ ...alert, expr: ofNodes(alert.expr, has) }))
  if (has.has('registered')) return fit
  const idle = fit.filter(({ concerns }) => !atStake(concerns, has))
  const warned = new Set(idle.filter(({ severity }) => severity !== 'page').map(({ name }) => name))
  return fit.filter((alert) => !idle.includes(alert) || alert.severity !== 'page' || !warned.has(alert.name))
    .map((alert) => (idle.includes(alert) && alert.severity === 'page' ? { ...alert, severity: 'warn' as const } : alert))
}

/** Whether the sBTC signer suffers from what an alert is about. */
function atStake(concern: Concern, has: ReadonlySet<Need>): boolean {
  if (!has.has('sbtc') || concern === 'signer' || concern === 'link') return false
  return has.has('sbtcShared') || (concern !== 'node' && concern !== 'bitcoin')
}
