/** What the answers about monitoring mean together, and which services, networks and secrets come of them. */

import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import type { Host, Service } from '../../generator/stack/model.ts'
import { resolve } from '../../generator/stack/resolve.ts'
import { sbtcAnswers } from '../support/sbtc-answers.ts'

const base = 'STACK_NAME=a\nNETWORK=mainnet\nPLATFORM=linux/amd64\nSTACKS_VERSION=4.0.4\n'
const split = 'TOPOLOGY=split\nNODE_HOST=node.example.net\nSIGNER_HOST=signer.example.net\n'
const url = 'https://hooks.example.net/x'

function resolved(text: string) {
  const checked = checkAnswers('a.env', readAnswers('a.env', base + text).entries, { secretsAllowed: true, outputDirectory: '.' })
  if (!checked.value) throw new Error(JSON.stringify(checked.problems))
  const { value, problems } = resolve(checked.value, { identity: { address: 'SP', publicKey: '02ab' } })
  return { value, problems: problems.filter(({ code }) => !['no-digest', 'keys-not-published', 'no-receivers'].includes(code)).map(({ severity, message }) => `${severity}: ${message}`) }
}

const names = (host: Host | undefined) => host?.services.map(({ name }) => name)
const find = (host: Host | undefined, name: string): Service | undefined => host?.services.find((one) => one.name === name)

for (const [text, want] of [
  ['MONITORING=full\n', []],
  ['MONITORING=metrics\nMETRICS_PORT=9155\nSIGNER_REGISTERED=no\n', []],
  ['GRAFANA_PORT=3001\nALERT_RECEIVERS=slack\nSIGNER_REGISTERED=no\n', ['SIGNER_REGISTERED', 'GRAFANA_PORT', 'ALERT_RECEIVERS'].map((key) => `warning: ${key} is not used with MONITORING=off`)],
  ['MONITORING=metrics\nALERT_RECEIVERS=email\n', ['warning: ALERT_RECEIVERS is not used with MONITORING=metrics']],
  ['MONITORING=full\nMETRICS_PORT=1\n', ['warning: METRICS_PORT is not used with MONITORING=full: its Prometheus reads the metrics']],
  [`MONITORING=full\nALERT_SLACK_URL=${url}\n`, ['warning: ALERT_SLACK_URL is not used without slack in ALERT_RECEIVERS']],
  ['MONITORING=full\nALERT_RECEIVERS=email,telegram\nALERT_EMAIL_TO=a@b.c\n', [
    'error: the receiver email needs ALERT_EMAIL_FROM', 'error: the receiver email needs ALERT_SMTP_HOST', 'error: the receiver telegram needs ALERT_TELEGRAM_CHAT']],
  ['MONITORING=full\nALERT_RECEIVERS=email\nALERT_EMAIL_TO=a@b.c\nALERT_EMAIL_FROM=a@b.c\nALERT_SMTP_HOST=h\nALERT_SMTP_PASSWORD=x\n', ['error: ALERT_SMTP_PASSWORD needs ALERT_SMTP_USER']],
  ['MONITORING=full\nGRAFANA_PORT=9090\n', ['error: GRAFANA_PORT=9090 is the port of PROMETHEUS_PORT too']],
  ['MONITORING=full\nNODE_P2P_PORT=3000\n', ['error: NODE_P2P_PORT=3000 is the port of GRAFANA_PORT too']],
  ['MONITORING=metrics\nNODE__node__prometheus_bind=0.0.0.0:1\n', ['error: NODE__node__prometheus_bind cannot be with MONITORING=metrics, which opens the node\'s metrics itself']],
] as const) {
  t.test(text.trim().replaceAll('\n', ' '), async (t) => { t.strictSame(resolved(text).problems, want) })
}

