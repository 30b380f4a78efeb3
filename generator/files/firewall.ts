/** `firewall/`: nftables rules made from the published ports, and the unit that loads them at boot. */

import { isIPv6 } from 'node:net'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderTemplate, type Templates, type View } from '../render/template.ts'
import { machineCalls } from '../stack/firewall.ts'
import type { Firewall, Host, Stack, TlsEnd } from '../stack/model.ts'
import { isLocal } from '../stack/port-clashes.ts'

/** Where the confirmed rules of a stack stand on its host, for the boot; `table` is that of `tableName`. */
export const bootRules = (table: string) => `/etc/stacks-signer-firewall/${table}.nft`

/** The name of the table of a stack: no other program and no other stack uses it. */
export const tableName = (stack: Stack) => `stacks_signer_${stack.name}`

/** Both files of one host; none without a firewall. Throws when a template is not among `templates`. */
export function firewallFiles(stack: Stack, host: Host, templates: Templates): readonly PlannedFile[] {
  const { firewall } = stack
  if (!firewall) return []
  const table = tableName(stack)
  const file = (path: string, template: string, view: View): PlannedFile => ({
    path: `${host.directory}firewall/${path}`, content: renderTemplate(templates, template, view), mode: 0o644,
  })
  return [
    file('firewall.nft', 'firewall.nft', firewallView({ ...stack, firewall }, host)),
    file(`${table}.service`, 'firewall.service', { header, name: stack.name, rules: bootRules(table) }),
  ]
}

type Walled = Stack & { readonly firewall: Firewall }

interface Open {
  readonly port: string
  readonly protocol: string
  readonly what: string
  /** Absent: from everywhere. */
  readonly from?: { readonly set?: string; readonly list: readonly string[] }
}

/** What README says of the firewall of a host; undefined without one. */
export function firewallFacts({ firewall, ...stack }: Stack, host: Host): View | undefined {
  if (!firewall) return undefined
  const all = { ...stack, firewall }
  const table = tableName(all)
  const link = peerEnd(all, host)
  return {
    table, unit: `${table}.service`, rules: bootRules(table), open: openRows(all, host), everywhere: firewall.ssh.from.length === 0,
    closed: host.networks.filter(({ internal }) => internal).map(({ name }) => name).join(', '),
    other: link && `${link.end.host}:${link.end.port}${isName(link.end.host) ? ' and DNS' : ''}`,
  }
}

/** The bitcoind of this machine that the node of this host follows: its port, and the bridge on which the node calls it. */
export function machineBitcoin({ bitcoin }: Pick<Stack, 'bitcoin'>, host: Host): { readonly port: number; readonly network: string; readonly bridge: string } | undefined {
  return machineRules({ bitcoin, observers: [] }, host).map(({ port, network, bridge }) => ({ port, network, bridge }))[0]
}

/** What the stack calls on this machine, with the bridges that the calls come from. */
export function machineRules(stack: Pick<Stack, 'bitcoin' | 'observers'>, host: Host) {
  return machineCalls(stack).flatMap(({ network, ...call }) => {
    const bridge = host.networks.find(({ name }) => name === network)?.bridge
    return bridge ? [{ ...call, network, bridge }] : []
  })
}

/** What templates/firewall.nft.hbs may see. */
export function firewallView(stack: Walled, host: Host): View {
  const { ssh } = stack.firewall
  const from = ssh.from.length > 0 ? { set: 'ssh', list: ssh.from } : undefined
  const open = openPorts(stack, host)
  const peer = peerEnd(stack, host)
  const rpc = open.flatMap(({ from: source }) => (source?.set === 'rpc' ? [{ set: 'rpc', list: source.list }] : []))
  const sets = [...(from ? [from] : []), ...(peer ? [{ set: 'peer', list: peer.addresses }] : []), ...rpc]
  const named = host.networks.flatMap(({ name, bridge, internal }) => (bridge === undefined ? [] : [{ network: name, bridge, internal }]))
  const wire = named.find(({ network }) => network === 'tls-wire')
  const machine = machineRules(stack, host)
  return {
    header,
    table: tableName(stack),
    open: openRows(stack, host),
    sets: sets.flatMap(({ set, list }) => families(list).map(({ family, members }) => ({
      name: `${set}${family}`, type: `ipv${family}_addr`, elements: members.join(', '),
    }))),
    sshPort: ssh.port,
    ssh: matches('saddr', from),
    rules: open.flatMap(({ port, protocol, from: source }) => matches('saddr', source).map((match) => ({ port, protocol, source: match }))),
    closed: named.filter(({ bridge }) => machine.every((one) => one.bridge !== bridge)).map(({ network, bridge }) => ({ network, bridge })),
    machine,
    internal: named.filter(({ internal }) => internal).map(({ network, bridge }) => ({ network, bridge })),
    wire: wire && peer && {
      bridge: wire.bridge,
      to: matches('daddr', { set: 'peer', list: peer.addresses }).map((match) => `${match}tcp dport ${peer.end.port} `),
      name: isName(peer.end.host) && peer.end.host,
    },
  }
}

function openRows(stack: Walled, host: Host): readonly View[] {
  const { ssh } = stack.firewall
  const first: Open = { port: `${ssh.port}`, protocol: 'tcp', what: 'SSH', ...(ssh.from.length > 0 && { from: { list: ssh.from } }) }
  return [first, ...openPorts(stack, host)].map(({ port, protocol, what, from }) => ({ port: `${port}/${protocol}`, what, source: from?.list.join(', ') ?? 'everywhere' }))
}

/** What the services of this host publish to others than the host itself, and what the answers add. */
function openPorts(stack: Walled, host: Host): readonly Open[] {
  const peer = peerEnd(stack, host)
  const published = host.services.flatMap((service) => service.ports.filter((port) => !isLocal(port)).map((port) => ({
    port: `${port.host}`, protocol: port.protocol, what: `${service.name}: ${port.purpose.split(',')[0]!}`,
    ...(service.name === peer?.own.service && { from: { set: 'peer', list: peer.addresses } }),
    ...(port.from && { from: { set: 'rpc', list: port.from } }),
  })))
  return [...published, ...stack.firewall.open.map(({ port, protocol, from }) => ({
    port, protocol, what: 'as FIREWALL_OPEN says', ...(from !== undefined && { from: { list: [from] } }),
  }))]
}

/** On one of two hosts: its own end of the link, the other one, and the addresses of the other host. */
function peerEnd({ tls, firewall }: Walled, host: Host): { readonly own: TlsEnd; readonly end: TlsEnd; readonly addresses: readonly string[] } | undefined {
  if (!tls || host.directory === '') return undefined
  return host.name === 'node'
    ? { own: tls.node, end: tls.signer, addresses: firewall.addresses.signer }
    : { own: tls.signer, end: tls.node, addresses: firewall.addresses.node }
}

/** What stands in the rules before the verdict, one for each family that is meant. */
function matches(side: 'saddr' | 'daddr', from: Open['from']): readonly string[] {
  if (!from) return ['']
  return families(from.list).map(({ family, members }) => `${family === 4 ? 'ip' : 'ip6'} ${side} ${from.set ? `@${from.set}${family}` : members.join(', ')} `)
}

function families(list: readonly string[]): readonly { readonly family: 4 | 6; readonly members: readonly string[] }[] {
  const is6 = (network: string) => isIPv6(network.split('/')[0]!)
  return ([4, 6] as const).map((family) => ({ family, members: list.filter((one) => is6(one) === (family === 6)) })).filter(({ members }) => members.length > 0)
}

function isName(host: string): boolean {
  return !/^(\[.*\]|[\d.]+)$/.test(host)
}
