/** Which services stand on which host, and how they are joined. */

import { paths, ports } from '../catalogue/container.ts'
import { signerLanes } from '../catalogue/routes.ts'
import type { Host, ImageRef, PublishedPort, SecretFile, Service, Stack, StackNetwork, TlsLink } from './model.ts'
import { volume } from './mounts.ts'
import { hostPrograms, programVolume, withProgram } from './programs.ts'
import { backedUp, type BackupImages } from './backup-services.ts'
import { bitcoinPeer } from './bitcoin.ts'
import { sbtcSide, withSharedNodes, type SbtcImages } from './sbtc-side.ts'
import { nothing, type Side } from './side.ts'
import { eventsEndpoint, rpcEndpoint } from './tls-link.ts'
import { withSidekick } from './sidekick.ts'
import { withMonitoring } from './watch.ts'
import type { WatcherImages } from './watchers.ts'
import { withRelay } from './event-relay.ts'
import { initService } from './init-service.ts'
import { resourcesOf } from './memory.ts'
import { bitcoindService, guardService, nodeService, ofRole, sidecarService, signerService, snapshotService } from './services.ts'

export interface HostImages extends WatcherImages, SbtcImages, BackupImages {
  readonly node: ImageRef
  readonly signer: ImageRef
  readonly bitcoind: ImageRef
  readonly sidecar: ImageRef
  readonly nodejs: ImageRef
  readonly sidekick: ImageRef
}

export interface HostPorts {
  readonly nodePort: number
  readonly publishBitcoin: boolean
  readonly rpc?: PublishedPort
}

type Unplaced = Omit<Stack, 'hosts'>
/** The only host of `TOPOLOGY=single`: the Stacks signer, the sBTC signer, or both. */
export function singleHost(stack: Unplaced, images: HostImages, published: HostPorts): Host {
  const { sbtc } = stack
  const stacks = sbtc?.alone ? nothing : stacksSide(stack, images, published)
  const all = sbtc ? joined(sbtc.shared ? { ...stacks, services: withSharedNodes(stacks.services, sbtc) } : stacks, sbtcSide(stack, sbtc, images)) : stacks
  return assemble(stack, 'single', '', images, withSidekick(stack, withMonitoring(stack, withRelay(all, stack.observers, images.nodejs), images), images.sidekick))
}

function joined(one: Side, other: Side): Side {
  return {
    services: [...one.services, ...other.services], networks: [...one.networks, ...other.networks],
    volumes: [...one.volumes, ...other.volumes], secrets: [...one.secrets, ...other.secrets],
  }
}

/** The Stacks signer and its nodes on one host, with or without the sidecars between them. */
function stacksSide(stack: Unplaced, images: HostImages, published: HostPorts): Side {
  const node = nodeSide(stack, images, published, 'here')
  const signer = signerSide(stack, images, 'here')
  const wire = stack.tls ? [{ name: 'tls-wire', purpose: 'The two sidecars; nothing on it is readable', internal: true }] : []
  return {
    // Started in this order: the signer binds at once, and the node wants it there.
    services: [...node.services.filter(({ name }) => name !== 'stacks-node'), ...signer.services, ...node.services.filter(({ name }) => name === 'stacks-node')],
    networks: [...node.networks, ...signer.networks.filter(({ name }) => !node.networks.some((one) => one.name === name)), ...wire],
    volumes: [...node.volumes, ...signer.volumes],
    secrets: [...signer.secrets, ...node.secrets.filter(({ name }) => !signer.secrets.some((one) => one.name === name))],
  }
}

/** The two hosts of `TOPOLOGY=split`; neither holds anything of the other that it does not need. */
export function splitHosts(stack: Unplaced & { readonly tls: TlsLink }, images: HostImages, published: HostPorts): readonly Host[] {
  const wire = { name: 'tls-wire', purpose: 'The sidecar and the other host', internal: false }
  const [node, signer] = [nodeSide(stack, images, published, 'apart'), signerSide(stack, images, 'apart')]
  return [
    assemble(stack, 'node', 'node-host/', images, withSidekick(stack, withMonitoring(stack, withRelay({ ...node, networks: [...node.networks, wire] }, stack.observers, images.nodejs), images), images.sidekick)),
    assemble(stack, 'signer', 'signer-host/', images, withMonitoring(stack, { ...signer, networks: [...signer.networks, wire] }, images)),
  ]
}

function assemble({ memoryGb, secretRecipients }: Unplaced, name: string, directory: string, { nodejs }: HostImages, { services: bare, networks, volumes: needed, secrets }: Side): Host {
  const own = bare.map(withProgram)
  const run = own.flatMap(({ program }) => program ?? [])
  const volumes = [...needed, ...(run.length > 0 ? [programVolume] : [])]
  const configFiles = [...new Set(own.flatMap((service) => service.configFiles))].sort()
  const certificates = own.some((service) => service.name.endsWith('-tls'))
  const init = {
    ...initService(nodejs, volumes.map((one) => volume(one.name, one.target)), secrets.map((secret) => secret.name), configFiles, certificates),
    ...(secretRecipients && { targetPrograms: ['sealed'] }),
  }
  const services = [init, ...own]
  return {
    name,
    directory,
    services,
    resources: resourcesOf(services, memoryGb),
    programs: [...new Set(['init', ...run, ...services.flatMap(({ targetPrograms = [] }) => targetPrograms), ...hostPrograms])].sort(),
    programImage: nodejs,
    networks,
    volumes: volumes.map(({ name: volume, purpose }) => ({ name: volume, purpose })),
    secrets,
  }
}

