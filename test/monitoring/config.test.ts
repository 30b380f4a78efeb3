/** What a watched stack's files say, read by the programs that will read them. */

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parse, stringify } from 'yaml'
import type { PlannedFile } from '../../generator/plan-types.ts'
import { alerts } from '../../generator/monitoring/alerts.ts'
import { planText } from '../support/pipeline.ts'
import { sbtcAnswers } from '../support/sbtc-answers.ts'
import { accepts, needs, put } from './support.ts'

const base = 'STACK_NAME=my-signer\nNETWORK=mainnet\nSTACKS_VERSION=4.0.4\n'
const split = 'TOPOLOGY=split\nNODE_HOST=node.example.net\nSIGNER_HOST=192.0.2.7\n'
const backups = 'BACKUP=path\nBACKUP_PATH=/mnt/backup/s\nBACKUP_AGE_RECIPIENT=age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudcqt9xqxnqqdk\n'
const marker = 'https://hooks.example.net/a-secret-that-must-not-show'
const receivers = [
  'ALERT_RECEIVERS=webhook, slack,pagerduty,email,telegram', `ALERT_WEBHOOK_URL=${marker}`, `ALERT_SLACK_URL=${marker}`, 'ALERT_PAGERDUTY_KEY=a-secret-that-must-not-show',
  'ALERT_TELEGRAM_TOKEN=a-secret-that-must-not-show', 'ALERT_TELEGRAM_CHAT=-100', 'ALERT_EMAIL_TO=a@example.net', 'ALERT_EMAIL_FROM=b@example.net', 'ALERT_SMTP_HOST=mail.example.net',
  'ALERT_SMTP_USER=b@example.net', 'ALERT_SMTP_PASSWORD=a-secret-that-must-not-show',
].join('\n')

const stacks: Readonly<Record<string, string>> = {
  'all on one host': 'MONITORING=full\n',
  'with every receiver': `MONITORING=full\n${receivers}\n`,
  'with sidecars': 'MONITORING=full\nTLS_SIDECARS=on\n',
  'on two hosts': `MONITORING=full\n${split}`,
  'not registered': 'MONITORING=full\nSIGNER_REGISTERED=no\nRUNBOOK_URL=https://git.example.net/{{ops}}/\n',
  'an outside Prometheus': 'MONITORING=metrics\n',
  'an outside Prometheus by a port, on two hosts': `MONITORING=metrics\nMETRICS_PORT=9155\n${split}`,
  'an sBTC signer alone': `MONITORING=full\nSIGNER=off\n${sbtcAnswers}`,
  'an sBTC signer alone, for an outside Prometheus': `MONITORING=metrics\nSIGNER=off\nSNAPSHOT=off\n${sbtcAnswers}`,
  'an sBTC signer beside a Stacks signer': `MONITORING=full\nSIGNER_REGISTERED=no\n${sbtcAnswers}`,
  'an sBTC signer on the same nodes': `MONITORING=full\nSBTC_SHARED_NODES=yes\n${sbtcAnswers}`,
  'an sBTC signer beside an external bitcoind': `MONITORING=full\nBITCOIN_MODE=external\nBITCOIN_HOST=bitcoin.example.net\n${sbtcAnswers}`,
  'a Stacks signer with backups': `MONITORING=full\n${backups}`,
  'an sBTC signer alone with dumps': `MONITORING=full\nSIGNER=off\n${backups}${sbtcAnswers}`,
  'both, with backups and dumps': `MONITORING=full\n${backups}${sbtcAnswers}`,
  'a standby': 'MONITORING=full\nROLE=standby\n',
  'a standby on two hosts, with backups': `MONITORING=full\nROLE=standby\n${split}${backups}`,
  'an external bitcoind': 'MONITORING=full\nBITCOIN_MODE=external\nBITCOIN_HOST=bitcoin.example.net\n',
}

interface Rule { readonly alert: string; readonly expr: string; readonly labels: Record<string, string>; readonly annotations: Record<string, string> }
interface Rules { readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[] }
type Files = ReadonlyMap<string, PlannedFile>

const homesOf = (files: Files): readonly string[] => [...files.keys()].filter((path) => path.endsWith('docker-compose.yml')).map((path) => path.slice(0, -'docker-compose.yml'.length))
const text = (files: Files, path: string): string => files.get(path)?.content ?? ''
const rulesOf = (files: Files, home: string): readonly Rule[] => (parse(text(files, `${home}config/prometheus/rules.yml`)) as Rules).groups.flatMap(({ rules }) => rules)

