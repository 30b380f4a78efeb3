/** What becomes of each thing that a Compose file says. */

import { ports } from '../catalogue/container.ts'
import { networkFacts } from '../catalogue/networks.ts'
import type { BitcoinFacts } from './bitcoin.ts'
import { writeOut, type ComposeFacts, type ComposeService, type Program } from './compose.ts'
import { label } from './label.ts'
import type { DraftAnswer, Finding, Mapped, Setting } from './model.ts'
import { portFate, portOf, type PeerFacts } from './peers.ts'
import { hostPort, isOpen } from './published.ts'

export interface Around {
  readonly setting: Setting
  readonly bitcoin: BitcoinFacts
  readonly peers: PeerFacts
}

type Port = ComposeService['ports'][number]

/** Images are the releases' part; all else is here. */
export function composeFindings(compose: ComposeFacts, around: Around): Mapped {
  const name = compose.name
  const platform = compose.services.find((one) => one.program === 'node')?.platform
  const known = platform && /^linux\/(amd64|arm64)$/.test(platform.value)
  const answers: DraftAnswer[] = [
    ...(known ? [{ key: 'PLATFORM', value: platform.value, from: [platform.origin] }] : []),
    ...publishing(around),
  ]
  const findings: Finding[] = [
    ...(name ? [{ origin: name.origin, key: 'name', fate: 'answer', answers: ['STACK_NAME'], note: 'with -stack behind it, so that old and new do not take each other\'s containers' } as const] : []),
    ...compose.services.flatMap((service) => serviceFindings(service, around)),
    ...compose.otherKeys.map(({ name: key, origin }) => (key === 'include'
      ? { origin, key, fate: 'left-out', note: `what it includes was not read: if a signer with this key is in it, stop that before the new one starts. ${writeOut}`, danger: true } as const
      : { origin, key: label(key), fate: 'fixed', note: 'the generated Compose file has its own' } as const)),
  ]
  return { findings, answers }
}

const bitcoinPort = ({ network, releases }: Setting) => networkFacts(network, releases.node.version).bitcoinP2pPort

function publishing({ bitcoin, setting }: Around): readonly DraftAnswer[] {
  const { service } = bitcoin
  if (!service) return []
  const port = bitcoinPort(setting)
  const open = service.hostNetwork || service.ports.some(({ published }) => published && isOpen(published) && hostPort([published], port) !== undefined)
  return [{ key: 'BITCOIN_P2P_PUBLISH', value: open ? 'on' : 'off', from: [service.origin] }]
}

function serviceFindings(service: ComposeService, around: Around): readonly Finding[] {
  const { program, origin } = service
  const key = `services.${label(service.name)}`
  const own = program === 'bitcoind' ? service === around.bitcoin.service : program !== undefined
  if (program === 'bitcoind' && !own) return [{ origin, key, fate: 'left-out', note: 'not the bitcoind of this node: it is left as it is' }]
  if (!program) return [unrecognised(service, key)]
  return [
    ...(program === 'bitcoind' ? [{ origin: service.image?.origin ?? origin, key: `${key}.image`, fate: 'fixed', note: 'the generator pins the image of bitcoind itself' } as const] : []),
    ...(service.image || program === 'bitcoind' ? [] : [{ origin, key: `${key}.image`, fate: 'left-out', note: 'no image is named, and an image that is built here does not show its release', danger: true } as const]),
    ...service.ports.map((port, index) => portFinding(program, port, `${key}.ports[${index}]`, around)),
    ...service.environment.map(({ name, origin: at }) => ({ origin: at, key: `${key}.environment.${label(name)}`, fate: 'left-out', note: environmentNote(name) } as const)),
    ...(service.platform ? [platformFinding(program, service.platform, key)] : []),
    ...(service.hostNetwork ? [{ origin, key: `${key}.network_mode`, fate: 'fixed', note: 'the containers have networks of their own' } as const] : []),
    ...others(service, key),
  ]
}

const mustStop = 'if it runs a signer with this key, stop it before the new one starts'

/** What is not recognised may be anything, the old signer too. */
function unrecognised({ origin, image, otherKeys }: ComposeService, key: string): Finding {
  const base = { origin, key, fate: 'left-out' } as const
  if (otherKeys.includes('extends')) return { ...base, note: `what it extends was not read, so it is not known what it runs: ${mustStop}. ${writeOut}`, danger: true }
  if (!image || image.partial) return { ...base, note: `${image ? 'its image is not wholly known' : 'it names no image'}, so it is not known what it runs: ${mustStop}`, danger: true }
  return { ...base, note: `not recognised as a part of a signer stack by its image or command: it is left as it is; ${mustStop}` }
}

function others({ otherKeys, origin }: ComposeService, key: string): readonly Finding[] {
  const named = otherKeys.filter((one) => !['network_mode', 'extends'].includes(one)).map(label)
  return [
    ...(otherKeys.includes('extends') ? [{ origin, key: `${key}.extends`, fate: 'left-out', note: `what it extends was not read. ${writeOut}`, danger: true } as const] : []),
    ...(named.length === 0 ? [] : [{ origin, key, fate: 'fixed', note: `the generated Compose file has its own: ${named.join(', ')}` } as const]),
  ]
}

function platformFinding(program: Program, { value, origin }: NonNullable<ComposeService['platform']>, key: string): Finding {
  const known = program === 'node' && /^linux\/(amd64|arm64)$/.test(value)
  return { origin, key: `${key}.platform`, ...(known ? { fate: 'answer', answers: ['PLATFORM'], note: 'for every image' } : { fate: 'left-out', note: 'PLATFORM follows the service of the node' }) }
}

function environmentNote(name: string): string {
  if (/^STACKS_(EVENT_OBSERVER|WORKING_DIR)$/.test(name)) return 'it changes the config behind its back; the generated node takes none'
  return 'the generated containers take no such variable: what is to stay goes into docker-compose.override.yml'
}

function portFinding(program: Program, { published, origin }: Port, key: string, { setting, peers, bitcoin }: Around): Finding {
  const base = { origin, key }
  if (!published) return { ...base, fate: 'left-out', note: 'it cannot be read as a port' }
  const leads = (port: number | undefined) => port !== undefined && port >= published.container && port < published.container + published.count
  const open = isOpen(published)
  if (program === 'node' && leads(peers.inside)) {
    if (!open) return { ...base, fate: 'fixed', note: 'peers reach the node on every interface, not on the loopback alone' }
    return { ...base, ...portFate(peers), note: `peers reach the node on port ${peers.host}` }
  }
  if (program === 'bitcoind' && bitcoin.service && leads(bitcoinPort(setting))) {
    return { ...base, fate: 'answer', answers: ['BITCOIN_P2P_PUBLISH'], note: 'Bitcoin peers; the stack takes the usual port' }
  }
  const danger = open ? { danger: true } as const : {}
  if (program === 'node' && leads(ports.nodeRpc.number)) {
    return { ...base, fate: 'left-out', note: `the RPC of the node, which NODE_RPC_PUBLISH publishes${open ? ' for whom the firewall lets in: this port stood open' : ''}`, ...danger }
  }
  if (program === 'signer' && leads(portOf(setting.signer.data['endpoint']))) {
    return { ...base, fate: 'left-out', note: `${open ? 'whoever reached it could stop the signer: ' : ''}only the node reaches the signer now`, ...danger }
  }
  return { ...base, fate: 'left-out', note: `the stack publishes the ports of peers alone${open ? ', and this one stood open' : ''}`, ...danger }
}