function nodeSide(stack: Unplaced, images: HostImages, published: HostPorts, signer: 'here' | 'apart'): Side {
  const { tls, bitcoin } = stack
  const ownBitcoin = bitcoin.kind === 'own'
  const peer = bitcoinPeer(bitcoin)
  const link = tls ? 'node-link' : 'signer-link'
  const way = [...(signer === 'here' ? ['stacks-signer'] : []), ...(tls ? ['node-tls', ...(signer === 'here' ? ['signer-tls'] : [])] : [])]
  const node: Service = { ...nodeService(
    images.node,
    {
      ...ofRole(stack.role),
      ...(stack.snapshot && { WAIT_SNAPSHOT: stack.snapshot.networkDirectory }),
      WAIT_BITCOIN: `${peer.host}:${peer.port}`,
      // The sidecar always takes connections: only an answer says that the signer is behind it.
      [tls ? 'WAIT_SIGNER_STATUS' : 'WAIT_SIGNER']: eventsEndpoint(tls),
    },
    ['stacks-p2p', link, ...(tls ? [] : ['guard-link']), ...(ownBitcoin ? ['bitcoin-link'] : [])],
    [{ host: published.nodePort, container: ports.nodeP2p.number, protocol: 'tcp', purpose: 'Stacks peers', answer: 'NODE_P2P_PORT' }, ...(published.rpc ? [published.rpc] : [])],
    [...way, ...(ownBitcoin ? ['bitcoind'] : [])],
    way,
  ), ...(!ownBitcoin && bitcoin.here && { callsMachine: true }) }
  return {
    services: [
      ...(stack.snapshot ? [snapshotService(images.nodejs, stack.snapshot)] : []),
      ...(ownBitcoin ? [bitcoindService(images.bitcoind, bitcoin, published.publishBitcoin)] : []),
      ...(tls ? [sidecarService(images.sidecar, tls.node, [link, 'tls-wire'], signer === 'apart')] : []),
      node,
    ],
    networks: [
      ...(ownBitcoin ? [
        { name: 'bitcoin-p2p', purpose: 'bitcoind and the world', internal: false },
        { name: 'bitcoin-link', purpose: 'bitcoind and its node', internal: true },
      ] : []),
      { name: 'stacks-p2p', purpose: 'The node and the world', internal: false },
      tls ? { name: link, purpose: 'The node and its TLS sidecar', internal: true } : signerLink,
      ...(stack.snapshot ? [{ name: 'snapshot', purpose: 'The snapshot and its archive server', internal: false }] : []),
    ],
    volumes: [
      ...(ownBitcoin ? [
        { name: 'bitcoin-config', purpose: 'bitcoind\'s configuration, filled by init', target: paths.bitcoinConfig },
        { name: 'bitcoin-data', purpose: 'The Bitcoin chain', target: paths.bitcoinData },
      ] : []),
      { name: 'stacks-node-config', purpose: 'The node\'s configuration, filled by init; holds the token', target: paths.nodeConfig },
      { name: 'stacks-node-data', purpose: 'The Stacks chain', target: paths.nodeData },
      ...(tls ? [{ name: 'node-tls-config', purpose: 'The node\'s sidecar: configuration, certificate and key, filled by init', target: paths.nodeTls }] : []),
    ],
    secrets: [authToken, ...(tls ? [{ name: 'node-tls-key', purpose: 'The key of the certificate of the node\'s sidecar' }] : [])],
  }
}

function signerSide({ tls, backup, monitoring, signerRelease, role, guard, sbtc }: Unplaced, images: HostImages, node: 'here' | 'apart'): Side {
  return backedUp(backup, {
    services: [
      ...(tls ? [sidecarService(images.sidecar, tls.signer, ['signer-link', 'guard-link', 'tls-wire'], node === 'apart')] : []),
      guardService(images.nodejs, rpcEndpoint(tls), signerLanes(signerRelease), guard),
      signerService(images.signer, role, tls ? ['signer-tls'] : []),
    ],
    networks: [
      tls ? { name: 'signer-link', purpose: 'The signer and its TLS sidecar; the signer has no way out', internal: true } : signerLink,
      { name: 'guard-link', purpose: `The guard and ${tls ? 'the TLS sidecar' : 'the node'}`, internal: true },
    ],
    volumes: [
      { name: 'stacks-signer-config', purpose: 'The signer\'s configuration, filled by init; holds the key and the token', target: paths.signerConfig },
      { name: 'stacks-signer-data', purpose: 'What the signer has seen and signed; back it up', target: paths.signerData },
      ...(tls ? [{ name: 'signer-tls-config', purpose: 'The signer\'s sidecar: configuration, certificate and key, filled by init', target: paths.signerTls }] : []),
    ],
    secrets: [
      { name: 'signer-private-key', purpose: 'The key that signs blocks; one running signer per key' },
      authToken,
      ...(tls ? [{ name: 'signer-tls-key', purpose: 'The key of the certificate of the signer\'s sidecar' }] : []),
    ],
  }, images, monitoring?.mode === 'full', sbtc !== undefined)
}

const signerLink: StackNetwork = { name: 'signer-link', purpose: 'The signer and its node; the signer has no way out', internal: true }
const authToken: SecretFile = { name: 'auth-token', purpose: 'Lets the signer make its authorised calls to the node' }

