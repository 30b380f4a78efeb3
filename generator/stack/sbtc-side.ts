/** What an sBTC signer adds to its host. */

import { paths, ports } from '../catalogue/container.ts'
import type { BuiltImage, ImageRef, Sbtc, Service, Stack } from './model.ts'
import { stored, type BackupImages } from './backup-services.ts'
import { beforeUpgrade, dumped } from './sbtc-backup.ts'
import { blocklistService, postgresService, sbtcSignerService, sbtcWatchService } from './sbtc-services.ts'
import { bitcoindService, nodeService, snapshotService } from './services.ts'
import { nothing, type Side } from './side.ts'

export interface SbtcImages extends BackupImages {
  readonly node: ImageRef
  readonly bitcoind: ImageRef
  readonly sbtcSigner: ImageRef
  readonly blocklist: ImageRef
  readonly postgres: ImageRef
  readonly sbtcBackup: BuiltImage
}

const events = `sbtc-signer:${ports.sbtcEvents.number}`

/** The sBTC signer with its database and, unless it shares those of the Stacks signer, its own pair of nodes. */
export function sbtcSide(stack: Pick<Stack, 'snapshot' | 'backup' | 'monitoring'>, sbtc: Sbtc, images: SbtcImages): Side {
  const dumps = stack.backup ? dumped(images.sbtcBackup, sbtc.release) : nothing
  // Beside a Stacks signer there is one already.
  const store = stack.backup && images.backup && sbtc.alone ? stored(stack.backup, images.backup, stack.monitoring?.mode === 'full', true) : nothing
  const pair = sbtc.pair ? pairSide(stack, sbtc, sbtc.pair, images) : nothing
  return {
    services: [
      postgresService(images.postgres),
      blocklistService(images.blocklist),
      ...pair.services.filter(({ name }) => name !== sbtc.node),
      sbtcSignerService(images.sbtcSigner, sbtc, stack.backup ? [beforeUpgrade] : []),
      ...pair.services.filter(({ name }) => name === sbtc.node),
      sbtcWatchService(images.nodejs, sbtc),
      ...dumps.services,
      ...store.services,
    ],
    networks: [
      { name: 'sbtc-p2p', purpose: 'The sBTC signer and the world: the other signers, and Emily', internal: false },
      { name: 'sbtc-sanctions', purpose: 'The blocklist client and the list of sanctioned addresses', internal: false },
      { name: 'sbtc-blocklist', purpose: 'The sBTC signer and its blocklist client', internal: true },
      { name: 'sbtc-database', purpose: 'The sBTC signer and its database', internal: true },
      { name: 'sbtc-bitcoin-link', purpose: `The sBTC signer${sbtc.shared ? '' : ', its node'} and bitcoind, which has an address that stays`, internal: true, subnet: subnet(sbtc) },
      { name: 'sbtc-node-link', purpose: 'The sBTC signer and its node', internal: true },
      ...pair.networks,
      ...store.networks,
    ],
    volumes: [
      { name: 'sbtc-signer-config', purpose: 'The sBTC signer\'s configuration, filled by init; holds its key and all of its passwords', target: paths.sbtcSignerConfig },
      { name: 'blocklist-config', purpose: 'The blocklist client\'s configuration, filled by init; holds the Emily API key', target: paths.blocklistConfig },
      { name: 'postgres-config', purpose: 'The database\'s configuration and password, filled by init', target: paths.postgresConfig },
      { name: 'postgres-data', purpose: 'The database of the sBTC signer, with its shares of the keys; back it up', target: paths.postgresData },
      ...pair.volumes,
      ...dumps.volumes,
      ...store.volumes,
    ],
    secrets: [
      { name: 'sbtc-signer-private-key', purpose: 'The key of the sBTC signer; one running sBTC signer per key. It opens the shares in the database' },
      { name: 'emily-api-key', purpose: 'Lets the sBTC signer and the blocklist client ask Emily' },
      { name: 'postgres-password', purpose: 'Lets the sBTC signer into its database' },
      { name: 'sbtc-bitcoin-rpc-password', purpose: 'Lets the sBTC signer make its calls to bitcoind, and no others' },
      ...store.secrets,
    ],
  }
}

