/** `docker-compose.yml`: the model of one host rendered for Compose, hardened alike for every service. */

import { machineHost } from '../catalogue/container.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderYaml, type YamlNote, type YamlValue } from '../render/yaml.ts'
import { imageText, isBuilt } from '../stack/built-images.ts'
import type { Host, Mount, PublishedPort, Service, Stack, StackNetwork } from '../stack/model.ts'
import { bound } from '../stack/port-clashes.ts'
import { loggingOf } from './logging.ts'

type Fields = Record<string, YamlValue>

/**
 * The Compose file of `host`. `digests` maps a file of the output to the hash of its content: Compose does not see a
 * changed file behind a mount, so its hash stands in a label and a change makes the container anew.
 */
export function composeFile(stack: Stack, host: Host, digests: ReadonlyMap<string, string>): PlannedFile {
  const data: Fields = {
    name: stack.name,
    'x-hardening': hardening(stack),
    services: Object.fromEntries(host.services.map((service) => [service.name, serviceFields(stack, host, service, digests)] as const)),
    networks: Object.fromEntries(host.networks.map((network) => [network.name, networkFields(network)])),
    volumes: Object.fromEntries(namedVolumes(host).map((volume) => [volume.name, {}])),
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

/** What every service has: it stands once in the file. The journal's tag names the service, so there each has a `logging` of its own. */
function hardening(stack: Stack): Fields {
  return {
    init: true,
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    ulimits: noCoreDumps,
    ...(!isTagged(stack) && { logging: loggingOf(stack, '') }),
  }
}

const noCoreDumps = { core: 0 }
const isTagged = ({ logs }: Stack): boolean => logs.driver === 'journald'

function serviceFields(stack: Stack, host: Host, service: Service, digests: ReadonlyMap<string, string>): Fields {
  return {
    '<<': 'hardening',
    ...imageFields(host, service),
    ...(stack.platform && !isBuilt(service.image) && { platform: stack.platform }),
    user: service.user,
    entrypoint: service.entrypoint,
    command: service.command,
    ...(Object.keys(service.environment).length > 0 && { environment: service.environment }),
    ...(service.after.length > 0 && { depends_on: Object.fromEntries(service.after.map((name) => [name, dependency(host, service, name)])) }),
    ...(service.networks.length > 0 ? { networks: networksOf(service) } : { network_mode: 'none' }),
    ...(service.callsMachine && { extra_hosts: [`${machineHost}:host-gateway`] }),
    ...(service.ports.length > 0 && { ports: service.ports.map(portText) }),
    ...(service.mounts.length > 0 && { volumes: service.mounts.map((mount) => mountFields(host, mount)) }),
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
    restart: restart[service.lifetime],
    ...(service.stopSignal && { stop_signal: service.stopSignal }),
    stop_grace_period: service.stopGrace,
    ...(service.capabilities.length > 0 && { cap_add: service.capabilities }),
    ...resourceFields(host, service),
    pids_limit: service.pids,
    ...(service.openFiles && { ulimits: { ...noCoreDumps, nofile: service.openFiles } }),
    ...(isTagged(stack) && { logging: loggingOf(stack, service.name) }),
    ...configLabel(service, digests),
  }
}

function resourceFields({ resources }: Host, { name }: Service): Fields {
  const { limit, reservation, cpuShares } = resources[name]!
  return { mem_limit: `${limit}m`, mem_reservation: `${reservation}m`, ...(cpuShares && { cpu_shares: cpuShares }) }
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
  const builder = host.services.find((one) => isBuilt(one.image) && one.image.name === image.name)?.name
  if (name !== builder) return { image: image.name, pull_policy: 'never' }
  return { image: image.name, build: { context: image.context, dockerfile: image.dockerfile } }
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
  return `${port.address ? bound(port.address, port.host) : port.host}:${port.container}/${port.protocol}`
}

/**
 * A volume with a folder of the host is a bind mount, not a named volume with `driver_opts`: those cannot change afterwards without
 * Compose deleting the volume, and what Compose never knew as a volume no `down --volumes` takes away. Docker does not make a folder
 * that is missing: the disk that it is on may not be there.
 */
function mountFields(host: Host, { source, target, readOnly, mayBeMissing }: Mount): Fields {
  const only: Fields = readOnly ? { read_only: true } : {}
  const bind = (path: string): Fields => ({ type: 'bind', source: path, target, ...only, bind: { create_host_path: mayBeMissing === true } })
  if ('path' in source) return bind(source.path)
  const { directory } = host.volumes.find(({ name }) => name === source.volume) ?? {}
  return directory ? bind(directory.path) : { type: 'volume', source: source.volume, target, ...only }
}

const namedVolumes = (host: Host): Host['volumes'] => host.volumes.filter(({ directory }) => directory === undefined)

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
    { path: ['x-hardening'], comment: 'The same for every service: `<<: *hardening` includes it, and a value of the service itself takes precedence', space: true },
    ...['services', 'networks', 'volumes', ...(host.secrets.length > 0 ? ['secrets'] : [])].map((key) => ({ path: [key], space: true })),
    { path: ['services', host.services.find(({ configFiles }) => configFiles.length > 0)!.name, 'labels'], comment: 'Hashes of the files that the service reads: a changed file makes Compose recreate the container' },
    ...host.services.map((service, index) => ({ path: ['services', service.name], comment: service.purpose, space: index > 0 })),
    ...host.networks.map((network) => ({ path: ['networks', network.name], comment: network.purpose })),
    ...namedVolumes(host).map((volume) => ({ path: ['volumes', volume.name], comment: volume.purpose })),
    ...host.secrets.map((secret) => ({ path: ['secrets', secret.name], comment: secret.purpose })),
  ]
}
