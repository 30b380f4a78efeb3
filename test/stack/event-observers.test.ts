/** Observers: the signer's first, those of the operator's own through the relay. */

import { readFileSync } from 'node:fs'
import TOML from '@iarna/toml'
import t from 'tap'
import { parse } from 'yaml'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readEventObservers } from '../../generator/answers/event-observers.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { valueFault } from '../../generator/answers/values.ts'
import { resolve } from '../../generator/stack/resolve.ts'
import { withoutObservers } from '../../docker/programs/init/fill.ts'
import { planText } from '../support/pipeline.ts'

interface Service { readonly networks: readonly string[]; readonly extra_hosts?: readonly string[]; readonly environment: Readonly<Record<string, string>>; readonly depends_on: object; readonly mem_limit: string }

const base = 'STACK_NAME=a\nNETWORK=mainnet\nPLATFORM=linux/amd64\nSTACKS_VERSION=4.0.4\n'
const two = 'EVENT_OBSERVERS=\'host:3700 stx timeout_ms=5000 retries=off, [2001:db8::1]:3701\'\n'
const contract = 'SP2J6ZY48GV1EZ5V2V5RB9MP66SW86PYKKNRV9EJ7.my-contract'

const fileOf = (text: string, path: string): string => planText(base + text).files.get(path)!.content
const observersOf = (text: string, path = 'config/node-config.toml') => (TOML.parse(fileOf(text, path)) as { readonly events_observer: unknown }).events_observer
const composeOf = (text: string, path = 'docker-compose.yml') => parse(fileOf(text, path)) as { readonly services: Readonly<Record<string, Service>>; readonly networks: Readonly<Record<string, { readonly internal?: boolean; readonly driver_opts?: Readonly<Record<string, string>> } | null>> }

function told(text: string) {
  const { value } = checkAnswers('a.env', readAnswers('a.env', base + text).entries, { secretsAllowed: true, outputDirectory: '.' })
  return resolve(value!, { identity: { address: 'SP', publicKey: '02ab' } }).problems.filter(({ at }) => at).map(({ severity, message, hint }) => [`${severity}: ${message}`, hint])
}

const signers = { endpoint: 'stacks-signer:30000', events_keys: ['stackerdb', 'block_proposal', 'burn_blocks'] }

t.test('the signer\'s observer comes first, with its timeout', async (t) => {
  t.strictSame(observersOf(''), [signers])
  t.strictSame(observersOf('SIGNER_OBSERVER_TIMEOUT_MS=300000\n'), [{ ...signers, timeout_ms: 300_000 }])
  t.strictSame(observersOf(`${two}SIGNER_OBSERVER_TIMEOUT_MS=5000\n`), [
    { ...signers, timeout_ms: 5000 },
    { endpoint: 'event-relay:30010', events_keys: ['stx'], disable_retries: true },
    { endpoint: 'event-relay:30011', events_keys: ['*'], disable_retries: true },
  ])
})

t.test('with sidecars nginx waits as long as the node', async (t) => {
  for (const [timeout, want] of [['SIGNER_OBSERVER_TIMEOUT_MS=300000\n', ['300s']], ['SIGNER_OBSERVER_TIMEOUT_MS=60000\n', []], ['', []]] as const) {
    for (const name of ['node-tls', 'signer-tls']) t.strictSame([...fileOf(`TLS_SIDECARS=on\n${timeout}`, `config/nginx/${name}.conf`).matchAll(/proxy_read_timeout (.*);/g)].map(([, value]) => value), want)
  }
})

t.test('the relay, and who meets it', async (t) => {
  const { services, networks } = composeOf(two)
  const relay = services['event-relay']!
  t.strictSame(relay.networks, ['event-link', 'event-observers'])
  t.strictSame(JSON.parse(relay.environment['OBSERVERS']!), [
    { endpoint: 'host.docker.internal:3700', timeoutMs: 5000, retries: false }, { endpoint: '[2001:db8::1]:3701', timeoutMs: 10_000, retries: true },
  ])
  t.strictSame(relay.extra_hosts, ['host.docker.internal:host-gateway'])
  t.equal(composeOf('EVENT_OBSERVERS=a.example.net:1\n').services['event-relay']!.extra_hosts, undefined)
  const meets = (network: string) => Object.entries(services).filter(([, one]) => one.networks?.includes(network)).map(([name]) => name)
  t.strictSame([meets('event-link'), meets('event-observers')], [['event-relay', 'stacks-node'], ['event-relay']], 'what joins the network of observers meets the relay alone')
  t.strictSame([networks['event-link']?.internal, networks['event-observers']?.internal], [true, undefined])
  t.ok(Object.hasOwn(services['stacks-node']!.depends_on, 'event-relay'))
  t.notOk(Object.hasOwn(composeOf('').services, 'event-relay'))
  t.match(fileOf(two, 'README.md'), '| host.docker.internal:3700 | event-relay:30010 | `stx` | 5000 | lost |\n| [2001:db8::1]:3701 | event-relay:30011 | `*` | 10000 | sent again until it is taken |')
})

t.test('on two hosts it stands beside the node', async (t) => {
  const split = `TOPOLOGY=split\nNODE_HOST=203.0.113.7\nSIGNER_HOST=203.0.113.8\n${two}`
  t.ok(Object.hasOwn(composeOf(split, 'node-host/docker-compose.yml').services, 'event-relay'))
  t.notOk(Object.hasOwn(composeOf(split, 'signer-host/docker-compose.yml').services, 'event-relay'))
})