for (const [name, answers] of Object.entries(stacks)) {
  t.test(name, needs('promtool', 'amtool', 'prometheus-blackbox-exporter'), async (t) => {
    const { files } = planText(`${base}${answers}`)
    for (const [path, { content }] of files) t.notMatch(content, 'a-secret-that-must-not-show', `${path} holds no secret`)
    for (const home of homesOf(files)) {
      const root = put(t, Object.fromEntries([...files].filter(([path]) => path.startsWith(`${home}config/`)).map(([path, { content }]) =>
        [path.slice(`${home}config/`.length), content.replaceAll('/etc/prometheus/', '').replaceAll('/etc/blackbox/', '')])))
      // The outside Prometheus has a configuration of its own.
      if (!files.has(`${home}config/prometheus/prometheus.yml`)) writeFileSync(join(root, 'prometheus/prometheus.yml'), stringify({ rule_files: ['rules.yml'], scrape_config_files: ['scrape.yml'] }))
      accepts(t, 'promtool', ['check', 'config', '--lint-fatal', join(root, 'prometheus/prometheus.yml')], `${home}prometheus.yml, scrape.yml`)
      accepts(t, 'promtool', ['check', 'rules', '--lint-fatal', join(root, 'prometheus/rules.yml')], `${home}rules.yml`)
      if (files.has(`${home}config/alertmanager/alertmanager.yml`)) checkAlertmanager(t, join(root, 'alertmanager/alertmanager.yml'))
      if (files.has(`${home}config/blackbox/blackbox.yml`)) {
        accepts(t, 'prometheus-blackbox-exporter', ['--config.check', `--config.file=${join(root, 'blackbox/blackbox.yml')}`], `${home}blackbox.yml`)
      }
      checkRunbook(t, files, home)
    }
  })
}

function checkAlertmanager(t: Test, path: string): void {
  accepts(t, 'amtool', ['check-config', path], 'alertmanager.yml')
  for (const [severity, receiver] of [['page', 'page'], ['warn', 'warn'], ['note', 'warn']] as const) {
    t.equal(spawnSync('amtool', ['config', 'routes', 'test', `--config.file=${path}`, `severity=${severity}`], { encoding: 'utf8' }).stdout.trim(), receiver, severity)
  }
}

/** Anchors, commands and services that alerts and runbook name are there. */
function checkRunbook(t: Test, files: Files, home: string): void {
  const runbook = text(files, `${home}RUNBOOK.md`)
  const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!)
  const rules = rulesOf(files, home)
  t.ok(rules.length > 5)
  for (const { alert, annotations } of rules) {
    const [page, anchor] = annotations['runbook_url']!.split('#')
    t.ok(page!.endsWith(`${home}RUNBOOK.md`), page!)
    t.equal(headings.filter((heading) => heading.toLowerCase() === anchor).length, 1, `${alert} has one section`)
  }
  t.strictSame([...headings].sort(), [...new Set(rules.map(({ alert }) => alert))].sort(), 'and no section is without an alert')
  for (const [, named] of runbook.matchAll(/[Tt]he sections? ((?:[A-Z]\w+)(?: and [A-Z]\w+)?)/g)) {
    for (const one of named!.split(' and ')) t.ok(headings.includes(one), `the section ${one} is there`)
  }
  const targets = new Set([...text(files, `${home}Makefile`).matchAll(/^([a-z][a-z-]*):/gm)].map(([, target]) => target))
  for (const [, target] of runbook.matchAll(/`make ([a-z][a-z-]*)/g)) t.ok(targets.has(target), `make ${target}`)
  const services = Object.keys((parse(text(files, `${home}docker-compose.yml`)) as { services: object }).services)
  for (const [, service] of runbook.matchAll(/ S=([a-z-]+)/g)) t.ok(services.includes(service!), `${home}: S=${service}`)
  const readme = text(files, `${home}README.md`)
  for (const [, heading] of runbook.matchAll(/"([A-Z][^"]+)" in README\.md/g)) t.match(readme, new RegExp(`^##+ ${heading}$`, 'm'), `README has ${heading}`)
}

t.test('one Prometheus reads many stacks, and each rule speaks of its own alone', needs('promtool'), async (t) => {
  const of = (name: string, more: string) => planText(`${base.replace('my-signer', name)}MONITORING=metrics\n${more}`).files
  const all: readonly [string, Files][] = [['one', of('one', '')], ['two', of('two', '')], ['three', of('three', split)]]
  const parts = all.flatMap(([name, files]) => homesOf(files).map((home) => ({ key: `${name}${home.replace('/', '')}`, files, home })))
  const root = put(t, {
    ...Object.fromEntries(parts.flatMap(({ key, files, home }) => ['scrape', 'rules'].map((kind) => [`${key}-${kind}.yml`, text(files, `${home}config/prometheus/${kind}.yml`)]))),
    'prometheus.yml': stringify({ rule_files: ['*-rules.yml'], scrape_config_files: ['*-scrape.yml'] }),
  })
  accepts(t, 'promtool', ['check', 'config', '--lint-fatal', join(root, 'prometheus.yml')], 'no job has the name of another')
  for (const { files, home } of parts) {
    for (const { alert, expr, labels } of rulesOf(files, home)) {
      const selectors = expr.match(/\{[^}]*\}/g) ?? []
      t.ok(selectors.length > 0 && selectors.every((one) => one.includes(`stack="${labels['stack']}"`) && one.includes(home ? `part="${home.split('-')[0]}"` : 'stack')), alert)
    }
  }
})

