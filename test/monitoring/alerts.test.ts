/** Every alert, judged by Prometheus' own promtool: it fires when it should, and is silent otherwise. */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import type { Alert, Need } from '../../generator/monitoring/alert.ts'
import { alerts, alertsFor } from '../../generator/monitoring/alerts.ts'
import { firstJob, metricNames, metrics } from '../../generator/monitoring/metrics.ts'
import { scoped } from '../../generator/monitoring/scope.ts'
import type { Case } from './cases/case.ts'
import { hostCases } from './cases/host.ts'
import { nodeCases } from './cases/node.ts'
import { sbtcCases } from './cases/sbtc.ts'
import { sbtcBackupCases } from './cases/sbtc-backup.ts'
import { signerCases } from './cases/signer.ts'
import { accepts, needs, put } from './support.ts'

const everything: readonly Need[] = ['signer', 'node', 'bitcoin', 'heartbeat', 'host', 'certificates', 'backup', 'releases', 'identity', 'registered', 'mainnet', 'sbtcBackup', 'sbtc', 'sbtcPair']
const apart = everything.filter((need) => !['node', 'bitcoin', 'sbtc', 'sbtcPair'].includes(need))
const labels = { stack: 's' }
const cases = [...signerCases, ...nodeCases, ...hostCases, ...sbtcBackupCases, ...sbtcCases]
const options = needs('promtool')

function rules(of: readonly Alert[]): string {
  return stringify({ groups: [{ name: 'all', rules: of.map(({ name, expr, for: time, severity, concerns }) =>
    ({ alert: name, expr: scoped(expr, labels), for: time, labels: { severity, concerns, ...labels } })) }] })
}

function unitTest({ alert, name, series, at, fires }: Case) {
  const { concerns } = alerts.find((one) => one.name === alert)!
  return {
    name: `${alert}: ${name}`, interval: '1m',
    input_series: Object.entries(series).map(([one, values]) => ({ series: scoped(one, labels), values })),
    alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: fires.map((one) => ({ exp_labels: { severity: one.severity, concerns, ...labels, ...one.labels } })) }],
  }
}

t.test('promtool test rules', options, async (t) => {
  for (const [name, has, wanted] of [['together', everything, cases.filter((one) => !one.apart)], ['apart', apart, cases.filter((one) => one.apart)]] as const) {
    const fit = alertsFor(new Set(has))
    const names = [...new Set(wanted.map(({ alert }) => alert))]
    // Each alert beside its own cases alone: some of these last for days.
    const root = put(t, { 'rules.yml': rules(fit), ...Object.fromEntries(names.flatMap((alert) => [
      [`${alert}.yml`, rules(fit.filter((one) => one.name === alert))],
      [`${alert}-test.yml`, stringify({ rule_files: [`${alert}.yml`], evaluation_interval: '1m', tests: wanted.filter((one) => one.alert === alert).map(unitTest) })],
    ])) })
    accepts(t, 'promtool', ['check', 'rules', '--lint-fatal', join(root, 'rules.yml')], `${name}: the rules are right`)
    accepts(t, 'promtool', ['test', 'rules', ...names.map((alert) => join(root, `${alert}-test.yml`))], `${name}: ${wanted.length} cases`)
  }
})

t.test('a wrong case is found', options, async (t) => {
  const wrong = { ...signerCases[0]!, fires: [{ severity: 'page' as const }] }
  const root = put(t, { 'rules.yml': rules(alerts), 'tests.yml': stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests: [unitTest(wrong)] }) })
  t.not(spawnSync('promtool', ['test', 'rules', join(root, 'tests.yml')]).status, 0)
})

t.test('each alert has a case that fires and one that is silent, each severity fires', async (t) => {
  for (const alert of alerts) {
    const own = cases.filter((one) => one.alert === alert.name && (one.apart === true) === alert.without?.includes('node'))
      .concat(cases.filter((one) => one.alert === alert.name && !alert.without && !one.apart))
    t.ok(own.some(({ fires }) => fires.some(({ severity }) => severity === alert.severity)), `${alert.name} (${alert.severity}) fires`)
    t.ok(own.some(({ fires }) => fires.length === 0), `${alert.name} is silent`)
  }
  for (const { alert } of cases) t.ok(alerts.some(({ name }) => name === alert), alert)
})

