/**
 * What config/stack.json says, as lines NAME=VALUE: docker/host/*.sh read no JSON. The file comes on stdin, since the container of a
 * make target sees no other.
 */

import { paths, ports } from '../../../generator/catalogue/container.ts'
import type { StackFile } from '../../../generator/stack-file/schema.ts'
import { readInput } from '../shared/input.ts'
import type { Io } from '../shared/program.ts'
import { parseStackFile } from '../shared/stack-file.ts'

export async function printFacts(io: Io): Promise<number> {
  for (const line of factLines((await readInput(io, 1 << 20)).toString())) io.say(line)
  return 0
}

/** Of the content of the file. */
export function factLines(text: string): readonly string[] {
  return Object.entries(factsOf(parseStackFile(text))).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
}

function factsOf({ stack, network, role, releases, services, secrets, consumers, openPorts, memoryGb, logs, identity, bitcoind, machineBitcoinPort, node, signer, tls, sbtc }: StackFile): Readonly<Record<string, string | number | undefined>> {
  const cli = (name: string) => `-conf=${paths.bitcoinConfig}/${name} -datadir=${paths.bitcoinData}`
  return {
    stack, role, network, node_release: releases.node, signer_release: releases.signer, services: services.join(' '), secrets: secrets.join(' '),
    open_ports: openPorts.join(' '), memory_gb: memoryGb, log_driver: logs.driver, log_days: logs.days, public_key: identity?.publicKey,
    data_folders: consumers.flatMap(({ data }) => (data?.directory ? [`${data.path}=${data.directory.path}`] : [])).join(' ') || undefined,
    bitcoin_chain: bitcoind?.chain, machine_bitcoin_port: machineBitcoinPort, bitcoin_cli: cli('bitcoin.conf'), sbtc_bitcoin_cli: cli('sbtc-bitcoin.conf'),
    network_id: node?.networkId, chain_directory: node?.chainDirectory, node_rpc: ports.nodeRpc.number, observer: node?.observer, leaves_mainnet: node?.leavesMainnet, unsupported: node?.unsupported,
    guard: signer?.guard === 'off' ? signer.guard : undefined, signer_metrics: ports.signerMetrics.number, node_host: signer?.nodeHost, signer_network: signer?.network,
    tls_first: tls?.first, tls_own: tls?.own.join(' '), tls_targets: tls?.all.join(' '), sbtc_public_key: sbtc?.publicKey,
  }
}