t.test('what keeps others back is judged at the same moment as they, and before them', async (t) => {
  const { groups } = parse(text(planText(`${base}MONITORING=metrics\n`).files, 'config/prometheus/rules.yml')) as Rules
  t.equal(groups.length, 1)
  const names = groups[0]!.rules.map(({ alert }) => alert)
  t.strictSame(names.slice(0, 2), ['MetricsDown', 'NodeDown'])
  const others = names.filter((name) => !alerts.some((one) => one.name === name && one.silences))
  t.ok(others.length > 15)
  for (const { name } of alerts.filter(({ silences }) => silences)) t.ok(names.indexOf(name) < names.indexOf(others[0]!), name)
})

t.test('no two alerts keep each other back', async (t) => {
  const [loud, silent] = [(name: string) => alerts.filter((one) => one.name === name), alerts.filter(({ silences }) => silences)]
  const keepsBack = (one: string, other: string) => one !== other && loud(one).some(({ silences = [] }) => loud(other).some(({ concerns }) => silences.includes(concerns)))
  for (const { name } of silent) for (const { name: other } of silent) t.notOk(keepsBack(name, other) && keepsBack(other, name), `${name} and ${other}`)
  t.ok(keepsBack('PostgresDown', 'SbtcDown') && keepsBack('MetricsDown', 'PostgresDown'))
})

t.test('a standby: no alert about its signer, nothing pages, and its signer is not read', async (t) => {
  for (const [name, answers, homes] of [['one host', '', ['']], ['two hosts', split, ['node-host/', 'signer-host/']], ['with backups', backups, ['']]] as const) {
    const { files } = planText(`${base}MONITORING=full\nROLE=standby\n${answers}`)
    for (const home of homes) {
      const rules = rulesOf(files, home)
      t.ok(rules.length > 3, `${name}: the rest is watched`)
      t.same(rules.filter(({ alert, labels }) => alert.startsWith('Signer') || labels['concerns'] === 'signer' || labels['severity'] === 'page').map(({ alert }) => alert), [], `${name} ${home}`)
      t.notMatch(text(files, `${home}config/prometheus/scrape.yml`), /job_name: \S*(stacks-signer|signer-heartbeat)$/m, `${name} ${home}`)
    }
    t.ok(rulesOf(planText(`${base}MONITORING=full\n${answers}`).files, homes.at(-1)!).some(({ alert, labels }) => alert === 'SignerDown' && labels['severity'] === 'page'), `${name}: on an active host it pages`)
  }
})

