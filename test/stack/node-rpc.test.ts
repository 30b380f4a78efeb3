/** The node's RPC on a port of the machine: who may come is said, or the machine alone reaches it. */

import t from 'tap'
import { parse } from 'yaml'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { mermaidDiagram } from '../../generator/files/diagram.ts'
import { isLocal } from '../../generator/stack/port-clashes.ts'
import { publishedRpc } from '../../generator/stack/node-rpc.ts'
import { resolve } from '../../generator/stack/resolve.ts'
import { planText } from '../support/pipeline.ts'

const base = 'STACK_NAME=a\nNETWORK=mainnet\nPLATFORM=linux/amd64\nSTACKS_VERSION=4.0.4\nBITCOIN_P2P_PUBLISH=off\n'
const firewall = 'FIREWALL=on\nSSH_FROM=198.51.100.0/24\n'
const remote = `${firewall}NODE_RPC_PUBLISH=10.0.0.5:20443\nNODE_RPC_FROM=10.0.0.0/24,2001:db8::9\n`

const filesOf = (text: string) => planText(base + text).files
const fileOf = (text: string, path: string): string => filesOf(text).get(path)!.content
const portsOf = (text: string) => (parse(fileOf(text, 'docker-compose.yml')) as { readonly services: Readonly<Record<string, { readonly ports?: readonly string[] }>> }).services['stacks-node']!.ports

const answersOf = (text: string) => checkAnswers('a.env', readAnswers('a.env', base + text).entries, { secretsAllowed: true, outputDirectory: '.' }).value!

function told(text: string) {
  return publishedRpc(answersOf(text)).problems.map(({ severity, message, hint }) => [`${severity}: ${message}`, hint])
}

t.test('which addresses this machine alone reaches', async (t) => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '0:0:0:0:0:0:0:1', '0::0001']) t.ok(isLocal({ address }), address)
  for (const address of [undefined, '0.0.0.0', '10.0.0.1', '::', '::2', '1::1', '::ffff:127.0.0.1', 'fe80::1', '2001:db8::1']) t.notOk(isLocal(address === undefined ? {} : { address }), address ?? 'none')
})

t.test('published on loopback, and in no config of the node', async (t) => {
  t.strictSame(portsOf(''), ['20444:20444/tcp'])
  t.strictSame(portsOf('NODE_RPC_PUBLISH=127.0.0.1:20999\n'), ['20444:20444/tcp', '127.0.0.1:20999:20443/tcp'])
  t.strictSame(portsOf('NODE_RPC_PUBLISH=[::1]:20999\n'), ['20444:20444/tcp', '[::1]:20999:20443/tcp'])
  for (const text of ['NODE_RPC_PUBLISH=127.0.0.1:20443\n', remote]) t.equal(fileOf(text, 'config/node-config.toml'), fileOf('', 'config/node-config.toml'))
  t.strictSame((JSON.parse(fileOf('NODE_RPC_PUBLISH=127.0.0.1:20443\n', 'config/stack.json')) as { readonly openPorts: unknown }).openPorts, ['stacks-node:20444/tcp'])
  t.match(fileOf('NODE_RPC_PUBLISH=127.0.0.1:20443\n', 'README.md'), /Reachable from this machine only:\n\n.*\n.*\n\| 20443\/tcp \| stacks-node \| RPC of the node \| 127\.0\.0\.1 \|\n[^]*The token protects `\/v3\/block_proposal`/)
  t.notMatch(fileOf('', 'README.md'), 'of the published RPC')
})

t.test('on another address: the firewall lets in who is named, and the doctor knows the port', async (t) => {
  t.strictSame(portsOf(remote), ['20444:20444/tcp', '10.0.0.5:20443:20443/tcp'])
  t.strictSame((JSON.parse(fileOf(remote, 'config/stack.json')) as { readonly openPorts: unknown }).openPorts, ['stacks-node:20444/tcp', 'stacks-node:20443/tcp'])
  const rules = fileOf(remote, 'firewall/firewall.nft')
  t.match(rules, 'meta l4proto tcp ct original proto-dst 20443 ip saddr @rpc4 goto let_in\n    meta l4proto tcp ct original proto-dst 20443 ip6 saddr @rpc6 goto let_in\n')
  t.match(rules, /set rpc4 \{\n.*\n.*\n.*\n {4}elements = \{ 10\.0\.0\.0\/24 \}/)
  t.match(rules, '#   20443/tcp stacks-node: RPC of the node, from 10.0.0.0/24, 2001:db8::9\n')
  t.notMatch(fileOf(`${firewall}NODE_RPC_PUBLISH=127.0.0.1:20443\n`, 'firewall/firewall.nft'), '20443')
  t.match(fileOf(remote, 'README.md'), '| 20443/tcp | stacks-node | RPC of the node | 10.0.0.5, from 10.0.0.0/24, 2001:db8::9 alone |')
  const stack = resolve(answersOf(remote)).value!
  t.match(mermaidDiagram(stack, stack.hosts[0]!), 'internet <-->|"20444/tcp, 20443/tcp from 10.0.0.0/24, 2001:db8::9"| stacks_node')
})

const why = 'most of the RPC asks for no token, so the firewall must know who may come'
for (const [text, message, hint] of [
  ['NODE_RPC_PUBLISH=10.0.0.5:20443\n', `error: NODE_RPC_PUBLISH=10.0.0.5:20443 needs FIREWALL=on and NODE_RPC_FROM: ${why}`,
    'add a line FIREWALL=on and add a line like NODE_RPC_FROM=10.0.0.0/24, or write NODE_RPC_PUBLISH=127.0.0.1:20443'],
  [`${firewall}NODE_RPC_PUBLISH=0.0.0.0:20443\n`, `error: NODE_RPC_PUBLISH=0.0.0.0:20443 needs NODE_RPC_FROM: ${why}`, 'add a line like NODE_RPC_FROM=10.0.0.0/24, or write NODE_RPC_PUBLISH=127.0.0.1:20443'],
  ['NODE_RPC_PUBLISH=[::]:20443\nNODE_RPC_FROM=10.0.0.0/24\n', `error: NODE_RPC_PUBLISH=[::]:20443 needs FIREWALL=on: ${why}`, 'add a line FIREWALL=on, or write NODE_RPC_PUBLISH=127.0.0.1:20443'],
  ['NODE_RPC_FROM=10.0.0.0/24\n', 'warning: NODE_RPC_FROM is not used without NODE_RPC_PUBLISH', undefined],
  ['NODE_RPC_PUBLISH=127.0.0.1:1\nNODE_RPC_FROM=10.0.0.0/24\n', 'warning: NODE_RPC_FROM is not used: 127.0.0.1 is reached from this machine alone', undefined],
] as const) t.test(message, async (t) => { t.strictSame(told(text), [[message, hint]]) })

t.test('the config of the node is no way around it', async (t) => {
  const { problems } = checkAnswers('a.env', readAnswers('a.env', `${base}NODE__node__rpc_bind=0.0.0.0:80\n`).entries, { secretsAllowed: true, outputDirectory: '.' })
  t.match(problems, [{ severity: 'error', message: /rpc_bind/, hint: 'for a port of this machine, write NODE_RPC_PUBLISH' }])
})
