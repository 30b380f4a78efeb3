/** What services may take of the machine: from one table, into the Compose file and bitcoin.conf. */

import t from 'tap'
import { parse } from 'yaml'
import { checkAnswers } from '../../generator/answers/check.ts'
import { readAnswers } from '../../generator/answers/read.ts'
import { resolve } from '../../generator/stack/resolve.ts'
import { planText } from '../support/pipeline.ts'
import { sampleStack, sampleVariety } from '../support/sample-stack.ts'
import { sbtcAnswers } from '../support/sbtc-answers.ts'

interface Service { readonly mem_limit: string; readonly mem_reservation: string; readonly cpu_shares?: number }

const base = 'STACK_NAME=a\nNETWORK=mainnet\nPLATFORM=linux/amd64\nSTACKS_VERSION=4.0.4\n'
const external = 'BITCOIN_MODE=external\nBITCOIN_HOST=b.example.net\n'
const split = `TOPOLOGY=split\nNODE_HOST=203.0.113.7\nSIGNER_HOST=203.0.113.8\n${external}`
const sbtc = sbtcAnswers.replace(/^(STACK_NAME|NETWORK|PLATFORM|STACKS_VERSION)=.*\n/gm, '')

const fileOf = (text: string, path: string): string => planText(base + text).files.get(path)!.content
const servicesOf = (text: string, path = 'docker-compose.yml') => (parse(fileOf(text, path)) as { readonly services: Readonly<Record<string, Service>> }).services
const mebibytes = (size: string): number => Number(/^(\d+)m$/.exec(size)?.[1])
const dbcache = (text: string, path = 'config/bitcoin.conf'): string => /^dbcache=(.*)$/m.exec(fileOf(text, path))![1]!

function told(text: string) {
  const { value } = checkAnswers('a.env', readAnswers('a.env', base + text).entries, { secretsAllowed: true, outputDirectory: '.' })
  return resolve(value!, { identity: { address: 'SP', publicKey: '02ab' } }).problems
    .filter(({ code }) => code === 'too-little-memory' || code === 'unused-answer').map(({ severity, message, hint }) => [`${severity}: ${message}`, hint])
}

t.test('every service of every stack has a limit and a reservation, and all reservations fit into the machine', async (t) => {
  for (const options of sampleVariety) {
    const { stack, host } = sampleStack(options)
    t.strictSame(Object.keys(host.resources), host.services.map(({ name }) => name))
    const reserved = Object.values(host.resources).reduce((sum, { limit, reservation }) => {
      t.ok(reservation > 0 && reservation <= limit)
      return sum + reservation
    }, 0)
    const need = { bitcoind: 8, 'stacks-node': 8, 'sbtc-bitcoind': 8, 'sbtc-stacks-node': 8, 'sbtc-signer': 4 }
    const asked = Object.entries(need).reduce((sum, [name, gb]) => sum + (Object.hasOwn(host.resources, name) ? gb : 0), 0) || 4
    t.ok(reserved < asked * 1024, `${stack.name} ${JSON.stringify(options)}: ${reserved} of ${asked} GB`)
  }
})

t.test('without MEMORY: what the guide asks for', async (t) => {
  const { bitcoind, 'stacks-node': node, 'stacks-signer': signer, snapshot } = servicesOf('')
  t.strictSame([bitcoind, node, signer, snapshot].map((one) => [one?.mem_limit, one?.mem_reservation, one?.cpu_shares]),
    [['8192m', '4096m', 256], ['8192m', '4096m', undefined], ['4096m', '2048m', undefined], ['384m', '64m', 256]])
  t.equal(dbcache(''), '1024')
  t.strictSame(servicesOf('MEMORY=16g\n'), servicesOf(''), 'which is 16 GB with a bitcoind')
  t.strictSame(servicesOf(`${external}MEMORY=8g\n`), servicesOf(external), 'and 8 GB without')
})

t.test('MEMORY: the nodes and the cache grow, and nothing else', async (t) => {
  const [usual, large] = [servicesOf('MONITORING=full\n'), servicesOf('MONITORING=full\nMEMORY=40g\n')]
  for (const [name, { mem_limit: limit }] of Object.entries(usual)) {
    const factor = ['bitcoind', 'stacks-node'].includes(name) ? 2.5 : 1
    t.equal(mebibytes(large[name]!.mem_limit), mebibytes(limit) * factor, name)
  }
  t.equal(dbcache('MEMORY=40g\n'), '2560')
  t.equal(servicesOf(`${external}MEMORY=16g\n`)['stacks-node']!.mem_limit, '16384m')
  t.equal(dbcache(`${sbtc}MEMORY=108g\n`, 'config/sbtc-bitcoin.conf'), '3072')
  t.match(fileOf('MEMORY=40g\n', 'README.md'), '| Memory | 40 GB, as `MEMORY` says; 16 GB at least |')
  t.match(JSON.parse(fileOf('MEMORY=40g\n', 'config/stack.json')), { memoryGb: 40 })
})

t.test('on two hosts: that of the node', async (t) => {
  const text = `${split}MEMORY=32g\n`
  t.equal(servicesOf(text, 'node-host/docker-compose.yml')['stacks-node']!.mem_limit, '32768m')
  t.strictSame(servicesOf(text, 'signer-host/docker-compose.yml'), servicesOf(split, 'signer-host/docker-compose.yml'))
  t.match(JSON.parse(fileOf(text, 'signer-host/config/stack.json')), { memoryGb: 4 })
})

for (const [text, ...want] of [
  ['MEMORY=8g\n', 'error: MEMORY=8g is too little: this stack needs 16 GB (bitcoind 8 GB, stacks-node and stacks-signer 8 GB)', 'use a machine with 16 GB, or a bitcoind elsewhere (BITCOIN_MODE=external)'],
  [`MEMORY=7g\n${external}`, 'error: MEMORY=7g is too little: this stack needs 8 GB (stacks-node and stacks-signer 8 GB)', 'use a machine with 8 GB'],
  [`MEMORY=7g\n${split}`, 'error: MEMORY=7g is too little: this stack needs 8 GB (stacks-node 8 GB)', 'use a machine with 8 GB'],
  [`MEMORY=16g\n${sbtc}`, 'error: MEMORY=16g is too little: this stack needs 36 GB (bitcoind 8 GB, stacks-node and stacks-signer 8 GB, sbtc-bitcoind 8 GB, sbtc-signer and postgres 4 GB, sbtc-stacks-node 8 GB)',
    'use a machine with 36 GB, or a bitcoind elsewhere (BITCOIN_MODE=external)'],
] as const) t.test(want[0], async (t) => { t.strictSame(told(text), [want]) })

t.test('what is no size', async (t) => {
  for (const value of ['16', '16G', '0g', '16gb', '1.5g', '-1g', '16 g', '99999g']) {
    const { problems } = checkAnswers('a.env', readAnswers('a.env', `${base}MEMORY=${value}\n`).entries, { secretsAllowed: true, outputDirectory: '.' })
    t.match(problems, [{ message: 'MEMORY expects gigabytes like 16g, found ' }], value)
  }
})