for (const [answer, fault] of [
  ['ALERT_RECEIVERS=slack,slack', 'names "slack" twice'], ['ALERT_RECEIVERS=slak', 'expects webhook, slack, pagerduty, email or telegram, found "slak"'],
  ['ALERT_RECEIVERS=slack,', 'expects webhook, slack, pagerduty, email or telegram, found ""'], ['ALERT_TELEGRAM_CHAT=@me', 'expects the number of a chat, found "@me"'],
  ['ALERT_EMAIL_TO=a', 'expects an email address, found "a"'], ['ALERT_EMAIL_TO="a@b.c\\nbcc: x"', 'holds a line end, and no answer may'],
  ['PROMETHEUS_RETENTION_DAYS=1', 'expects a number from 3 to 3650, found "1"'], ['ALERT_SLACK_URL=ftp://x', 'cannot be used: it does not begin with https:// or http://'],
  ['ALERT_SLACK_URL="https://a b"', 'cannot be used: it is no address of printable ASCII characters without blanks'], ['ALERT_PAGERDUTY_KEY=short', 'cannot be used: it has 5 characters, at least 16 are needed'],
  ['ALERT_SMTP_PASSWORD=hüsh', 'cannot be used: it is not printable ASCII'],
] as const) {
  t.test(answer, async (t) => {
    const { problems } = checkAnswers('a.env', readAnswers('a.env', `${base}${answer}\n`).entries, { secretsAllowed: true, outputDirectory: '.' })
    t.strictSame(problems.map(({ message }) => message), [`${answer.split('=')[0]} ${fault}`])
  })
}

t.test('with MONITORING=off nothing of it is there', async (t) => {
  const { value } = resolved('')
  t.notOk(value?.monitoring)
  t.equal(value?.signerConfig['metrics_endpoint'], '127.0.0.1:9154')
  t.equal((value?.nodeConfig['node'] as Record<string, unknown>)['prometheus_bind'], undefined)
  t.strictSame(names(value?.hosts[0]), ['init', 'snapshot', 'bitcoind', 'guard', 'stacks-signer', 'stacks-node'])
})

t.test('metrics: the endpoints, and what hands them on', async (t) => {
  const { value } = resolved('MONITORING=metrics\n')
  const [host] = value?.hosts ?? []
  t.strictSame(names(host), ['init', 'snapshot', 'bitcoind', 'guard', 'stacks-signer', 'stacks-node', 'metrics'])
  t.equal(value?.signerConfig['metrics_endpoint'], '0.0.0.0:9154')
  t.equal((value?.nodeConfig['node'] as Record<string, unknown>)['prometheus_bind'], '0.0.0.0:9153')
  t.strictSame(find(host, 'metrics')?.ports, [])
  t.strictSame(find(host, 'stacks-signer')?.networks, ['signer-link', 'signer-metrics'])
  t.strictSame(host?.networks.filter(({ name }) => /metrics|monitoring/.test(name)).map(({ name, internal }) => [name, internal]), [['signer-metrics', true], ['node-metrics', true], ['monitoring', true]])
  t.strictSame(host?.secrets.map(({ name }) => name), ['signer-private-key', 'auth-token', 'bitcoin-metrics-password'])
})

/** What every program gets. */
const heap = { NODE_OPTIONS: '--max-old-space-size=128' }

t.test('a port of 127.0.0.1 where it is asked for, on a network of its own', async (t) => {
  const [host] = resolved('MONITORING=metrics\nMETRICS_PORT=9999\n').value?.hosts ?? []
  t.match(find(host, 'metrics')?.ports, [{ host: 9999, container: 9155, address: '127.0.0.1' }])
  t.strictSame(host?.networks.filter(({ name }) => name === 'metrics-port').map(({ internal }) => internal), [false])
  t.ok(host?.services.every(({ name, networks }) => name === 'metrics' || !networks.includes('metrics-port')))
})

t.test('full: each host of two watches what is its own', async (t) => {
  const [node, signer] = resolved(`MONITORING=full\nALERT_RECEIVERS=slack\n${split}`).value?.hosts ?? []
  const watchers = ['metrics', 'prometheus', 'alertmanager', 'grafana', 'blackbox', 'node-exporter', 'releases']
  t.strictSame(names(node)?.slice(-7), watchers)
  t.strictSame(names(signer)?.slice(-7), watchers)
  t.strictSame(find(node, 'metrics')?.environment, { ...heap, LISTEN: '9155', NODE: 'stacks-node:9153', NODE_RPC: 'stacks-node:20443', SIGNER_IDENTITY: '02ab', BITCOIN_RPC: 'bitcoind:8332' })
  t.strictSame(find(signer, 'metrics')?.environment, { ...heap, LISTEN: '9155', SIGNER: 'stacks-signer:9154' })
  t.strictSame(node?.secrets.map(({ name }) => name).slice(-3), ['bitcoin-metrics-password', 'grafana-admin-password', 'alert-slack-url'])
  t.strictSame(signer?.secrets.map(({ name }) => name).slice(-2), ['grafana-admin-password', 'alert-slack-url'])
  t.strictSame(find(signer, 'node-exporter')?.mounts.map(({ target, readOnly }) => [target, readOnly]), [['/volumes/stacks-signer-data', true]])
  for (const host of [node, signer]) {
    for (const { name, ports } of host?.services ?? []) if (watchers.includes(name)) t.ok(ports.every(({ address }) => address === '127.0.0.1'), name)
  }
})

