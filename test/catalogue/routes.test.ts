import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { eventCalls, pattern, rpcCalls, signerLanes } from '../../generator/catalogue/routes.ts'
import { nodeReleases, signerReleases } from '../../generator/catalogue/releases.ts'
import { repository } from '../support/repository.ts'

interface Fact { readonly by: string; readonly call: string; readonly since?: string; readonly until?: string; readonly answers?: Readonly<Record<string, string>> }
const facts = JSON.parse(readFileSync(join(repository, 'test/facts/calls.json'), 'utf8')) as
  { readonly read: Readonly<Record<'node' | 'signer', Readonly<Record<string, string>>>>; readonly calls: readonly Fact[] }

const passes = (calls: readonly string[], request: string) => calls.some((call) => new RegExp(`^${pattern(call)}$`).test(request))
const boot = 'SP000000000000000000002Q6VF78'
const hash = '0123456789abcdef0123456789abcdef01234567'
const burnHash = `${hash}${hash.slice(0, 24)}`

t.test('the source of each known release was read, and no other release is named', async (t) => {
  t.strictSame(Object.keys(facts.read.signer), signerReleases.map(({ version }) => version))
  t.strictSame(Object.keys(facts.read.node), nodeReleases.map(({ version }) => version))
  for (const commit of Object.values(facts.read).flatMap((one) => Object.values(one))) t.match(commit, /^[0-9a-f]{10}$/)
  for (const { call, since, until } of facts.calls) t.ok([since, until].every((version) => version === undefined || version in facts.read.signer), call)
})

t.test('each release may call what its source calls, and no more', async (t) => {
  const order = signerReleases.map(({ version }) => version)
  for (const version of order) {
    const made = facts.calls.filter(({ by, since, until }) => ['signer', 'guard'].includes(by)
      && (!since || order.indexOf(version) >= order.indexOf(since)) && (!until || order.indexOf(version) <= order.indexOf(until)))
    t.strictSame([...rpcCalls(version)].sort(), made.map(({ call }) => call).sort(), version)
  }
  t.notOk(passes(rpcCalls('4.0.2'), `GET /v3/sortitions/burn/${burnHash}`))
  t.ok(passes(rpcCalls('4.0.3'), `GET /v3/sortitions/burn/${burnHash}`))
  t.strictSame(['3.1.0.0.7.0', '3.1.0.0.8.0', '3.2.0.0.2.0'].map((version) => signerLanes(version).join('')), ['1', '12', '123'])
})

t.test('a refusal is no status that a caller takes for an answer', async (t) => {
  const refusals = [...readFileSync(join(repository, 'templates/tls-sidecar.hbs'), 'utf8').matchAll(/return (\d+) "not passed on/g)].map((found) => found[1]!)
  t.strictSame(refusals, ['403', '403'], 'on both sides')
  for (const { call, answers } of facts.calls) t.notOk(refusals.some((status) => status in (answers ?? {})), call)
  t.ok(facts.calls.filter(({ answers }) => answers?.['404']).length > 3, '404 is one for several calls')
})

t.test('nothing can be hidden in a path', async (t) => {
  for (const request of [
    'GET /', 'GET /v2/info/', 'GET /v2/info?', 'GET  /v2/info', 'GET /v2/info#x', 'POST /v2/info', 'get /v2/info', 'GET /v2/peers', 'GET /v2/info/../peers', 'GET /v2/%69nfo', 'GET //v2/info',
    'GET /v2/info\nGET /v2/peers', 'GET /v3/stacker_set/', 'GET /v3/stacker_set/1?tip=x', 'GET /v3/stacker_set/12345678901', 'POST /v3/block_proposal?x', 'POST /v3/blocks/upload/', 'POST /v3/blocks/upload/?broadcast=0',
    `POST /v2/contracts/call-read/${boot}/pox-4/get-stacker-info`, `GET /v2/stackerdb/${boot}/miners`, `GET /v2/stackerdb/${boot}/signers-2-1`, `GET /v2/stackerdb/${boot}/signers-0-1/1/2/3`, `GET /v2/stackerdb/${boot}/signers-0-1/chunks`,
    'GET /v2/accounts/SP1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRCBGD7R', `GET /v3/tenures/fork_info/${hash}`, `GET /v3/tenures/fork_info/${hash}/${hash}/`, 'POST /v2/transactions',
    `GET /v3/sortitions/burn/${hash}`, `GET /v3/sortitions/burn/${burnHash}0`, `GET /v3/sortitions/burn/${burnHash.toUpperCase()}`, `POST /v3/sortitions/burn/${burnHash}`, `GET /v2/stackerdb/${boot}/signers-1-1/17/4`,
  ]) t.notOk(passes(rpcCalls('4.0.4'), request), request)
  for (const request of ['POST /shutdown', 'GET /shutdown', 'POST /new_block/../shutdown', 'POST /new_block?', 'GET /new_block', 'POST /status', 'GET /status/', 'POST /new_mempool_tx', 'POST /']) {
    t.notOk(passes(eventCalls, request), request)
  }
})

t.test('nginx and JavaScript read the patterns alike', async (t) => {
  for (const call of new Set([...signerReleases.flatMap(({ version }) => rpcCalls(version)), ...eventCalls])) {
    t.notMatch(pattern(call), 'undefined')
    t.notMatch(pattern(call).replace(/\{\d+(,\d+)?\}/g, ''), /["';{}$]|\\[^?]/, call)
  }
})
