import t from 'tap'
import { eventRoutes, rpcRoutes } from '../../generator/catalogue/routes.ts'
import { signerReleases } from '../../generator/catalogue/releases.ts'

const passes = (routes: readonly string[], request: string) => routes.some((route) => new RegExp(`^${route}$`).test(request))
const boot = 'SP000000000000000000002Q6VF78'
const hash = '0123456789abcdef0123456789abcdef01234567'

/** What a signer of that release, and those around it, asks; from the facts. */
const calls: readonly (readonly [request: string, since?: string | undefined, until?: string])[] = [
  ['GET /v2/info'], ['GET /v2/pox'], ['GET /v3/stacker_set/144'],
  [`POST /v2/contracts/call-read/${boot}/signers/get-last-set-cycle`],
  [`POST /v2/contracts/call-read/${boot}/signers/stackerdb-get-signer-slots-page`],
  ['POST /v3/block_proposal'], ['POST /v3/blocks/upload/?broadcast=1'], ['GET /v3/sortitions/latest_and_last'],
  [`GET /v3/sortitions/consensus/${hash}`, '3.1.0.0.10.0'], [`GET /v3/tenures/fork_info/${hash}/${hash}`],
  [`GET /v3/tenures/tip/${hash}`, undefined, '3.3.0.0.3.0'], [`GET /v3/tenures/tip_metadata/${hash}`, '3.3.0.0.4.0'],
  ['GET /v2/accounts/SP1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRCBGD7R?proof=0'], ['GET /v2/accounts/ST3PQ0NRF3WYMSKJQW47GZXGH663HBMXVJ9TW7DWQ?proof=0'],
  [`GET /v2/stackerdb/${boot}/signers-0-1`], [`GET /v2/stackerdb/${boot}/signers-1-1/17`], [`GET /v2/stackerdb/${boot}/signers-1-1/17/4`], [`POST /v2/stackerdb/${boot}/signers-0-1/chunks`],
  [`POST /v2/stackerdb/${boot}/signers-0-2/chunks`, '3.1.0.0.8.0'], [`POST /v2/stackerdb/${boot}/signers-1-3/chunks`, '3.2.0.0.2.0'],
]

t.test('each release of the signer may ask what it asks, and no more', async (t) => {
  const order = signerReleases.map(({ version }) => version)
  for (const { version } of signerReleases) {
    for (const [request, since, until] of calls) {
      const asks = (!since || order.indexOf(version) >= order.indexOf(since)) && (!until || order.indexOf(version) <= order.indexOf(until))
      t.equal(passes(rpcRoutes(version), request), asks, `${version}: ${request}`)
    }
  }
  t.ok(calls.flatMap(([, ...ends]) => ends).every((version) => version === undefined || order.includes(version)), 'the releases named here are known')
})

t.test('nothing can be hidden in a path', async (t) => {
  for (const request of [
    'GET /', 'GET /v2/info/', 'GET /v2/info?', 'GET  /v2/info', 'GET /v2/info#x', 'POST /v2/info', 'get /v2/info', 'GET /v2/peers', 'GET /v2/info/../peers', 'GET /v2/%69nfo', 'GET //v2/info',
    'GET /v2/info\nGET /v2/peers', 'GET /v3/stacker_set/', 'GET /v3/stacker_set/1?tip=x', 'GET /v3/stacker_set/12345678901', 'POST /v3/block_proposal?x', 'POST /v3/blocks/upload/', 'POST /v3/blocks/upload/?broadcast=0',
    `POST /v2/contracts/call-read/${boot}/pox-4/get-stacker-info`, `GET /v2/stackerdb/${boot}/miners`, `GET /v2/stackerdb/${boot}/signers-2-1`, `GET /v2/stackerdb/${boot}/signers-0-1/1/2/3`, `GET /v2/stackerdb/${boot}/signers-0-1/chunks`,
    'GET /v2/accounts/SP1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRCBGD7R', `GET /v3/tenures/fork_info/${hash}`, `GET /v3/tenures/fork_info/${hash}/${hash}/`, 'POST /v2/transactions',
  ]) t.notOk(passes(rpcRoutes('4.0.4'), request), request)
  for (const request of ['POST /shutdown', 'GET /shutdown', 'POST /new_block/../shutdown', 'POST /new_block?', 'GET /new_block', 'POST /status', 'GET /status/', 'POST /new_mempool_tx', 'POST /']) {
    t.notOk(passes(eventRoutes, request), request)
  }
})

t.test('nginx and JavaScript read the routes alike', async (t) => {
  for (const route of [...rpcRoutes('4.0.4'), ...eventRoutes]) t.notMatch(route.replace(/\{\d+(,\d+)?\}/g, ''), /["';{}$]|\\[^?]/, route)
})
