/** One host that runs everything: which services stand on it, and how they are joined. */

import { paths, ports } from '../catalogue/container.ts'
import type { BuiltImage, Host, ImageRef, Mount, Stack, StackNetwork, Volume } from './model.ts'
import { bitcoindService, initService, nodeService, signerService, snapshotService } from './services.ts'

export interface HostImages {
  readonly node: ImageRef
  readonly signer: ImageRef
  readonly bitcoind: ImageRef
  readonly tools: BuiltImage
}

export interface HostPorts {
  readonly nodePort: number
  readonly publishBitcoin: boolean
}

/** The only host of `TOPOLOGY=single`. */
export function singleHost(stack: Omit<Stack, 'hosts'>, images: HostImages, published: HostPorts): Host {
  const ownBitcoin = stack.bitcoin.mode !== 'external'
  const volumes = volumesOf(ownBitcoin)
  const node = nodeService(
    images.node,
    {
      ...(stack.snapshot && { WAIT_SNAPSHOT: stack.snapshot.networkDirectory }),
      WAIT_BITCOIN: ownBitcoin ? `bitcoind:${ports.bitcoindNode.number}` : `${stack.bitcoin.host}:${stack.bitcoin.p2pPort}`,
      WAIT_SIGNER: `stacks-signer:${ports.signerEvents.number}`,
    },
    ['stacks-p2p', 'signer-link', ...(ownBitcoin ? ['bitcoin-link'] : [])],
    { host: published.nodePort, container: ports.nodeP2p.number, protocol: 'tcp', purpose: 'Stacks peers' },
    ['stacks-signer', ...(ownBitcoin ? ['bitcoind'] : [])],
  )
  const others = [
    ...(stack.snapshot ? [snapshotService(images.tools, stack.snapshot)] : []),
    ...(ownBitcoin ? [bitcoindService(images.bitcoind, stack.bitcoin, published.publishBitcoin)] : []),
    signerService(images.signer),
    node,
  ]
  const secrets = ['signer-private-key', 'auth-token']
  const configFiles = [...new Set(others.flatMap((service) => service.configFiles))].sort()
  return {
    name: 'single',
    directory: '',
    services: [initService(images.tools, volumes.map(mountInInit), secrets, configFiles), ...others],
    networks: networksOf(stack, ownBitcoin),
    volumes: volumes.map(({ name, purpose }) => ({ name, purpose })),
    secrets: [
      { name: 'signer-private-key', purpose: 'The key that signs blocks; one running signer per key' },
      { name: 'auth-token', purpose: 'Lets the signer make its authorised calls to the node' },
    ],
  }
}

function volumesOf(ownBitcoin: boolean): readonly (Volume & { readonly target: string })[] {
  return [
    ...(ownBitcoin ? [
      { name: 'bitcoin-config', purpose: 'bitcoind\'s configuration, filled by init', target: paths.bitcoinConfig },
      { name: 'bitcoin-data', purpose: 'The Bitcoin chain', target: paths.bitcoinData },
    ] : []),
    { name: 'stacks-node-config', purpose: 'The node\'s configuration, filled by init; holds the token', target: paths.nodeConfig },
    { name: 'stacks-node-data', purpose: 'The Stacks chain', target: paths.nodeData },
    { name: 'stacks-signer-config', purpose: 'The signer\'s configuration, filled by init; holds the key and the token', target: paths.signerConfig },
    { name: 'stacks-signer-data', purpose: 'What the signer has seen and signed; back it up', target: paths.signerData },
  ]
}

function mountInInit(volume: { readonly name: string; readonly target: string }): Mount {
  return { source: { volume: volume.name }, target: volume.target, readOnly: false }
}

function networksOf(stack: Omit<Stack, 'hosts'>, ownBitcoin: boolean): readonly StackNetwork[] {
  return [
    ...(ownBitcoin ? [
      { name: 'bitcoin-p2p', purpose: 'bitcoind and the world', internal: false },
      { name: 'bitcoin-link', purpose: 'bitcoind and its node', internal: true },
    ] : []),
    { name: 'stacks-p2p', purpose: 'The node and the world', internal: false },
    { name: 'signer-link', purpose: 'The signer and its node; the signer has no way out', internal: true },
    ...(stack.snapshot ? [{ name: 'snapshot', purpose: 'The snapshot and its archive server', internal: false }] : []),
  ]
}
