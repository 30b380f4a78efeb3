/**
 * `config/facts.env`: what was known when the directory was generated, as lines that a shell and Python read alike. The
 * targets status, doctor and host-check hold the running stack against it. It holds no secret.
 */

import { checkPair } from '../catalogue/compatibility.ts'
import { paths, ports, users } from '../catalogue/container.ts'
import { findNode, findSigner } from '../catalogue/releases.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderKeyValue } from '../render/key-value.ts'
import type { Host, Sbtc, Stack, TlsLink } from '../stack/model.ts'
import { eventsEndpoint, rpcEndpoint } from '../stack/tls-link.ts'
import { imageText } from './compose.ts'
import { findService, memoryNeed, wireTargets } from './views.ts'

type Entry = readonly [key: string, value: string | number]

export function factsFile(stack: Stack, host: Host): PlannedFile {
  return {
    path: `${host.directory}config/facts.env`,
    content: renderKeyValue([...header, 'What make status, make doctor and make host-check compare with. No secret.'], [{ entries: entries(stack, host) }]),
    mode: 0o644,
  }
}

function entries(stack: Stack, host: Host): readonly Entry[] {
  const here = (name: string, rows: readonly Entry[]): readonly Entry[] => (findService(host, name) ? rows : [])
  const tools = findService(host, 'init')?.image
  return [
    ['stack', stack.name],
    ['role', stack.role],
    ['network', stack.network],
    ['node_release', stack.nodeRelease],
    ['signer_release', stack.signerRelease],
    ['services', host.services.map(({ name }) => name).join(' ')],
    ['tools', tools && 'name' in tools ? tools.name : ''],
    ...(host.programs.length > 0 ? [['node_image', imageText(host.programImage)]] as const : []),
    ['secrets', host.secrets.map(({ name }) => name).join(' ')],
    ['open_ports', host.services.flatMap((service) => service.ports.map((port) => `${service.name}:${port.host}/${port.protocol}`)).join(' ')],
    ['memory_gb', memoryNeed(host)],
    ...(stack.logDays ? [['log_days', stack.logDays], ['log_user', users.logs]] as const : []),
    ...(stack.identity ? [['address', stack.identity.address], ['public_key', stack.identity.publicKey]] as const : []),
    ...here('bitcoind', [
      ['bitcoin_chain', stack.bitcoin.chain],
      ['bitcoin_cli', `-conf=${paths.bitcoinConfig}/bitcoin.conf -datadir=${paths.bitcoinData}`],
    ]),
    ...here('stacks-node', [
      ['network_id', stack.network === 'mainnet' ? 1 : 2147483648],
      ['chain_directory', stack.chainDirectory],
      ['node_rpc', ports.nodeRpc.number],
      ['observer', eventsEndpoint(stack.tls)],
      ...releaseEntries(stack),
    ]),
    ...here('stacks-signer', [
      ...(stack.guard === 'off' ? [['guard', stack.guard] as const] : []),
      ['signer_metrics', ports.signerMetrics.number],
      ['node_host', rpcEndpoint(stack.tls)],
    ]),
    ...(stack.tls ? tlsEntries(stack.tls, host) : []),
    ...(stack.sbtc ? sbtcEntries(stack.sbtc) : []),
    ...here('sbtc-bitcoind', [['sbtc_bitcoin_cli', `-conf=${paths.bitcoinConfig}/sbtc-bitcoin.conf -datadir=${paths.bitcoinData}`]]),
  ]
}

/** What is known against the releases; only ALLOW_UNSUPPORTED=yes lets such a stack be generated. */
function releaseEntries({ nodeRelease, signerRelease, network }: Stack): readonly Entry[] {
  const node = findNode(nodeRelease)
  const signer = findSigner(signerRelease)
  const pair = node && signer ? checkPair(node, signer, network).filter(({ code }) => code !== 'left-mainnet') : []
  return [
    ...(network === 'mainnet' && node?.leavesMainnet !== undefined ? [['leaves_mainnet', node.leavesMainnet] as const] : []),
    ...(pair[0] ? [['unsupported', pair[0].message] as const] : []),
  ]
}

function sbtcEntries({ release, deployer, signingSet, required, identity, node }: Sbtc): readonly Entry[] {
  return [
    ['sbtc_release', release], ['sbtc_deployer', deployer], ['sbtc_signing_set', signingSet.join(' ')], ['sbtc_signatures', required], ['sbtc_node', node],
    ...(identity ? [['sbtc_public_key', identity.publicKey] as const] : []),
  ]
}

/** Where the certificates are read from the wire. */
function tlsEntries(tls: TlsLink, host: Host): readonly Entry[] {
  const { first, own, all } = wireTargets(tls, host)
  return [['tls_first', first], ['tls_own', own.join(' ')], ['tls_targets', all.join(' ')]]
}
