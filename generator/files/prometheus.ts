/** `config/prometheus/*.yml`: what is read, and by which rules it is judged; for the stack's own Prometheus or another one. */

import { paths, ports } from '../catalogue/container.ts'
import { anchor, type Alert } from '../monitoring/alert.ts'
import { alertsFor } from '../monitoring/alerts.ts'
import type { Job } from '../monitoring/metrics.ts'
import { presence, scopeOf } from '../monitoring/presence.ts'
import { scoped, type ScopeLabels } from '../monitoring/scope.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderYaml, type YamlValue } from '../render/yaml.ts'
import type { Host, Monitoring, Stack } from '../stack/model.ts'

type Fields = Readonly<Record<string, YamlValue>>

/** Often enough for alerts of two minutes; the signer answers one request at a time, and asks its node first. */
const interval = { scrape_interval: '20s', scrape_timeout: '15s' }

export function prometheusFiles(stack: Stack, host: Host, monitoring: Monitoring): readonly PlannedFile[] {
  const file = (name: string, data: YamlValue, ...about: readonly string[]): PlannedFile =>
    ({ path: `${host.directory}config/prometheus/${name}.yml`, content: renderYaml(data, [...header, ...about]), mode: 0o644 })
  const full = monitoring.mode === 'full'
  return [
    file('scrape', { scrape_configs: scrapeConfigs(stack, host, monitoring) },
      ...(full ? [] : ['', 'For a Prometheus of your own: name this file in its scrape_config_files, and rules.yml in its rule_files.'])),
    file('rules', { groups: ruleGroups(stack, host, monitoring) }),
    ...(full ? [file('prometheus', prometheusConfig())] : []),
  ]
}

function prometheusConfig(): Fields {
  return {
    global: { evaluation_interval: '20s', ...interval },
    rule_files: [`${paths.prometheusConfig}/rules.yml`],
    scrape_config_files: [`${paths.prometheusConfig}/scrape.yml`],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`alertmanager:${ports.alertmanager.number}`] }] }] },
  }
}

/** Where the metrics are read: inside by the service's name; from outside by the container's, which no other stack has, or by its port. */
function metricsAddress({ name }: Stack, { mode, port }: Monitoring): string {
  return mode === 'full' ? `metrics:${ports.metrics.number}` : port ? `127.0.0.1:${port}` : `${name}-metrics-1:${ports.metrics.number}`
}

function scrapeConfigs(stack: Stack, host: Host, monitoring: Monitoring): readonly Fields[] {
  const has = presence(stack, host)
  const labels = scopeOf(stack, host)
  const metrics = metricsAddress(stack, monitoring)
  // A Prometheus of many stacks wants a job's name once; the label is the same everywhere, since the rules ask for it.
  const job = (name: Job, target: string, fields: Fields = {}, instance: string = name): Fields =>
    ({ job_name: [...Object.values(labels), name].join('-'), ...interval, follow_redirects: false, ...fields, static_configs: [{ targets: [target], labels: { job: name, instance, ...labels } }] })
  const full = monitoring.mode === 'full'
  return [
    ...(has.has('signer') && !has.has('standby') ? [job('stacks-signer', metrics, { metrics_path: '/signer' })] : []),
    ...(has.has('node') ? [job('stacks-node', metrics, { metrics_path: '/node' })] : []),
    ...(has.has('signer') || has.has('node') ? [job('stack', metrics)] : []),
    ...(has.has('sbtc') ? [job('sbtc-signer', metrics, { metrics_path: '/sbtc-signer' }), job('sbtc-stack', metrics, { metrics_path: '/sbtc' })] : []),
    ...(has.has('sbtcPair') ? [job('sbtc-stacks-node', metrics, { metrics_path: '/sbtc-node' })] : []),
    ...(has.has('heartbeat') ? [probe(job, 'signer-heartbeat', 'heartbeat', `http://${metrics}/signer/heartbeat`, 'stacks-signer')] : []),
    ...(has.has('certificates') ? sidecars(host).map(({ name, port }) => probe(job, 'certificates', name.replace('-', '_'), `${name}:${port}`, name)) : []),
    ...(has.has('host') ? [job('host', `node-exporter:${ports.nodeExporter.number}`)] : []),
    ...(has.has('releases') ? [job('releases', `releases:${ports.releases.number}`)] : []),
    ...(full ? [job('alertmanager', `alertmanager:${ports.alertmanager.number}`), job('prometheus', `127.0.0.1:${ports.prometheus.number}`)] : []),
  ]
}

type MakeJob = (name: Job, target: string, fields?: Fields, instance?: string) => Fields

/** The target of a probe is what the blackbox exporter is told to look at. */
function probe(job: MakeJob, name: Job, module: string, target: string, instance: string): Fields {
  const made = job(name, `blackbox:${ports.blackbox.number}`, { metrics_path: '/probe', params: { module: [module], target: [target] } }, instance)
  return name === 'certificates' ? { ...made, job_name: `${String(made['job_name'])}-${instance}` } : made
}

/** The sidecars that stand on this host, and the ports on which they speak TLS. */
export function sidecars(host: Host): readonly { readonly name: 'node-tls' | 'signer-tls'; readonly port: number }[] {
  return ([['node-tls', ports.nodeTls.number], ['signer-tls', ports.signerTls.number]] as const)
    .flatMap(([name, port]) => (host.services.some((service) => service.name === name) ? [{ name, port }] : []))
}

/**
 * One group, whose rules are judged at one moment, and first those that keep others back: so what is kept back never ends
 * before the other does. Its end would be swallowed, and its next beginning be taken for the alert that was told before.
 */
export function ruleGroups(stack: Stack, host: Host, { runbookUrl }: Pick<Monitoring, 'runbookUrl'>): readonly Fields[] {
  const labels = scopeOf(stack, host)
  const runbook = `${runbookUrl ? `${runbookUrl.replace(/\/$/, '')}/` : ''}${host.directory}RUNBOOK.md`
  const weight = ({ silences }: Alert) => silences?.length ?? 0
  const alerts = [...alertsFor(presence(stack, host))].sort((one, other) => weight(other) - weight(one))
  return [{ name: Object.values(labels).join('-'), rules: alerts.map((alert) => rule(alert, labels, runbook)) }]
}

/** An annotation is a template, so that what looks like one must be written as a text in one. */
function literal(text: string): string {
  return text.replaceAll('{{', '{{ "{{" }}')
}

function rule(alert: Alert, labels: ScopeLabels, runbook: string): Fields {
  return {
    alert: alert.name,
    expr: scoped(alert.expr, labels),
    for: alert.for,
    labels: { severity: alert.severity, concerns: alert.concerns, ...labels },
    annotations: {
      summary: `${Object.values(labels).join(' ')}: ${alert.summary}`,
      description: alert.description,
      runbook_url: literal(`${runbook}#${anchor(alert.name)}`),
    },
  }
}
