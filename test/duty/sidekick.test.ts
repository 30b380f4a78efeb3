/** What stands in Sidekick's place on the engine: it gets its token, reaches node, metrics and the signer's facts, and not the signer. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ownPort } from '../support/own.ts'
import { testKey } from '../support/command.ts'
import { waitFor } from '../support/wait.ts'
import { inspectContainer } from '../engines/support/engine.ts'
import { testImages } from '../engines/support/images.ts'
import { release, withEngine } from '../engines/support/setting.ts'
import { makeStack } from '../engines/support/stack.ts'

/** Asks for what Sidekick asks for, by the same variables, and says what it saw. */
const double = `
const { env } = process
const reach = (url) => fetch(url, { signal: AbortSignal.timeout(5000) }).then(async (answer) => answer.status + ' ' + (await answer.text()).slice(0, 2000), () => 'nothing')
require('http').createServer(async (request, response) => {
  if (request.url === '/health/live') return response.end('ok')
  const signer = env.STACKS_SIGNER_MONITORING_URL
  const urls = { node: env.STACKS_NODE_RPC_URL + '/v2/info', nodeMetrics: env.STACKS_NODE_METRICS_URL, info: signer + '/info', heartbeat: signer + '/heartbeat', metrics: signer + '/metrics',
    events: 'http://stacks-signer:30000/status', direct: 'http://stacks-signer:9154/info' }
  const seen = Object.fromEntries(await Promise.all(Object.entries(urls).map(async ([name, url]) => [name, await reach(url)])))
  response.end(JSON.stringify({ ...seen, token: env.SIDEKICK_AUTH_TOKEN }))
}).listen(3998)`

await withEngine(t, async (root) => {
  const port = await ownPort()
  const stack = await makeStack(root, {
    release,
    answers: {
      STACK_NAME: 'sidekick', NETWORK: 'mainnet', STACKS_VERSION: release, SNAPSHOT: 'off', SIGNER_PRIVATE_KEY: testKey, MONITORING: 'metrics',
      BITCOIN_P2P_PUBLISH: 'off', NODE_P2P_PORT: String(await ownPort()), SIDEKICK: 'on', SIDEKICK_MANAGER: 'SP000000000000000000002Q6VF78.signer-manager', SIDEKICK_PORT: String(port),
    },
    override: { sidekick: { image: testImages.nodejs, command: ['node', '-e', double.replaceAll('$', '$$$$')] } },
  })
  const up = stack.compose('up', '-d')
  t.equal(up.status, 0, up.err)
  await stack.becomesHealthy('stacks-node', 'stacks-signer', 'metrics', 'sidekick')

  await t.test('it reaches what it should, and no more', async (t) => {
    const seen = await waitFor('all that it reaches answers', async () => await (await fetch(`http://127.0.0.1:${port}/seen`)).json() as Record<string, string>, (answers) => ['node', 'nodeMetrics', 'info', 'metrics'].every((name) => answers[name]?.startsWith('200')))
    t.match(seen['node'], /^200 .*burn_block_height/)
    t.match(seen['nodeMetrics'], /^200 /)
    t.match(seen['info'], /^200 .*signerPublicKey/)
    t.match(seen['metrics'], /^200 /)
    t.equal(seen['events'], 'nothing', 'not the port that stops the signer')
    t.equal(seen['direct'], 'nothing')
    t.equal(seen['token'], readFileSync(join(stack.directory, 'secrets/sidekick-auth-token'), 'utf8').trim())
  })

  await t.test('its token is in no answer of the engine', async (t) => {
    const token = readFileSync(join(stack.directory, 'secrets/sidekick-auth-token'), 'utf8').trim()
    t.notOk(JSON.stringify(await inspectContainer(stack.container('sidekick'))).includes(token))
    t.notOk(stack.compose('config').out.includes(token))
  })
})
