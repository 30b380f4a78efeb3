/** `config/alertmanager/alertmanager.yml`: who is told of what, and what is kept back. Secrets are named as files. */

import { paths } from '../catalogue/container.ts'
import { alertsFor } from '../monitoring/alerts.ts'
import { presence } from '../monitoring/presence.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderYaml, type YamlValue } from '../render/yaml.ts'
import type { Host, Monitoring, Receiver, Stack } from '../stack/model.ts'
import { receiverSecret } from '../stack/monitoring.ts'

type Fields = Readonly<Record<string, YamlValue>>

export function alertmanagerFile(stack: Stack, host: Host, { receivers }: Monitoring): PlannedFile {
  const data = {
    route: {
      receiver: 'warn',
      group_by: ['stack', 'part', 'severity', 'concerns'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
      routes: [
        { matchers: ['severity="page"'], receiver: 'page', group_wait: '10s', repeat_interval: '1h' },
        { matchers: ['severity="note"'], receiver: 'warn', repeat_interval: '7d' },
      ],
    },
    inhibit_rules: inhibitRules(stack, host),
    receivers: [
      { name: 'page', ...configs(receivers) },
      { name: 'warn', ...configs(receivers.filter(({ kind }) => kind !== 'pagerduty')) },
    ],
  }
  return { path: `${host.directory}config/alertmanager/alertmanager.yml`, content: renderYaml(data, header), mode: 0o644 }
}

/** The louder of two says it all; and what follows from another alert is not sent beside it. */
function inhibitRules(stack: Stack, host: Host): readonly Fields[] {
  const alerts = alertsFor(presence(stack, host))
  const there = new Set(alerts.map(({ concerns }) => concerns))
  const deep = new Map(alerts.flatMap(({ name, silences }) => (silences ? [[name, silences.filter((one) => there.has(one))] as const] : [])))
  return [
    { source_matchers: ['severity="page"'], target_matchers: ['severity="warn"'], equal: ['alertname', 'stack', 'part', 'instance', 'mountpoint'] },
    ...[...deep].filter(([, silences]) => silences.length > 0).map(([name, silences]) => ({
      source_matchers: [`alertname="${name}"`],
      target_matchers: [`concerns=~"${silences.join('|')}"`, `alertname!="${name}"`],
      equal: ['stack', 'part'],
    })),
  ]
}

/** The receivers by kind, as Alertmanager names them. */
function configs(receivers: readonly Receiver[]): Fields {
  return Object.fromEntries(receivers.map((one) => [`${one.kind}_configs`, [receiverFields(one)]]))
}

function receiverFields(one: Receiver): Fields {
  const secret = receiverSecret(one)
  const file = secret ? `${paths.alertmanagerConfig}/${secret}` : ''
  switch (one.kind) {
    case 'webhook': return { url_file: file }
    case 'slack': return { api_url_file: file, send_resolved: true, title, text: body }
    case 'pagerduty': return { routing_key_file: file, description: title, severity: 'critical' }
    case 'telegram': return { bot_token_file: file, chat_id: one.chat, parse_mode: '', message: `${title}\n${body}` }
    case 'email': return {
      to: one.to, from: one.from, smarthost: `${one.host}:${one.port}`, require_tls: one.port !== 465, send_resolved: true,
      ...(one.user !== undefined && { auth_username: one.user, auth_password_file: file }),
    }
  }
}

const title = '{{ .Status | toUpper }}: {{ range $index, $alert := .Alerts }}{{ if $index }}; {{ end }}{{ .Annotations.summary }}{{ end }}'
const body = '{{ range .Alerts }}{{ .Annotations.description }} {{ .Annotations.runbook_url }}\n{{ end }}'
