/** `docker-compose.yml`: the model of one host rendered for Compose, hardened alike for every service. */

import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderYaml, type YamlNote, type YamlValue } from '../render/yaml.ts'
import { isBuilt } from '../stack/built-images.ts'
import { memoryLimit } from '../stack/memory.ts'
import type { Host, ImageRef, Mount, PublishedPort, Service, Stack, StackNetwork } from '../stack/model.ts'
import { loggingOf } from './logging.ts'

type Fields = Record<string, YamlValue>

/**
 * The Compose file of `host`. `digests` maps a file of the output to the hash of its content: Compose does not see a
 * changed file behind a mount, so its hash stands in a label and a change makes the container anew.
 */
export function composeFile(stack: Stack, host: Host, digests: ReadonlyMap<string, string>): PlannedFile {
  const data: Fields = {
    name: stack.name,
    services: Object.fromEntries([...host.services.map((service) => [service.name, serviceFields(stack, host, service, digests)] as const), ...(hasTools(host) ? [['tools', toolFields(stack, host)] as const] : [])]),
    networks: Object.fromEntries(host.networks.map((network) => [network.name, networkFields(network)])),
    volumes: Object.fromEntries(host.volumes.map((volume) => [volume.name, {}])),
    secrets: Object.fromEntries(host.secrets.map((secret) => [secret.name, { file: `./secrets/${secret.name}` }])),
  }
  return {
    path: `${host.directory}docker-compose.yml`,
    content: renderYaml(escapeDollars(data), header, notes(host)),
    mode: 0o644,
  }
}

/** When the engine starts a container again. What has ended with 0 stays ended, also after a reboot, under `on-failure`. */
const restart = { 'one-shot': 'no', 'until-done': 'on-failure', 'long-running': 'unless-stopped' } as const

function serviceFields(stack: Stack, host: Host, service: Service, digests: ReadonlyMap<string, string>): Fields {
  return {
    ...imageFields(host, service),
    ...(stack.platform && !isBuilt(service.image) && { platform: stack.platform }),
    user: service.user,
    entrypoint: service.entrypoint,
    command: service.command,
    ...(Object.keys(service.environment).length > 0 && { environment: service.environment }),
    ...(service.after.length > 0 && { depends_on: Object.fromEntries(service.after.map((name) => [name, dependency(host, service, name)])) }),
    ...(service.networks.length > 0 ? { networks: networksOf(service) } : { network_mode: 'none' }),
    ...(service.ports.length > 0 && { ports: service.ports.map(portText) }),
    ...(service.mounts.length > 0 && { volumes: service.mounts.map(mountFields) }),
    ...(service.secrets.length > 0 && { secrets: service.secrets }),
    ...(service.temporary.length > 0 && { tmpfs: service.temporary }),
    ...(service.health && { healthcheck: {
      test: service.health.test,
      interval: service.health.interval,
      timeout: service.health.timeout,
      retries: service.health.retries,
      start_period: service.health.startPeriod,
      start_interval: service.health.startInterval,
    } }),
    init: true,
    restart: restart[service.lifetime],
    ...(service.stopSignal && { stop_signal: service.stopSignal }),
    stop_grace_period: service.stopGrace,
    read_only: true,
    cap_drop: ['ALL'],
    ...(service.capabilities.length > 0 && { cap_add: service.capabilities }),
    security_opt: ['no-new-privileges:true'],
    mem_limit: `${memoryLimit(service.name)}m`,
    pids_limit: service.pids,
    ulimits: { core: 0, ...(service.openFiles && { nofile: service.openFiles }) },
    logging: loggingOf(stack, service.name),
    ...configLabel(service, digests),
  }
}

/** Targets for backups are still Python, and need what init has. */
const hasTools = (host: Host): boolean => host.services.some(({ name }) => name === 'backup')

function toolFields(stack: Stack, host: Host): Fields {
  const { program: _, ...init } = host.services.find(({ name }) => name === 'init')!
  const service = { ...init, image: host.tools, environment: {}, entrypoint: ['python3'], configFiles: [] }
  return { ...serviceFields(stack, host, service, new Map()), ...imageFields(host, { ...service, name: 'tools' }), profiles: ['tools'] }
}

function dependency(host: Host, service: Service, name: string): Fields {
  return { condition: condition(host, name), ...(service.stopsBefore.includes(name) && { restart: true }) }
}

