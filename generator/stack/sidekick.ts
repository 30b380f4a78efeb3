/**
 * Signer Sidekick, by docs/operator/deployment.md and node-signer-requirements.md of stx-labs/signer-sidekick. It is the only
 * program here that may ask the internet and the node: so it shares no network with the signer, and reads its metrics
 * through `metrics`, which hands on nothing else.
 */

import type { Answers } from '../answers/check.ts'
import { paths, ports, users } from '../catalogue/container.ts'
import type { NetworkFacts } from '../catalogue/networks.ts'
import type { Release } from '../catalogue/releases.ts'
import { error, warning, type Result } from '../problem.ts'
import { health } from './health.ts'
import { addressFault } from './keys.ts'
import type { ImageRef, Service, Stack } from './model.ts'
import { volume } from './mounts.ts'
import type { Side } from './side.ts'
import type { Sidekick } from './sidekick-settings.ts'

/** No value with SIDEKICK=off. */
export function sidekickSettings(answers: Answers, facts: NetworkFacts, signer: Release): Result<Sidekick> {
  const { values, given, place } = answers
  if (values.SIDEKICK === 'off') {
    return { problems: (['SIDEKICK_MANAGER', 'SIDEKICK_PORT'] as const).filter((key) => given.has(key)).map((key) => warning('unused-answer', `${key} is not used with SIDEKICK=off`, place(key))) }
  }
  const manager = values.SIDEKICK_MANAGER
  const fault = manager === undefined ? undefined : addressFault(manager.split('.')[0]!, values.NETWORK)
  const problems = [
    ...(manager === undefined ? [error('missing-answer', 'SIDEKICK=on needs SIDEKICK_MANAGER: the signer-manager contract to look at', place('SIDEKICK'), 'add a line SIDEKICK_MANAGER=ADDRESS.NAME with a contract that is deployed')] : []),
    ...(fault ? [error('bad-value', `SIDEKICK_MANAGER ${fault}`, place('SIDEKICK_MANAGER'))] : []),
    ...(values.SIGNER === 'off' ? [error('no-signer', 'SIDEKICK=on with SIGNER=off: there is no Stacks signer to look at', place('SIDEKICK'), 'leave SIDEKICK out')] : []),
    ...(Number.parseInt(signer.version, 10) < 4 ? [error('no-pox-5', `SIDEKICK=on is for PoX-5, and stacks-signer ${signer.version} signs for PoX-4`, place('SIDEKICK'), 'leave SIDEKICK out, or write STACKS_VERSION of 4.0.0 or later')] : []),
  ]
  if (problems.length > 0) return { problems }
  return {
    problems,
    value: {
      manager: manager!, port: values.SIDEKICK_PORT, network: facts.addresses,
      ...(facts.signer.chain_id !== undefined && { chainId: facts.chainId }), ...(facts.api && { api: facts.api }),
    },
  }
}

/** `side` with Sidekick beside its node; as it is where there is no node, or no Sidekick. */
export function withSidekick({ sidekick, monitoring }: Omit<Stack, 'hosts'>, side: Side, image: ImageRef): Side {
  const runs = (name: string) => side.services.some((service) => service.name === name)
  if (!sidekick || !runs('stacks-node')) return side
  const telemetry = monitoring !== undefined
  const members: Readonly<Record<string, string>> = { 'stacks-node': 'sidekick-node', ...(telemetry && { metrics: 'sidekick-metrics' }) }
  return {
    services: [
      ...side.services.map((service): Service => (members[service.name] ? { ...service, networks: [...service.networks, members[service.name]!] } : service)),
      sidekickService(image, sidekick, telemetry, runs('stacks-signer')),
    ],
    networks: [
      ...side.networks,
      { name: 'sidekick', purpose: 'The port on 127.0.0.1 of Sidekick, and the Stacks API that it asks', internal: false },
      { name: 'sidekick-node', purpose: 'Sidekick and the node', internal: true },
      ...(telemetry ? [{ name: 'sidekick-metrics', purpose: 'Sidekick and what hands on the metrics', internal: true }] : []),
    ],
    volumes: [
      ...side.volumes,
      { name: 'sidekick-config', purpose: 'Sidekick\'s token, filled by init', target: paths.sidekickConfig },
      { name: 'sidekick-data', purpose: 'What Sidekick has read, and what was set in its dashboard', target: paths.sidekickData },
    ],
    secrets: [...side.secrets, { name: 'sidekick-auth-token', purpose: 'The token that the dashboard of Sidekick asks for' }],
  }
}

/** Without SIDEKICK_ENGINE_MODE it observes, and sends no transaction. */
function sidekickService(image: ImageRef, { manager, port, network, chainId, api }: Sidekick, telemetry: boolean, signer: boolean): Service {
  const metrics = `http://metrics:${ports.metrics.number}`
  return {
    name: 'sidekick',
    purpose: 'Signer Sidekick: a dashboard for the signer and its pool; sends no transaction',
    image,
    user: users.sidekick,
    entrypoint: ['/bin/sh', `${paths.sidekickConfig}/sidekick.sh`],
    command: ['node', '/app/dist/main.js', 'serve'],
    environment: {
      SIDEKICK_NETWORK: network,
      ...(chainId !== undefined && { SIDEKICK_NETWORK_ID: String(chainId) }),
      SIDEKICK_MANAGER_PRINCIPAL: manager,
      STACKS_NODE_RPC_URL: `http://stacks-node:${ports.nodeRpc.number}`,
      // Without it Sidekick takes the one that it knows for the network.
      ...(api && { STACKS_API_URL: api }),
      ...(telemetry && { STACKS_NODE_METRICS_URL: `${metrics}/node`, ...(signer && { STACKS_SIGNER_MONITORING_URL: `${metrics}/signer` }) }),
      SIDEKICK_EVENT_HTTP_ENABLED: 'false',
    },
    networks: ['sidekick', 'sidekick-node', ...(telemetry ? ['sidekick-metrics'] : [])],
    ports: [{ host: port, container: ports.sidekick.number, protocol: 'tcp', address: '127.0.0.1', purpose: 'Signer Sidekick', answer: 'SIDEKICK_PORT' }],
    mounts: [volume('sidekick-config', paths.sidekickConfig, true), volume('sidekick-data', paths.sidekickData)],
    secrets: [],
    after: ['init'],
    stopsBefore: [],
    lifetime: 'long-running',
    capabilities: [],
    // As the health check of its image.
    health: health(['node', '-e', `fetch('http://127.0.0.1:${ports.sidekick.number}/health/live').then(r=>{if(!r.ok)process.exit(1)}).catch(()=>process.exit(1))`], '1m'),
    stopGrace: '10s',
    pids: 128,
    temporary: ['/tmp:size=64m'],
    configFiles: ['docker/gate/sidekick.sh'],
  }
}