t.test('no healthy hour of everything at once fires anything', options, async (t) => {
  const healthy: Readonly<Record<string, string>> = Object.assign({}, ...['SignerDown', 'SignerHeartbeat', 'SignerNotRegistered', 'SignerNoProposals', 'SignerNoResponses', 'SignerSlow',
    'NodeDown', 'NodeRpcDown', 'NodeFewPeers', 'MemoryLow', 'OutOfMemory', 'ClockOff', 'CertExpiry', 'LinkDown', 'BackupMissing', 'SbtcBackupMissing', 'MetricsDown', 'MonitoringPartDown', 'SbtcDown', 'PostgresDown', 'SbtcBlocklistDown', 'SbtcObserverSilent', 'SbtcPeers', 'SbtcSignFailures', 'SbtcNodeDown', 'SbtcNodeRpcDown', 'SbtcNodeFewPeers']
    .map((name) => cases.find(({ alert, fires, apart }) => alert === name && fires.length === 0 && !apart)!.series))
  const series = { ...healthy, stacks_node_stacks_tip_height: '1000+5x120', stacks_signer_stacks_node_height: '995+5x120', bitcoin_blocks: '968450x59 968451x59 968452x30',
    stacks_node_burn_block_height: '968450x59 968451x59 968452x30', stacks_signer_current_reward_cycle: '144x120', stack_node_behind_peers: '0x120', bitcoin_peers: '10x120', bitcoin_verification_progress: '0.99999x120',
    stacks_node_stx_blocks_processed_total: '0+5x120', 'bitcoin_blocks{job="sbtc-stack"}': '968450x59 968451x59 968452x30', stack_sbtc_key_matches: '1x120' }
  const quiet = [...new Set(alerts.map(({ name }) => name))].map((alertname) => ({ eval_time: '59m', alertname, exp_alerts: [] }))
  const root = put(t, {
    'rules.yml': rules(alertsFor(new Set(everything))),
    'tests.yml': stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests: [{
      interval: '1m', input_series: Object.entries(series).map(([one, values]) => ({ series: scoped(one, labels), values })), alert_rule_test: quiet,
    }] }),
  })
  accepts(t, 'promtool', ['test', 'rules', join(root, 'tests.yml')], 'silence')
})

t.test('an expression speaks of known metrics alone, and of no dead one', async (t) => {
  for (const { name, expr } of alerts) {
    const words = expr.replace(/"[^"]*"|\{[^}]*\}|\[[^\]]*\]/g, ' ').match(/[a-zA-Z_:][a-zA-Z0-9_:]{4,}/g) ?? []
    const unknown = words.filter((word) => word.includes('_') && !metricNames.has(word) && !['histogram_quantile', 'max_over_time', 'predict_linear'].includes(word))
    t.same(unknown, [], name)
  }
  for (const dead of ['stacks_node_warning_emitted_total', 'stacks_node_errors_emitted_total', 'stacks_signer_is_registered']) t.notOk(metricNames.has(dead), dead)
  const jobs = (name: string) => Object.entries(metrics).flatMap(([job, list]) => (list.some((one) => one.name === name) ? [job] : []))
  for (const { name } of Object.values(metrics).flat()) t.ok(jobs(name).length === 1 || firstJob.has(name) || firstJob.has(`${name}_bucket`) || name.startsWith('probe_'), `${name} is one job's, or of a pair of nodes`)
})

t.test('before the signer is registered nothing pages, and its absence is no alarm', async (t) => {
  const before = alertsFor(new Set(everything.filter((need) => !['registered', 'sbtc', 'sbtcPair'].includes(need))))
  t.same(before.filter(({ severity }) => severity === 'page'), [])
  t.same(before.filter(({ name }) => /^Signer(No|Not)(Registered|InNextCycle|Proposals)$/.test(name)), [])
  t.ok(before.some(({ name }) => name === 'SignerDown'))
  for (const { name, severity } of before) t.equal(before.filter((one) => one.name === name && one.severity === severity).length, 1, `${name} once`)
})

t.test('what an sBTC signer stands on pages before the Stacks signer is registered, on nodes of its own and on shared ones', async (t) => {
  const pages = (...gone: readonly Need[]) => alertsFor(new Set([...everything, 'sbtcShared' as const].filter((need) => need !== 'registered' && !gone.includes(need)))).filter(({ severity }) => severity === 'page').map(({ name }) => name)
  const own = pages('sbtcShared')
  for (const name of ['SbtcDown', 'SbtcNodeDown', 'SbtcBitcoindDown', 'DiskFilling', 'BackupTooOld', 'MetricsDown']) t.ok(own.includes(name), name)
  for (const name of ['SignerDown', 'NodeDown', 'BitcoindDown']) t.notOk(own.includes(name), name)
  const shared = pages('sbtcPair')
  for (const name of ['SbtcDown', 'NodeDown', 'BitcoindDown']) t.ok(shared.includes(name), name)
  t.notOk(shared.includes('SignerDown') || shared.includes('SbtcNodeDown'))
})

t.test('where two pairs of nodes are read, each rule names the job of each number that both give', async (t) => {
  for (const { name, expr } of alertsFor(new Set(everything))) {
    const narrowed = scoped(expr, labels)
    const shared = [...narrowed.matchAll(/([a-z_]+)\{([^}]*)\}/g)].filter(([, metric]) => firstJob.has(metric!))
    const jobs = shared.map(([, , given]) => /job="([^"]+)"/.exec(given!)?.[1])
    const own = name.startsWith('Sbtc')
    t.ok(jobs.every((job) => job?.startsWith('sbtc-') === own), `${name}: ${jobs.join(' ')}`)
  }
  const one = alertsFor(new Set<Need>(['sbtc', 'sbtcShared', 'registered'])).find(({ name }) => name === 'SbtcObserverSilent')!
  t.match(one.expr, 'job="stacks-node"')
  t.match(alertsFor(new Set<Need>(['sbtc', 'sbtcShared'])).find(({ name }) => name === 'SbtcNoBitcoin')!.expr, 'bitcoin_blocks{job="stack"}')
})