/** Only short one-shots are waited for: `up` must come back at once. Long waits happen inside the containers. */
function condition(host: Host, name: string): string {
  const target = host.services.find((service) => service.name === name)
  if (!target) throw new Error(`no service ${name} to start after`)
  return target.lifetime === 'one-shot' ? 'service_completed_successfully' : 'service_started'
}

function configLabel(service: Service, digests: ReadonlyMap<string, string>): Fields {
  if (service.configFiles.length === 0) return {}
  const parts = service.configFiles.map((path) => {
    const digest = digests.get(path)
    if (!digest) throw new Error(`${service.name} reads ${path}, which is not in the plan`)
    return digest.slice(0, 12)
  })
  return { labels: { 'stacks-signer-stack.config': parts.join('-') } }
}

/** Two services that build one image would make it twice, and the first of them anew at the next `up`. */
function imageFields(host: Host, { name, image }: Service): Fields {
  if (!isBuilt(image)) return { image: imageText(image) }
  const builder = host.services.find((one) => isBuilt(one.image) && one.image.name === image.name)?.name ?? 'tools'
  if (name !== builder) return { image: image.name, pull_policy: 'never' }
  return { image: image.name, build: { context: image.context, ...(image.dockerfile && { dockerfile: image.dockerfile }), ...(image.arguments && { args: image.arguments }) } }
}

/** `repository:tag@digest`, or without the digest where none may be trusted. */
export function imageText(image: ImageRef): string {
  return `${image.repository}:${image.tag}${image.digest ? `@${image.digest}` : ''}`
}

/** The engine names a bridge after the network's id, which is another at each `up`: the firewall needs one that stays. */
function networkFields({ internal, bridge, subnet }: StackNetwork): Fields {
  return {
    ...(internal && { internal: true }), ...(bridge && { driver_opts: { 'com.docker.network.bridge.name': bridge } }),
    ...(subnet && { ipam: { config: [{ subnet: subnet.network, ip_range: subnet.range, gateway: subnet.gateway }] } }),
  }
}

/** The short form, unless one of them has an address that stays. */
function networksOf({ networks, addresses }: Service): YamlValue {
  if (!addresses) return networks
  return Object.fromEntries(networks.map((name) => [name, addresses[name] ? { ipv4_address: addresses[name] } : {}]))
}

function portText(port: PublishedPort): string {
  return `${port.address ? `${port.address}:` : ''}${port.host}:${port.container}/${port.protocol}`
}

function mountFields(mount: Mount): Fields {
  const readOnly: Fields = mount.readOnly ? { read_only: true } : {}
  return 'volume' in mount.source
    ? { type: 'volume', source: mount.source.volume, target: mount.target, ...readOnly }
    : { type: 'bind', source: mount.source.path, target: mount.target, ...readOnly, bind: { create_host_path: mount.mayBeMissing === true } }
}

/** Compose replaces `$NAME` everywhere, so a `$` that is meant is written twice. What has none is not copied. */
function escapeDollars<T extends YamlValue>(value: T): T {
  if (typeof value === 'string') return (value.includes('$') ? value.replaceAll('$', '$$$$') : value) as T
  if (typeof value !== 'object') return value
  let copy: Record<string, YamlValue> | undefined
  for (const [key, item] of Object.entries(value)) {
    const escaped = escapeDollars(item)
    if (escaped !== item) (copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, YamlValue>)[key] = escaped
  }
  return (copy ?? value) as T
}

function notes(host: Host): readonly YamlNote[] {
  return [
    ...['services', 'networks', 'volumes', ...(host.secrets.length > 0 ? ['secrets'] : [])].map((key) => ({ path: [key], space: true })),
    ...host.services.map((service, index) => ({ path: ['services', service.name], comment: service.purpose, space: index > 0 })),
    ...(hasTools(host) ? [{ path: ['services', 'tools'], comment: 'What targets for backups run with the volumes and the rights of init; no up starts it', space: true }] : []),
    ...host.networks.map((network) => ({ path: ['networks', network.name], comment: network.purpose })),
    ...host.volumes.map((volume) => ({ path: ['volumes', volume.name], comment: volume.purpose })),
    ...host.secrets.map((secret) => ({ path: ['secrets', secret.name], comment: secret.purpose })),
  ]
}
