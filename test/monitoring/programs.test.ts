/**
 * Prometheus, Alertmanager, the exporters and what hands on the metrics, run on a stack's own files: only addresses,
 * places and times are others. The signer, its node and the sidecar's TLS are doubles.
 */

import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import t, { type Test } from 'tap'
import { planText } from '../support/pipeline.ts'
import { end, firstRun } from '../support/certificates.ts'
import { programPath, start, until } from '../docker/tools.ts'
import { answers, double, get } from '../docker/web-double.ts'
import { freePort } from '../support/port.ts'
import { accepts, needs, put } from './support.ts'

const programs = ['promtool', 'amtool', 'prometheus', 'prometheus-alertmanager', 'prometheus-blackbox-exporter', 'prometheus-node-exporter']
const text = ['STACK_NAME=my-signer', 'NETWORK=mainnet', 'STACKS_VERSION=4.0.4', 'TOPOLOGY=split', 'NODE_HOST=node.example.net', 'SIGNER_HOST=192.0.2.7', 'MONITORING=full', 'ALERT_RECEIVERS=webhook', ''].join('\n')

interface Targets { readonly data: { readonly activeTargets: readonly { readonly health: string; readonly lastError: string; readonly labels: Record<string, string> }[] } }
interface Series { readonly data: { readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[] } }
interface Notice { readonly receiver: string; readonly alerts: readonly { readonly status: string; readonly labels: Record<string, string>; readonly annotations: Record<string, string> }[] }
type Shown = readonly { readonly labels: Record<string, string>; readonly status: { readonly state: string } }[]

/** At the start there are none at all. */
function allUp({ data: { activeTargets } }: Targets): boolean {
  return activeTargets.length >= 8 && activeTargets.every(({ health }) => health === 'up')
}

/** A server that shows the signer's certificate and wants one of the node's, as the sidecar does. */
async function sidecar(t: Test): Promise<{ readonly port: number; readonly ca: string }> {
  const { cert, key, ca } = end(await firstRun(), 'signer-tls')
  const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' }, (socket) => { socket.destroy() })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  return { port: (server.address() as AddressInfo).port, ca }
}

