/** `config/grafana/…`: Grafana's settings, its source of numbers, and the dashboards. The password is named as a file. */

import { paths, ports } from '../catalogue/container.ts'
import type { Need } from '../monitoring/alert.ts'
import { dashboards, dashboardsOf, type Dashboard } from '../monitoring/dashboards.ts'
import type { Panel } from '../monitoring/panel.ts'
import { presence, scopeOf } from '../monitoring/presence.ts'
import { ofNodes, scoped, type ScopeLabels } from '../monitoring/scope.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderKeyValue } from '../render/key-value.ts'
import { renderYaml, type YamlValue } from '../render/yaml.ts'
import type { Host, Stack } from '../stack/model.ts'

type Fields = Readonly<Record<string, YamlValue>>

const sources = { prometheus: { type: 'prometheus', uid: 'prometheus' } } as const

export function grafanaFiles(stack: Stack, host: Host): readonly PlannedFile[] {
  const file = (name: string, content: string): PlannedFile => ({ path: `${host.directory}config/grafana/${name}`, content, mode: 0o644 })
  const has = presence(stack, host)
  const labels = scopeOf(stack, host)
  const shown = dashboardsOf({ signer: has.has('signer') || has.has('node'), sbtc: has.has('sbtc') })
  return [
    file('grafana.ini', settings(has.has('signer') || !has.has('sbtc') ? 'signer' : 'sbtc')),
    file('provisioning/datasources/prometheus.yml', renderYaml(dataSources(), header)),
    file('provisioning/dashboards/files.yml', renderYaml({
      apiVersion: 1,
      providers: [{ name: stack.name, type: 'file', disableDeletion: true, allowUiUpdates: false, options: { path: `${paths.grafanaConfig}/dashboards` } }],
    }, header)),
    ...dashboards.filter(({ name }) => shown.includes(name)).map((one) => file(`dashboards/${one.name}.json`, `${JSON.stringify(dashboardData(one, has, labels), null, 2)}\n`)),
  ]
}

/** It calls nobody: no reports, no look for updates, no plugins from outside, no pictures of users. */
function settings(home: string): string {
  return renderKeyValue(header, [
    { name: 'paths', entries: [['data', paths.grafanaData], ['plugins', `${paths.grafanaData}/plugins`], ['logs', `${paths.grafanaData}/log`], ['provisioning', `${paths.grafanaConfig}/provisioning`]] },
    { name: 'server', entries: [['http_port', ports.grafana.number]] },
    { name: 'security', entries: [['admin_user', 'admin'], ['admin_password', `$__file{${paths.grafanaConfig}/grafana-admin-password}`], ['disable_gravatar', 'true'], ['cookie_samesite', 'strict']] },
    { name: 'users', entries: [['allow_sign_up', 'false'], ['default_theme', 'system']] },
    { name: 'auth.anonymous', entries: [['enabled', 'false']] },
    { name: 'analytics', entries: [['reporting_enabled', 'false'], ['check_for_updates', 'false'], ['check_for_plugin_updates', 'false'], ['feedback_links_enabled', 'false']] },
    { name: 'news', entries: [['news_feed_enabled', 'false']] },
    { name: 'snapshots', entries: [['external_enabled', 'false']] },
    { name: 'plugins', entries: [['plugin_admin_enabled', 'false'], ['preinstall_disabled', 'true']] },
    { name: 'dashboards', entries: [['default_home_dashboard_path', `${paths.grafanaConfig}/dashboards/${home}.json`]] },
    { name: 'log', entries: [['mode', 'console'], ['level', 'warn']] },
  ])
}

function dataSources(): Fields {
  const source = (name: string, type: string, service: string, port: number, more: Fields = {}) =>
    ({ name, type, uid: type, access: 'proxy', url: `http://${service}:${port}`, editable: false, ...more })
  return {
    apiVersion: 1,
    datasources: [
      source('Prometheus', 'prometheus', 'prometheus', ports.prometheus.number, { isDefault: true, jsonData: { timeInterval: '20s' } }),
      source('Alertmanager', 'alertmanager', 'alertmanager', ports.alertmanager.number, { jsonData: { implementation: 'prometheus' } }),
    ],
  }
}

/** A dashboard as Grafana's own JSON; only the panels for which there are numbers. */
export function dashboardData({ name, title, panels }: Dashboard, has: ReadonlySet<Need>, labels: ScopeLabels): Fields {
  const fit = panels.filter(({ needs }) => needs.every((need) => has.has(need)))
  const owner = Object.values(labels).join(' ')
  return {
    uid: [...Object.values(labels), name].join('-').slice(-40), title: `${owner}: ${title}`, tags: ['stacks', labels['stack'] ?? ''], editable: false, schemaVersion: 39,
    refresh: '30s', time: { from: 'now-6h', to: 'now' }, panels: placed(fit).map(({ panel, place }, index) => panelData(panel, place, index + 1, (expr) => scoped(ofNodes(expr, has), labels))),
  }
}

interface Place { readonly x: number; readonly y: number; readonly w: number; readonly h: number; readonly [key: string]: number }

/** Row after row from the left; Grafana counts 24 columns. */
function placed(panels: readonly Panel[]): readonly { readonly panel: Panel; readonly place: Place }[] {
  let [x, y, tallest] = [0, 0, 0]
  return panels.map((panel) => {
    const [w, h] = [panel.width * 2, panel.kind === 'number' ? 4 : 8]
    if (x + w > 24) [x, y, tallest] = [0, y + tallest, 0]
    const place = { x, y, w, h }
    x += w
    tallest = Math.max(tallest, h)
    return { panel, place }
  })
}

/** Colours from the lowest value up. Without a warning that is apart from the bad, there is no yellow. */
function steps(limits: Panel['limits']): readonly Fields[] {
  if (!limits) return [{ color: 'green' }]
  const { warn, bad, low } = limits
  const yellow = warn === bad ? [] : [{ color: 'yellow', value: low ? bad : warn }]
  return low ? [{ color: 'red' }, ...yellow, { color: 'green', value: warn }] : [{ color: 'green' }, ...yellow, { color: 'red', value: bad }]
}

const kinds = { number: 'stat', graph: 'timeseries', table: 'table' } as const

function panelData({ title, description, kind, unit, queries, limits }: Panel, gridPos: Place, id: number, narrowed: (expr: string) => string): Fields {
  return {
    id, type: kinds[kind], title, description, gridPos, datasource: sources.prometheus,
    fieldConfig: {
      defaults: {
        unit,
        ...(kind === 'graph' && { min: 0 }),
        thresholds: { mode: 'absolute', steps: steps(limits) },
      },
      overrides: [],
    },
    ...(kind === 'number' && { options: { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: limits ? 'background' : 'value' } }),
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index), datasource: sources.prometheus, expr: narrowed(expr), legendFormat: legend,
      ...(kind === 'table' ? { instant: true, format: 'table' } : kind === 'number' && { instant: true }),
    })),
  }
}
