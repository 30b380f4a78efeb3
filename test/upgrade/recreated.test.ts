/** Which containers Compose would make anew. What it judges was asked of `docker compose config --hash` (2.40). */

import t from 'tap'
import { imageTags, recreated } from '../../generator/upgrade/recreated.ts'
import { planText } from '../support/pipeline.ts'

const base = `name: s
services:
  init:
    image: s-tools:1
    build: { context: ./docker/tools, args: { BASE: a } }
    stop_grace_period: 10s
  bitcoind:
    image: bitcoin:31
    networks: [bitcoin-link]
    stop_grace_period: 10m
  stacks-signer:
    image: ghcr.io/x/stacks-signer:4.0.2@sha256:${'a'.repeat(64)}
    depends_on: { init: { condition: service_completed_successfully } }
    networks: [signer-link]
  stacks-node:
    image: ghcr.io/x/stacks-core:4.0.2-alpine
    depends_on: { init: { condition: service_completed_successfully }, stacks-signer: { condition: service_started, restart: true }, bitcoind: { condition: service_started, restart: true } }
    networks: [signer-link, bitcoin-link]
    environment: { A: "1", B: "2" }
    stop_grace_period: 5m
networks:
  signer-link: { internal: true }
  bitcoin-link: { internal: true }
volumes:
  data: {}
`
const change = (from: string, to: string) => {
  if (!base.includes(from)) throw new Error(from)
  return base.replace(from, to)
}
const told = (before: string | undefined, after: string) => recreated(before, after).map(({ service, what, stopGrace }) => `${service} ${what} ${stopGrace}`)

const rows: readonly [name: string, after: string, want: readonly string[]][] = [
  ['nothing', base, []],
  ['the order of keys, comments and quoting', change('{ A: "1", B: "2" }', '{ B: \'2\', A: \'1\' } # c'), []],
  ['the same said once for all', change('services:\n', 'x-grace: &grace { stop_grace_period: 5m }\nservices:\n').replace('    stop_grace_period: 5m', '    <<: *grace'), []],
  ['another node', change('stacks-core:4.0.2', 'stacks-core:4.0.4'), ['stacks-node anew 5m']],
  ['another signer stops its node too', change('stacks-signer:4.0.2', 'stacks-signer:4.0.4'), ['stacks-signer anew 10s', 'stacks-node restarted 5m']],
  ['another bitcoind stops its node too', change('bitcoin:31', 'bitcoin:32'), ['bitcoind anew 10m', 'stacks-node restarted 5m']],
  ['another init stops nobody', change('s-tools:1', 's-tools:2'), ['init anew 10s']],
  ['how an image is built', change('BASE: a', 'BASE: b'), []],
  ['what comes after what', change(', restart: true }, bitcoind', ' }, bitcoind'), []],
  ['one network', change('  bitcoin-link: { internal: true }', '  bitcoin-link: {}'), ['bitcoind anew 10m', 'stacks-node anew 5m']],
  ['a volume', change('data: {}', 'data: { labels: { a: b } }'), []],
  ['a service more', change('services:\n', 'services:\n  new:\n    image: x\n'), ['new new 10s']],
  ['a service less', change('  bitcoind:\n    image: bitcoin:31\n    networks: [bitcoin-link]\n    stop_grace_period: 10m\n', ''), ['bitcoind removed 10m']],
  ['the old grace counts, for it is the old container that stops', change('5m', '1m'), ['stacks-node anew 5m']],
  ['another project is another set of containers', change('name: s\n', 'name: other\n'), ['init new 10s', 'bitcoind new 10m', 'stacks-signer new 10s', 'stacks-node new 5m']],
]

for (const [name, after, want] of rows) t.test(name, async (t) => { t.strictSame(told(base, after).sort(), [...want].sort()) })

t.test('no file before, or one that says nothing', async (t) => {
  for (const before of [undefined, '', 'a: [', '[]', 'name: s\nservices: 3\n', 'name: s\nservices: { stacks-node: ~ , init: [], x: 1 }\nnetworks: ~\n']) {
    t.ok(recreated(before, base).filter(({ what }) => what === 'new' || what === 'anew').length === 4, JSON.stringify(before))
  }
})

t.test('the tags of the images', async (t) => {
  t.strictSame([...imageTags(base)], [['init', '1'], ['bitcoind', '31'], ['stacks-signer', '4.0.2'], ['stacks-node', '4.0.2']])
  t.strictSame([...imageTags('services:\n  a: { image: x }\n  b: {}\n  c: { image: "x:latest" }\n  d: { image: "reg:5000/x:4.0.2@sha256:00" }\n')], [['d', '4.0.2']])
  for (const text of ['', 'a: [', '3']) t.strictSame([...imageTags(text)], [])
})

t.test('the real files of one release and of the next', async (t) => {
  const compose = (release: string, bitcoin: string) =>
    planText(`STACK_NAME=s\nNETWORK=mainnet\nBITCOIN_MODE=${bitcoin}\n${bitcoin === 'external' ? 'BITCOIN_HOST=b.example\n' : ''}STACKS_VERSION=${release}\n`).files.get('docker-compose.yml')!.content
  for (const bitcoin of ['full', 'pruned', 'external']) {
    t.strictSame(told(compose('4.0.4', bitcoin), compose('4.0.4', bitcoin)), [])
    // The header of each TOML names its release, so init fills both anew; bitcoind and the snapshot stay as they are.
    t.strictSame(told(compose('4.0.2', bitcoin), compose('4.0.4', bitcoin)), ['init anew 10s', 'stacks-signer anew 10s', 'stacks-node anew 20m'])
  }
})

t.test('networks with addresses that stay', async (t) => {
  const fixed = base.replace('networks: [bitcoin-link]', 'networks: { bitcoin-link: { ipv4_address: 198.18.0.18 } }')
  t.strictSame(told(fixed, fixed), [])
  t.strictSame(told(fixed, fixed.replace('bitcoin-link: { internal: true }', 'bitcoin-link: {}')), ['bitcoind anew 10m', 'stacks-node anew 5m'])
})