t.test('the signer\'s host: everything is read, what fails is told once, and what follows from it is kept back', needs(...programs), async (t) => {
  let alive = true
  const signer = await double(t, (path) => (!alive ? { status: 503 } : path === '/metrics' ? { body: 'stacks_signer_stacks_node_height 5\n' } : {}))
  const notices: Notice[] = []
  const hook = await double(t, (_path, _request, body) => {
    notices.push(JSON.parse(body) as Notice)
    return {}
  })
  const link = await sidecar(t)
  const [metrics, prometheus, alertmanager, blackbox, exporter, releases] = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort(), await freePort()] as const
  const root = put(t, {})
  const moved = (content: string): string => content
    .replaceAll('metrics:9155', `127.0.0.1:${metrics}`).replaceAll('blackbox:9115', `127.0.0.1:${blackbox}`).replaceAll('alertmanager:9093', `127.0.0.1:${alertmanager}`)
    .replaceAll('node-exporter:9100', `127.0.0.1:${exporter}`).replaceAll('releases:9156', `127.0.0.1:${releases}`).replaceAll('127.0.0.1:9090', `127.0.0.1:${prometheus}`)
    .replaceAll('signer-tls:3443', `127.0.0.1:${link.port}`).replaceAll(/\/etc\/(prometheus|alertmanager|blackbox)\//g, `${root}/$1/`)
    .replaceAll(/: (20|15)s$/gm, ': 1s').replaceAll(/for: 2m$/gm, 'for: 2s').replaceAll(/for: \d+[mh]$/gm, 'for: 9s').replaceAll(/(group_wait|group_interval): \w+$/gm, '$1: 1s')
  for (const [path, { content }] of planText(text).files) {
    const [, place] = /^signer-host\/config\/((?:prometheus|alertmanager|blackbox)\/.*)$/.exec(path) ?? []
    if (!place) continue
    mkdirSync(join(root, place, '..'), { recursive: true })
    writeFileSync(join(root, place), moved(content))
  }
  // The certificates of the doubles are those of another name of stack, for the same hosts.
  writeFileSync(join(root, 'blackbox/ca.pem'), link.ca)
  writeFileSync(join(root, 'alertmanager/alert-webhook-url'), `http://127.0.0.1:${hook.port}/hook`)
  start(t, process.execPath, [programPath('metrics')], { LISTEN: String(metrics), SIGNER: `127.0.0.1:${signer.port}` })
  start(t, process.execPath, [programPath('releases')], { LISTEN: String(releases), RELEASES_URL: 'http://127.0.0.1:1/', RUNS_SIGNER: '4.0.4' })
  start(t, 'prometheus-blackbox-exporter', [`--config.file=${root}/blackbox/blackbox.yml`, `--web.listen-address=127.0.0.1:${blackbox}`], {})
  const collectors = [...planText(text).files.get('signer-host/docker-compose.yml')!.content.matchAll(/^ +- (--collector\.\S+)$/gm)].map(([, flag]) => flag!.replace('^/volumes/', '^/'))
  t.ok(collectors.length > 10)
  start(t, 'prometheus-node-exporter', [...collectors, `--web.listen-address=127.0.0.1:${exporter}`], {})
  start(t, 'prometheus-alertmanager', [`--config.file=${root}/alertmanager/alertmanager.yml`, `--storage.path=${root}/am`, `--web.listen-address=127.0.0.1:${alertmanager}`, '--cluster.listen-address='], {})
  start(t, 'prometheus', [`--config.file=${root}/prometheus/prometheus.yml`, `--storage.tsdb.path=${root}/tsdb`, `--web.listen-address=127.0.0.1:${prometheus}`], {})

  const targets = JSON.parse(await answers(prometheus, '/api/v1/targets', (body, status) => status === 200 && allUp(JSON.parse(body) as Targets))) as Targets
  t.strictSame(targets.data.activeTargets.map(({ labels }) => `${labels['job']} ${labels['instance']} ${labels['stack']} ${labels['part']}`).sort(), [
    'alertmanager alertmanager my-signer signer', 'certificates signer-tls my-signer signer', 'host host my-signer signer', 'prometheus prometheus my-signer signer',
    'releases releases my-signer signer', 'signer-heartbeat stacks-signer my-signer signer', 'stack stack my-signer signer', 'stacks-signer stacks-signer my-signer signer',
  ])
  const query = async (expr: string) => (JSON.parse((await get(prometheus, `/api/v1/query?query=${encodeURIComponent(expr)}`)).text) as Series).data.result.map(({ value }) => Number(value[1]))
  t.strictSame(await query('stacks_signer_stacks_node_height{job="stacks-signer",stack="my-signer"}'), [5])
  t.strictSame(await query('probe_success{job="signer-heartbeat"}'), [1])
  t.strictSame(await query('probe_success{job="certificates"}'), [1], 'a certificate is seen without showing one')
  const [left] = await query('(probe_ssl_earliest_cert_expiry{job="certificates"} - time()) / 86400')
  t.ok(left !== undefined && left > 390 && left < 398, `${left} days`)
  for (const name of ['node_cpu_seconds_total', 'node_memory_MemAvailable_bytes', 'node_filesystem_avail_bytes', 'node_vmstat_oom_kill', 'node_timex_sync_status', 'node_disk_io_time_seconds_total', 'node_load1']) {
    t.ok((await query(`count(${name}{job="host"})`))[0], name)
  }
  accepts(t, 'promtool', ['check', 'healthy', `--url=http://127.0.0.1:${prometheus}`], 'Prometheus\' health check')
  accepts(t, 'amtool', ['cluster', 'show', `--alertmanager.url=http://127.0.0.1:${alertmanager}`], 'Alertmanager\'s health check')

  alive = false
  const told = (name: string, status: string) => notices.some(({ alerts }) => alerts.some((one) => one.labels['alertname'] === name && one.status === status))
  await until(() => told('SignerDown', 'firing'), () => JSON.stringify(notices))
  const shown = JSON.parse(await answers(alertmanager, '/api/v2/alerts', (body) => body.includes('SignerHeartbeat'))) as Shown
  t.equal(shown.find(({ labels }) => labels['alertname'] === 'SignerHeartbeat')?.status.state, 'suppressed', 'what follows from it is kept back')
  t.notOk(told('SignerHeartbeat', 'firing'))
  const alert = notices.flatMap(({ alerts }) => alerts).find(({ labels }) => labels['alertname'] === 'SignerDown')!
  t.match(alert.annotations, { summary: 'my-signer signer: The signer does not answer', runbook_url: 'signer-host/RUNBOOK.md#signerdown' })
  t.match(alert.labels, { severity: 'page', stack: 'my-signer', part: 'signer', instance: 'stacks-signer' })
  alive = true
  await until(() => told('SignerDown', 'resolved'), () => JSON.stringify(notices))
  t.ok(told('SignerDown', 'resolved'), 'and its end is told too')
  accepts(t, 'amtool', ['alert', 'add', 'alertname=Test', 'severity=page', 'stack=my-signer', 'concerns=monitoring', `--annotation=summary=my-signer: this is a test`, `--alertmanager.url=http://127.0.0.1:${alertmanager}`], 'make alert-test')
  await until(() => told('Test', 'firing'), () => JSON.stringify(notices))
  t.ok(told('Test', 'firing'), 'a test arrives')
})
