/** `RUNBOOK.md`: what to do when an alert comes, a section for each that this host can give. */

import { alertsFor } from '../monitoring/alerts.ts'
import { presence } from '../monitoring/presence.ts'
import { sections, stepsFor } from '../monitoring/runbook.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import type { Host, Stack } from '../stack/model.ts'

const severities = { page: 'wakes someone', warn: 'is looked at today', note: 'is read' } as const

/** The runbook of one host. Throws for an alert without a section: that is a mistake in the data. */
export function runbookFile(stack: Stack, host: Host): PlannedFile {
  const has = presence(stack, host)
  const alerts = alertsFor(has)
  const names = [...new Set(alerts.map(({ name }) => name))]
  const parts = names.map((name) => {
    const section = sections.find((one) => one.name === name)
    if (!section) throw new Error(`the runbook has no section ${name}`)
    const rows = alerts.filter((alert) => alert.name === name).map((alert) => `- ${alert.summary}: ${severities[alert.severity]}.`)
    const list = (title: string, steps: readonly string[]) => (steps.length > 0 ? [`${title}\n\n${steps.map((step) => `- ${step}`).join('\n')}`] : [])
    return [`## ${name}`, rows.join('\n'), section.means, ...list('Check:', stepsFor(section.check, has)), ...list('Do:', stepsFor(section.remedy, has))].join('\n\n')
  })
  const intro = [
    `<!--\n${header.join('\n')}\n-->`,
    `# Runbook of ${stack.name}${host.directory === '' ? '' : `, the ${host.name}'s host`}`,
    'Each alert links to its section here. Run the commands in this directory. None of them deletes a volume, and none prints a secret.',
    `Whatever the alert: **never start the signer's key on a second machine** while it may still run on this one.`,
  ]
  return { path: `${host.directory}RUNBOOK.md`, content: `${[...intro, ...parts].join('\n\n')}\n`, mode: 0o644 }
}
