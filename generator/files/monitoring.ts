/** All files that only a watched stack has. */

import type { PlannedFile } from '../plan-types.ts'
import type { Host, Stack } from '../stack/model.ts'
import { alertmanagerFile } from './alertmanager.ts'
import { blackboxFile } from './blackbox.ts'
import { grafanaFiles } from './grafana.ts'
import { prometheusFiles } from './prometheus.ts'
import { runbookFile } from './runbook.ts'
import { findService } from './views.ts'

/** What services read, or a Prometheus outside. */
export function monitoringConfigs(stack: Stack, host: Host): readonly PlannedFile[] {
  const { monitoring } = stack
  if (!monitoring) return []
  return [
    ...prometheusFiles(stack, host, monitoring),
    ...(findService(host, 'alertmanager') ? [alertmanagerFile(stack, host, monitoring)] : []),
    ...(findService(host, 'blackbox') ? [blackboxFile(stack, host)] : []),
    ...(findService(host, 'grafana') ? grafanaFiles(stack, host) : []),
  ]
}

/** What people read. */
export function monitoringDocuments(stack: Stack, host: Host): readonly PlannedFile[] {
  return stack.monitoring ? [runbookFile(stack, host)] : []
}
