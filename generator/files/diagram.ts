/** A Mermaid diagram of one host, read from the model: who talks to whom, and which lines an attacker would have to cross. */

import type { Host, Service, Stack } from '../stack/model.ts'
import { isLocal } from '../stack/port-clashes.ts'

/** The diagram's source. Its three zones are the trust boundaries: a way out, no way out, no network at all. */
export function mermaidDiagram(stack: Stack, host: Host): string {
  const open = new Set(host.networks.filter((network) => !network.internal).map((network) => network.name))
  const zoneOf = (service: Service): string => {
    if (service.networks.length === 0) return 'none'
    return service.networks.some((name) => open.has(name)) ? 'open' : 'closed'
  }
  return [
    'flowchart LR',
    '  internet(["Internet"])',
    ...(host.services.some(({ ports }) => ports.some(isLocal)) ? ['  operator(["127.0.0.1 of this machine"])'] : []),
    ...externalBitcoin(stack).nodes,
    ...otherHost(stack, host).nodes,
    '  subgraph machine["This machine"]',
    '    secrets[/"secrets/"/]',
    ...zones.flatMap(({ id, title }) => zone(id, title, host.services.filter((service) => zoneOf(service) === id))),
    ...crowded(host).map((name) => `    ${hub(name)}(("${name}"))`),
    '  end',
    ...host.services.filter((service) => !isSidecar(service) || host.directory === '').flatMap((service) => outside(service, open)),
    ...otherHost(stack, host).edges,
    ...externalBitcoin(stack).edges,
    ...host.networks.filter((network) => network.internal).flatMap((network) => inside(network.name, host)),
    ...filledBy(host),
  ].join('\n')
}

const zones = [
  { id: 'open', title: 'A way to the internet' },
  { id: 'closed', title: 'No way to the internet' },
  { id: 'none', title: 'No network at all' },
] as const

function zone(id: string, title: string, services: readonly Service[]): readonly string[] {
  if (services.length === 0) return []
  return [`    subgraph zone_${id}["${title}"]`, ...services.map((service) => `      ${node(service.name)}["${service.name}"]`), '    end']
}

/** A published port is open both ways; a network with a way out and no port is used from inside only. */
function outside(service: Service, ways: ReadonlySet<string>): readonly string[] {
  const through = service.networks.filter((name) => ways.has(name))
  if (through.length === 0) return []
  const [local, open] = [service.ports.filter(isLocal), service.ports.filter((port) => !isLocal(port))]
  const text = (ports: typeof open) => ports.map((port) => `${port.host}/${port.protocol}${port.from ? ` from ${port.from.join(', ')}` : ''}`).join(', ')
  return [
    ...(local.length > 0 ? [`  operator -->|"${text(local)}"| ${node(service.name)}`] : []),
    ...(open.length > 0 ? [`  internet <-->|"${text(open)}"| ${node(service.name)}`] : []),
    ...(service.ports.length === 0 ? [`  ${node(service.name)} -->|"${through.join(', ')}"| internet`] : []),
  ]
}

function externalBitcoin({ bitcoin, sbtc }: Stack): { readonly nodes: readonly string[]; readonly edges: readonly string[] } {
  if (bitcoin.kind === 'own' || sbtc?.alone) return { nodes: [], edges: [] }
  return {
    nodes: [`  external["${bitcoin.here ? 'bitcoind of this machine, outside of Docker' : `bitcoind at ${bitcoin.host}`}"]`],
    edges: [`  stacks_node -->|"${bitcoin.port}/tcp"| external`],
  }
}

function isSidecar({ name }: Service): boolean {
  return name === 'node-tls' || name === 'signer-tls'
}

/** Where the sidecar of a split stack leads: the one way between the hosts. */
function otherHost({ tls }: Stack, host: Host): { readonly nodes: readonly string[]; readonly edges: readonly string[] } {
  if (!tls || host.directory === '') return { nodes: [], edges: [] }
  const [here, there] = host.name === 'node' ? [tls.node, tls.signer] : [tls.signer, tls.node]
  return {
    nodes: [`  other["the ${there.service === 'node-tls' ? 'node' : 'signer'}'s host, ${there.host}"]`],
    edges: [`  ${node(here.service)} <-->|"mutual TLS, ${here.port}/tcp here, ${there.port}/tcp there"| other`],
  }
}

/** A line for each pair of many would hide the picture: their network is drawn as a point that they share. */
const crowd = 4

function members(network: string, host: Host): readonly string[] {
  return host.services.filter((service) => service.networks.includes(network)).map((service) => service.name)
}

function crowded(host: Host): readonly string[] {
  return host.networks.filter(({ name, internal }) => internal && members(name, host).length > crowd).map(({ name }) => name)
}

function hub(network: string): string {
  return `net_${node(network)}`
}

function inside(network: string, host: Host): readonly string[] {
  const here = members(network, host)
  if (crowded(host).includes(network)) return here.map((one) => `  ${node(one)} --- ${hub(network)}`)
  return here.flatMap((one, index) => here.slice(index + 1).map((other) => `  ${node(one)} <-->|"${network}"| ${node(other)}`))
}

/** Secrets reach a service only through a volume that the one-shot fills and the service reads. */
function filledBy(host: Host): readonly string[] {
  const filler = host.services.find((service) => service.secrets.length > 0)
  if (!filler) return []
  const readers = host.services.flatMap((service) => service.mounts.flatMap(({ source, readOnly }) =>
    readOnly && 'volume' in source && source.volume.endsWith('-config') ? [`  ${node(filler.name)} -.->|"${source.volume}"| ${node(service.name)}`] : []))
  return [`  secrets -.-> ${node(filler.name)}`, ...readers]
}

function node(name: string): string {
  return name.replaceAll('-', '_')
}