t.test('what is not there is not asked for', async (t) => {
  const names = (answers: string, home = '') => new Set(rulesOf(planText(`${base}${answers}`).files, home).map(({ alert }) => alert))
  const full = names('MONITORING=full\n')
  for (const name of ['SignerDown', 'SignerHeartbeat', 'SignerNoProposals', 'NodeTipStalled', 'BitcoindDown', 'DiskFilling', 'NewRelease']) t.ok(full.has(name), name)
  for (const name of ['CertExpiry', 'BackupTooOld']) t.notOk(full.has(name), name)
  t.ok(names('MONITORING=full\nTLS_SIDECARS=on\n').has('CertExpiry'))
  t.notOk(names('MONITORING=full\nBITCOIN_MODE=external\nBITCOIN_HOST=b.example.net\n').has('BitcoindDown'))
  const outside = names('MONITORING=metrics\n')
  for (const name of ['DiskFilling', 'NewRelease', 'SignerHeartbeat']) t.notOk(outside.has(name), name)
  const signer = names(`MONITORING=full\n${split}`, 'signer-host/')
  for (const name of ['SignerNoProposals', 'SignerHeartbeat', 'CertExpiry', 'DiskFilling']) t.ok(signer.has(name), name)
  for (const name of ['NodeDown', 'BitcoindDown', 'SignerNotRegistered', 'SignerNodeLag']) t.notOk(signer.has(name), name)
  const node = names(`MONITORING=full\n${split}`, 'node-host/')
  for (const name of ['NodeDown', 'BitcoindDown', 'SignerNotRegistered', 'CertExpiry']) t.ok(node.has(name), name)
  for (const name of ['SignerDown', 'SignerHeartbeat', 'SignerNoProposals']) t.notOk(node.has(name), name)
  const alone = names(`MONITORING=full\nSIGNER=off\n${sbtcAnswers}`)
  for (const name of ['SbtcDown', 'SbtcPeers', 'SbtcNodeDown', 'SbtcBitcoindDown', 'DiskFilling', 'NewRelease', 'MetricsDown']) t.ok(alone.has(name), name)
  for (const name of ['NodeDown', 'BitcoindDown', 'SignerDown', 'SignerHeartbeat']) t.notOk(alone.has(name), name)
  const shared = names(`MONITORING=full\nSBTC_SHARED_NODES=yes\n${sbtcAnswers}`)
  for (const name of ['SbtcDown', 'NodeDown', 'BitcoindDown', 'SignerDown']) t.ok(shared.has(name), name)
  t.notOk(shared.has('SbtcNodeDown') || full.has('SbtcDown'))
  t.strictSame([...planText(base).files.keys()].filter((path) => /prometheus|grafana|RUNBOOK|alertmanager/.test(path)), [], 'and with MONITORING=off there is nothing')
})

t.test('the jobs of an sBTC signer, and where they are read', async (t) => {
  interface Scrape { readonly scrape_configs: readonly { readonly metrics_path?: string; readonly static_configs: readonly { readonly targets: readonly string[]; readonly labels: Record<string, string> }[] }[] }
  const jobs = (answers: string) => (parse(text(planText(`${base}${answers}${sbtcAnswers}`).files, 'config/prometheus/scrape.yml')) as Scrape).scrape_configs
    .map(({ metrics_path, static_configs: [one] }) => `${one!.labels['job']} ${one!.targets.join()}${metrics_path ?? ''}`)
  t.strictSame(jobs('MONITORING=metrics\nSIGNER=off\n'), ['sbtc-signer my-signer-metrics-1:9155/sbtc-signer', 'sbtc-stack my-signer-metrics-1:9155/sbtc', 'sbtc-stacks-node my-signer-metrics-1:9155/sbtc-node'])
  t.strictSame(jobs('MONITORING=metrics\nSBTC_SHARED_NODES=yes\n').map((one) => one.split(' ')[0]), ['stacks-signer', 'stacks-node', 'stack', 'sbtc-signer', 'sbtc-stack'])
})

t.test('each job that an alert asks for by name is read, where the alert is', async (t) => {
  interface Scrape { readonly scrape_configs: readonly { readonly static_configs: readonly { readonly labels: Record<string, string> }[] }[] }
  for (const [name, answers] of Object.entries(stacks)) {
    const { files } = planText(`${base}${answers}`)
    for (const home of homesOf(files)) {
      const jobs = (parse(text(files, `${home}config/prometheus/scrape.yml`)) as Scrape).scrape_configs.map(({ static_configs: [one] }) => one!.labels['job']!)
      // With an outside Prometheus its parts are not there, and nothing is said of them.
      for (const { alert, expr } of rulesOf(files, home).filter((one) => one.alert !== 'MonitoringPartDown')) {
        for (const [, pattern] of expr.matchAll(/job=~?"([^"]+)"/g)) t.ok(jobs.some((job) => new RegExp(`^(${pattern})$`).test(job)), `${name}, ${home}${alert}: ${pattern}`)
      }
    }
  }
})