t.test('an observer on the machine: the firewall lets in the network of the relay, and that alone', async (t) => {
  const firewall = 'FIREWALL=on\nSSH_FROM=198.51.100.0/24\n'
  const bridge = composeOf(firewall + two).networks['event-observers']!.driver_opts!['com.docker.network.bridge.name']!
  t.match(bridge, /^ss-[0-9a-f]{12}$/)
  t.match(fileOf(firewall + two, 'firewall/firewall.nft'), `    iifname "${bridge}" tcp dport 3700 goto let_in # event-observers\n`)
  t.equal([...fileOf(firewall + two, 'firewall/firewall.nft').matchAll(new RegExp(bridge, 'g'))].length, 1)
  t.match(fileOf(two, 'README.md'), `A firewall of this machine must let in the\n  bridge \`${composeOf(two).networks['event-observers']!.driver_opts!['com.docker.network.bridge.name']}\`.`)
})

t.test('a node that runs while no signer is there still tells them', async (t) => {
  const left = TOML.parse(withoutObservers(fileOf(two, 'config/node-config.toml'), 'node-config.toml'))
  t.strictSame((left['events_observer'] as unknown as readonly { readonly endpoint: string }[]).map(({ endpoint }) => endpoint), ['event-relay:30010', 'event-relay:30011'])
  t.notOk(Object.hasOwn(TOML.parse(withoutObservers(fileOf('', 'config/node-config.toml'), 'node-config.toml')), 'events_observer'))
})

for (const [text, message, hint] of [
  ['EVENT_OBSERVERS=localhost:3700\n', 'error: EVENT_OBSERVERS names localhost:3700, which is the container of event-relay itself', 'write host:3700 for an observer on the machine that runs the stack'],
  ['EVENT_OBSERVERS=127.0.0.1:3700\n', 'error: EVENT_OBSERVERS names 127.0.0.1:3700, which is the container of event-relay itself', 'write host:3700 for an observer on the machine that runs the stack'],
] as const) t.test(message, async (t) => { t.strictSame(told(text), [[message, hint]]) })

t.test('a node that knows no disable_retries', async (t) => {
  const old = 'STACKS_NODE_VERSION=3.1.0.0.5\nSTACKS_SIGNER_VERSION=3.1.0.0.5.0\nALLOW_UNSUPPORTED=yes\n'
  const { value } = checkAnswers('a.env', readAnswers('a.env', `STACK_NAME=a\nNETWORK=mainnet\n${old}EVENT_OBSERVERS=a.example.net:1\n`).entries, { secretsAllowed: true, outputDirectory: '.' })
  t.match(resolve(value!).problems.filter(({ severity }) => severity === 'error'), [{ code: 'observer-blocks', message: /needs stacks-node 3\.1\.0\.0\.7 or later/ }])
})

t.test('what the answer may say', async (t) => {
  const type = { kind: 'observers' } as const
  for (const value of ['host:1', 'a:65535', 'a.example.net:3700 *', `api:3700 ${contract}::print ${contract}.token stx`, 'a:1 timeout_ms=100 retries=on', 'a:1,a:2', '[::1]:1  burn_blocks']) t.equal(valueFault(type, value), undefined, value)
  for (const value of ['', ',', 'a', 'a:', 'a:0', 'a:65536', ':1', 'http://a:1', 'a:1/x', '::1:1', 'a:1,', 'a:1,A:1', 'a:1 all', 'a:1 stx stx', 'a:1 timeout_ms=99', 'a:1 timeout_ms=600001', 'a:1 timeout_ms=1e3',
    'a:1 timeout_ms=100 timeout_ms=200', 'a:1 retries=yes', 'a:1 retries', 'a:1 "stx"', 'a:1 $HOME', `a:1 ${contract}`, `a:1 ${contract}::`, 'a:1 STX', 'a:1 mined_block', 'a:1\tstx']) t.match(valueFault(type, value), { message: String }, JSON.stringify(value))
  t.strictSame(readEventObservers(`host:1, [::1]:2 timeout_ms=500  ${contract}::print memtx retries=off`), [
    { host: 'host', port: 1, keys: ['*'], timeoutMs: 10_000, retries: true },
    { host: '[::1]', port: 2, keys: [`${contract}::print`, 'memtx'], timeoutMs: 500, retries: false },
  ])
})

t.test('what is written by hand into the node\'s TOML names the answers', async (t) => {
  const { problems } = checkAnswers('a.env', readAnswers('a.env', `${base}NODE__events_observer__endpoint=a:1\n`).entries, { secretsAllowed: true, outputDirectory: '.' })
  t.match(problems, [{ severity: 'error', message: /events_observer/ }])
  t.match(JSON.stringify(problems), 'EVENT_OBSERVERS')
})

t.test('the memory of the relay holds what it may keep', async (t) => {
  const source = readFileSync(new URL('../../docker/programs/event-relay/run.ts', import.meta.url), 'utf8')
  const [waiting, arriving] = [/mostWaiting = (\d+) << 20/, /mostArriving = (\d+) << 20/].map((pattern) => Number(pattern.exec(source)?.[1]))
  // What arrives is put together once, so it is there twice for a moment; a Node.js for itself, and one for the health check.
  t.ok(waiting! + 2 * arriving! + 2 * 64 <= Number.parseInt(composeOf(two).services['event-relay']!.mem_limit, 10))
})
