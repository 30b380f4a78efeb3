/** Ports of one host that two services would publish: an error that names both answers. */

import t from 'tap'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { portClashes } from '../../generator/stack/port-clashes.ts'
import type { Host } from '../../generator/stack/model.ts'
import { resolve } from '../../generator/stack/resolve.ts'
import { sbtcAnswers } from '../support/sbtc-answers.ts'

const base = 'STACK_NAME=a\nNETWORK=mainnet\nPLATFORM=linux/amd64\nSTACKS_VERSION=4.0.4\n'
const split = 'TOPOLOGY=split\nNODE_HOST=203.0.113.7\nSIGNER_HOST=203.0.113.8\n'
const firewall = 'FIREWALL=on\nSSH_FROM=198.51.100.0/24\n'
const sbtc = sbtcAnswers.replace(/^(STACK_NAME|NETWORK|PLATFORM|STACKS_VERSION)=.*\n/gm, '')

function checked(text: string) {
  const { value, problems } = checkAnswers('a.env', readAnswers('a.env', base + text).entries, { secretsAllowed: true, outputDirectory: '.' })
  if (!value) throw new Error(JSON.stringify(problems))
  return value
}

function clashesOf(text: string) {
  return resolve(checked(text), { identity: { address: 'SP', publicKey: '02ab' } }).problems.filter(({ code }) => code === 'port-taken')
}

for (const [text, message, hint, line = 5] of [
  ['NODE_P2P_PORT=8333\n', 'NODE_P2P_PORT=8333 is the port of BITCOIN_P2P_PUBLISH=on, which is port 8333, too', 'write another NODE_P2P_PORT, or write BITCOIN_P2P_PUBLISH=off'],
  ['GRAFANA_PORT=8333\nMONITORING=full\n', 'GRAFANA_PORT=8333 is the port of BITCOIN_P2P_PUBLISH=on, which is port 8333, too', 'write another GRAFANA_PORT, or write BITCOIN_P2P_PUBLISH=off'],
  ['METRICS_PORT=20444\nMONITORING=metrics\n', 'METRICS_PORT=20444 is the port of NODE_P2P_PORT too', 'write another METRICS_PORT, or write another NODE_P2P_PORT'],
  ['PROMETHEUS_PORT=9093\nMONITORING=full\n', 'PROMETHEUS_PORT=9093 is the port of ALERTMANAGER_PORT too', 'write another PROMETHEUS_PORT, or write another ALERTMANAGER_PORT'],
  [`NODE_TLS_PORT=20444\n${split}`, 'NODE_TLS_PORT=20444 is the port of NODE_P2P_PORT too', 'write another NODE_TLS_PORT, or write another NODE_P2P_PORT'],
  [`SIGNER_TLS_PORT=3000\nMONITORING=full\n${split}`, 'SIGNER_TLS_PORT=3000 is the port of GRAFANA_PORT too', 'write another SIGNER_TLS_PORT, or write another GRAFANA_PORT'],
  [`SSH_PORT=20444\n${firewall}`, 'SSH_PORT=20444 is the port of NODE_P2P_PORT too', 'write another SSH_PORT, or write another NODE_P2P_PORT'],
  [`NODE_P2P_PORT=22\n${firewall}`, 'NODE_P2P_PORT=22 is the port of SSH_PORT too', 'write another NODE_P2P_PORT, or write another SSH_PORT'],
  ['NODE_RPC_PUBLISH=127.0.0.1:20444\n', 'NODE_RPC_PUBLISH=127.0.0.1:20444 is the port of NODE_P2P_PORT too', 'write another NODE_RPC_PUBLISH, or write another NODE_P2P_PORT'],
  ['METRICS_PORT=20443\nMONITORING=metrics\nNODE_RPC_PUBLISH=127.0.0.1:20443\n', 'METRICS_PORT=20443 is the port of NODE_RPC_PUBLISH too', 'write another METRICS_PORT, or write another NODE_RPC_PUBLISH'],
  [`NODE_RPC_PUBLISH=0.0.0.0:3000\nNODE_RPC_FROM=10.0.0.0/8\nMONITORING=full\n${firewall}`, 'NODE_RPC_PUBLISH=0.0.0.0:3000 is the port of GRAFANA_PORT too', 'write another NODE_RPC_PUBLISH, or write another GRAFANA_PORT'],
  [`SBTC_P2P_PORT=20444\n${sbtc}`, 'SBTC_P2P_PORT=20444 is the port of NODE_P2P_PORT too', 'write another SBTC_P2P_PORT, or write another NODE_P2P_PORT'],
  [`SBTC_P2P_PORT=8333\n${sbtc}`, 'SBTC_P2P_PORT=8333 is the port of BITCOIN_P2P_PUBLISH=on, which is port 8333, too', 'write another SBTC_P2P_PORT, or write BITCOIN_P2P_PUBLISH=off'],
] as const) t.test(message, async (t) => { t.match(clashesOf(text), [{ severity: 'error', message, hint, at: { line } }]) })

for (const text of [
  'NODE_P2P_PORT=8333\nBITCOIN_P2P_PUBLISH=off\n', 'NODE_P2P_PORT=8333\nBITCOIN_MODE=external\nBITCOIN_HOST=b.example.net\n', 'NODE_P2P_PORT=3000\n', 'NODE_P2P_PORT=22\n', 'NODE_RPC_PUBLISH=127.0.0.2:3000\nMONITORING=full\n', 'NODE_RPC_PUBLISH=[::1]:3000\nMONITORING=full\n',
  // Ports of sidecars that no host shows, and those of the other host.
  'PROMETHEUS_PORT=2443\nMONITORING=full\n', `SIGNER_TLS_PORT=8333\n${split}`, `NODE_P2P_PORT=3443\n${split}`,
]) t.test(`no clash: ${text.trim().replaceAll('\n', ' ')}`, async (t) => { t.strictSame(clashesOf(text), []) })

t.test('protocol and address count', async (t) => {
  const clashes = (a: object, b: object) => {
    const ports = [{ host: 1000, container: 1, protocol: 'tcp', purpose: '', answer: 'NODE_P2P_PORT', ...a }, { host: 1000, container: 1, protocol: 'tcp', purpose: '', answer: 'GRAFANA_PORT', ...b }]
    return portClashes(checked(''), [{ services: [{ ports }] } as unknown as Host], undefined).length
  }
  t.equal(clashes({}, {}), 1)
  t.equal(clashes({ protocol: 'udp' }, {}), 0)
  t.equal(clashes({ address: '127.0.0.1' }, {}), 1)
  t.equal(clashes({ address: '127.0.0.1' }, { address: '192.0.2.1' }), 0)
  t.equal(clashes({ address: '127.0.0.1' }, { address: '127.0.0.1' }), 1)
  for (const every of ['0.0.0.0', '::', '0:0:0:0:0:0:0:0']) t.equal(clashes({ address: every }, { address: '127.0.0.1' }), 1, every)
})
