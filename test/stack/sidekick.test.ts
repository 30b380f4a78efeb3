/** Signer Sidekick: wired as its documentation says, shown on loopback alone, away from the signer, and with its token in no file but one. */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { planText } from '../support/pipeline.ts'
import { repository } from '../support/repository.ts'

interface Service { readonly environment: Record<string, string>; readonly networks: readonly string[]; readonly ports?: readonly string[]; readonly image: string; readonly user: string }
const manager = 'SP000000000000000000002Q6VF78.signer-manager'
const testManager = 'ST000000000000000000002AMW42H.signer-manager'
const base = (network = 'mainnet', contract = manager) => `STACK_NAME=s\nNETWORK=${network}\nSTACKS_VERSION=4.0.4\nSIDEKICK=on\nSIDEKICK_MANAGER=${contract}\n`

function servicesOf(text: string, home = ''): Record<string, Service> {
  return (parse(planText(text).files.get(`${home}docker-compose.yml`)!.content, { merge: true }) as { services: Record<string, Service> }).services
}

t.test('without monitoring it asks node and API', async (t) => {
  const { sidekick, 'stacks-node': node, 'stacks-signer': signer } = servicesOf(base())
  t.strictSame(sidekick!.environment, {
    SIDEKICK_NETWORK: 'mainnet', SIDEKICK_MANAGER_PRINCIPAL: manager, STACKS_NODE_RPC_URL: 'http://stacks-node:20443', SIDEKICK_EVENT_HTTP_ENABLED: 'false',
  })
  t.strictSame(sidekick!.ports, ['127.0.0.1:3998:3998/tcp'])
  t.match(sidekick!.image, /^ghcr\.io\/stx-labs\/signer-sidekick:2\.2\.0$/, 'by its tag, until pin has asked the registry')
  t.equal(sidekick!.user, '10001:10001')
  t.ok(node!.networks.includes('sidekick-node'))
  t.notOk(signer!.networks.some((name) => sidekick!.networks.includes(name)), 'no network leads from it to the signer')
  t.notOk(servicesOf(base().replace('SIDEKICK=on\n', '').replace(/SIDEKICK_MANAGER.*\n/, ''))['sidekick'])
})

t.test('with monitoring it reads what metrics hands on', async (t) => {
  const { sidekick, metrics, 'stacks-signer': signer } = servicesOf(`${base()}MONITORING=metrics\nSIDEKICK_PORT=4998\n`)
  t.match(sidekick!.environment, { STACKS_NODE_METRICS_URL: 'http://metrics:9155/node', STACKS_SIGNER_MONITORING_URL: 'http://metrics:9155/signer' })
  t.strictSame(sidekick!.ports, ['127.0.0.1:4998:3998/tcp'])
  t.ok(metrics!.networks.includes('sidekick-metrics'))
  t.notOk(signer!.networks.some((name) => sidekick!.networks.includes(name)))
})

t.test('on two hosts it stands beside the node', async (t) => {
  const split = `${base()}MONITORING=metrics\nTOPOLOGY=split\nNODE_HOST=node.example.net\nSIGNER_HOST=signer.example.net\n`
  t.notOk(servicesOf(split, 'signer-host/')['sidekick'])
  t.equal(servicesOf(split, 'node-host/')['sidekick']!.environment['STACKS_SIGNER_MONITORING_URL'], undefined, 'the signer is on the other')
})

t.test('networks by its own names', async (t) => {
  t.match(servicesOf(base('testnet', testManager))['sidekick']!.environment, { SIDEKICK_NETWORK: 'testnet', SIDEKICK_NETWORK_ID: undefined, STACKS_API_URL: undefined })
  t.match(servicesOf(base('staking-testnet', testManager))['sidekick']!.environment, { SIDEKICK_NETWORK: 'testnet', SIDEKICK_NETWORK_ID: '1280', STACKS_API_URL: 'https://api.staking-testnet.hiro.so' })
})

t.test('refused', async (t) => {
  for (const [text, message] of [
    ['STACK_NAME=s\nNETWORK=mainnet\nSIDEKICK=on\n', /SIDEKICK=on needs SIDEKICK_MANAGER/],
    [base('mainnet', testManager), /SIDEKICK_MANAGER is an address of another network than mainnet/],
    [base('mainnet', manager.replace('78.', '79.')), /SIDEKICK_MANAGER is no Stacks address: its checksum does not fit/],
    [base('mainnet', 'signer-manager'), /SIDEKICK_MANAGER expects a contract, ADDRESS\.NAME/],
    [base().replace('STACKS_VERSION=4.0.4', 'STACKS_NODE_VERSION=3.4.0.0.4\nSTACKS_SIGNER_VERSION=3.4.0.0.4.0\nALLOW_UNSUPPORTED=yes'), /SIDEKICK=on is for PoX-5, and stacks-signer 3\.4\.0\.0\.4\.0 signs for PoX-4/],
    [`${base()}SIDEKICK_PORT=9155\nMONITORING=metrics\nMETRICS_PORT=9155\n`, /SIDEKICK_PORT=9155 is the port of METRICS_PORT too|METRICS_PORT=9155 is the port of SIDEKICK_PORT too/],
  ] as const) t.throws(() => planText(text), { message }, text)
  t.match(planText('STACK_NAME=s\nNETWORK=mainnet\nSIDEKICK_PORT=4000\n').warnings, [{ code: 'unused-answer', message: 'SIDEKICK_PORT is not used with SIDEKICK=off' }])
})

t.test('its token comes from the volume that init fills', async (t) => {
  const root = t.testdir({ etc: { sidekick: { 'sidekick-auth-token': 'a-token of $HOME "quotes"' } } })
  const run = (stackRoot: string) => spawnSync('sh', [join(repository, 'docker/gate/sidekick.sh'), 'printenv', 'SIDEKICK_AUTH_TOKEN'], { encoding: 'utf8', env: { PATH: process.env['PATH'], STACK_ROOT: stackRoot } })
  t.match(run(root), { status: 0, stdout: 'a-token of $HOME "quotes"\n' })
  const none = run(join(root, 'etc'))
  t.not(none.status, 0, 'and without it nothing runs')
  t.equal(none.stdout, '')
})