/** The nodes of the Stacks signer, for the sBTC signer too. */
export function withSharedNodes(services: readonly Service[], sbtc: Sbtc): readonly Service[] {
  return services.map((service): Service => {
    if (service.name === sbtc.bitcoind) return { ...service, networks: [...service.networks, 'sbtc-bitcoin-link'], addresses: { 'sbtc-bitcoin-link': sbtc.subnet.bitcoind } }
    if (service.name !== sbtc.node) return service
    const { WAIT_SIGNER: signer } = service.environment
    return {
      ...service,
      networks: [...service.networks, 'sbtc-node-link'],
      environment: { ...service.environment, WAIT_SIGNER: signer ? `${signer} ${events}` : events },
      after: [...service.after, 'sbtc-signer'],
      stopsBefore: [...service.stopsBefore, 'sbtc-signer'],
    }
  })
}

/** Neither of the two opens a port: both call others, which is enough to follow the chains. */
function pairSide({ snapshot }: Pick<Stack, 'snapshot'>, sbtc: Sbtc, pair: NonNullable<Sbtc['pair']>, images: SbtcImages): Side {
  const second = { name: 'sbtc-snapshot', volume: 'sbtc-stacks-node-data', network: 'sbtc-snapshot' }
  return {
    services: [
      ...(snapshot ? [snapshotService(images.nodejs, snapshot, second)] : []),
      {
        ...bitcoindService(images.bitcoind, pair.bitcoin, false, { name: sbtc.bitcoind, config: 'sbtc-bitcoin-config', data: 'sbtc-bitcoin-data', file: 'sbtc-bitcoin.conf' }),
        purpose: 'Bitcoin full node, for the sBTC signer and its stacks-node alone',
        networks: ['sbtc-bitcoin-p2p', 'sbtc-bitcoin-link'],
        addresses: { 'sbtc-bitcoin-link': sbtc.subnet.bitcoind },
      },
      {
        ...nodeService(
          images.node,
          { ...(snapshot && { WAIT_SNAPSHOT: snapshot.networkDirectory }), WAIT_BITCOIN: `${sbtc.bitcoind}:${ports.bitcoindNode.number}`, WAIT_SIGNER: events },
          ['sbtc-stacks-p2p', 'sbtc-node-link', 'sbtc-bitcoin-link'], [], ['sbtc-signer', sbtc.bitcoind], ['sbtc-signer'],
          { name: sbtc.node, config: 'sbtc-stacks-node-config', data: 'sbtc-stacks-node-data', file: 'sbtc-node-config.toml' },
        ),
        purpose: 'Follows the Stacks chain, for the sBTC signer alone',
      },
    ],
    networks: [
      { name: 'sbtc-bitcoin-p2p', purpose: 'The second bitcoind and the world', internal: false },
      { name: 'sbtc-stacks-p2p', purpose: 'The second node and the world', internal: false },
      ...(snapshot ? [{ name: 'sbtc-snapshot', purpose: 'The second snapshot and its archive server', internal: false }] : []),
    ],
    volumes: [
      { name: 'sbtc-bitcoin-config', purpose: 'The second bitcoind\'s configuration, filled by init', target: paths.sbtcBitcoinConfig },
      { name: 'sbtc-bitcoin-data', purpose: 'The Bitcoin chain, for the sBTC signer', target: paths.sbtcBitcoinData },
      { name: 'sbtc-stacks-node-config', purpose: 'The second node\'s configuration, filled by init', target: paths.sbtcNodeConfig },
      { name: 'sbtc-stacks-node-data', purpose: 'The Stacks chain, for the sBTC signer', target: paths.sbtcNodeData },
    ],
    secrets: [],
  }
}

function subnet({ subnet: { network, range, gateway } }: Sbtc): Pick<Sbtc['subnet'], 'network' | 'range' | 'gateway'> {
  return { network, range, gateway }
}