t.test('an external bitcoind is asked for nothing', async (t) => {
  const [host] = resolved('MONITORING=full\nBITCOIN_MODE=external\nBITCOIN_HOST=b.example.net\n').value?.hosts ?? []
  t.equal(find(host, 'metrics')?.environment['BITCOIN_RPC'], undefined)
  t.notOk(host?.secrets.some(({ name }) => name === 'bitcoin-metrics-password'))
  t.notOk(host?.volumes.some(({ name }) => name === 'metrics-config'))
})

t.test('no metric of a key stands in an environment under a name that sounds like one', async (t) => {
  const hosts = resolved(`MONITORING=full\n${split}`).value?.hosts ?? []
  for (const { services } of hosts) for (const { environment } of services) t.notMatch(JSON.stringify(environment), /key|token|password|secret/i)
})

t.test('an sBTC signer alone: its nodes open their metrics, and one service alone comes near them', async (t) => {
  const { value, problems } = resolved(`MONITORING=full\nSIGNER=off\nSIGNER_REGISTERED=no\n${sbtcAnswers}`)
  t.ok(problems.includes('warning: SIGNER_REGISTERED is not used with SIGNER=off'))
  const [host] = value?.hosts ?? []
  t.strictSame(find(host, 'metrics')?.environment, {
    ...heap, LISTEN: '9155', SBTC_SIGNER: 'sbtc-signer:9184', SBTC_INFO: 'sbtc-signer:8801', SBTC_SIGNATURES: '2', BLOCKLIST: 'blocklist-client:3032', POSTGRES: 'postgres:5432',
    SBTC_NODE: 'sbtc-stacks-node:9153', SBTC_NODE_RPC: 'sbtc-stacks-node:20443', SBTC_BITCOIN_RPC: 'sbtc-bitcoind:8332',
  })
  t.strictSame(find(host, 'metrics')?.networks, ['sbtc-metrics', 'sbtc-database', 'sbtc-blocklist', 'monitoring'])
  t.strictSame(host?.services.filter(({ networks }) => networks.includes('sbtc-metrics')).map(({ name }) => name), ['sbtc-bitcoind', 'sbtc-signer', 'sbtc-stacks-node', 'metrics'])
  t.ok(host?.networks.find(({ name }) => name === 'sbtc-metrics')?.internal)
  t.strictSame(host?.services.filter(({ networks }) => networks.includes('monitoring')).map(({ name }) => name), ['metrics', 'prometheus', 'alertmanager', 'grafana', 'node-exporter', 'releases'])
  t.match(value?.sbtc?.pair?.nodeConfig['node'], { prometheus_bind: '0.0.0.0:9153' })
  t.ok(host?.secrets.some(({ name }) => name === 'bitcoin-metrics-password'))
  t.strictSame(find(host, 'node-exporter')?.mounts.map(({ target }) => target), ['/volumes/postgres-data', '/volumes/sbtc-bitcoin-data', '/volumes/sbtc-stacks-node-data'])
  t.strictSame(find(host, 'releases')?.environment, { ...heap, LISTEN: '9156', NODE_USE_ENV_PROXY: '1', RUNS_NODE: '4.0.4', RUNS_SBTC: '1.3.3' })
})

t.test('an sBTC signer on shared nodes: they are read once', async (t) => {
  const [host] = resolved(`MONITORING=metrics\nSBTC_SHARED_NODES=yes\n${sbtcAnswers}`).value?.hosts ?? []
  const { environment, networks } = find(host, 'metrics')!
  t.notOk(Object.keys(environment).some((name) => /^SBTC_(NODE|BITCOIN)/.test(name)))
  t.ok(['node-metrics', 'signer-metrics', 'sbtc-metrics'].every((name) => networks.includes(name)))
  t.equal(environment['NODE_RPC'], 'stacks-node:20443')
  t.strictSame(host?.services.filter((one) => one.networks.includes('sbtc-metrics')).map(({ name }) => name), ['sbtc-signer', 'metrics'])
})
