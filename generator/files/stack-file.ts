/** `config/stack.json`: what the programs of a host go by. Its form, and what each value means, is in stack-file/schema.ts. */

import { checkPair } from '../catalogue/compatibility.ts'
import { paths, stackFile as file } from '../catalogue/container.ts'
import { networkFacts } from '../catalogue/networks.ts'
import { findNode, findSigner } from '../catalogue/releases.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import type { StackFile } from '../stack-file/schema.ts'
import { consumersOf } from '../stack/consumers.ts'
import { machineNeed } from '../stack/memory.ts'
import { isLocal } from '../stack/port-clashes.ts'
import { copiedPrograms } from '../stack/programs.ts'
import type { Host, Stack, TlsLink } from '../stack/model.ts'
import { eventsEndpoint, rpcEndpoint } from '../stack/tls-link.ts'
import { machineBitcoin } from './firewall.ts'
import { findService, wireTargets } from './views.ts'

export function stackFile(stack: Stack, host: Host): PlannedFile {
  return { path: `${host.directory}${file.path}`, content: `${JSON.stringify(contentOf(stack, host), undefined, 2)}\n`, mode: 0o644 }
}

function contentOf(stack: Stack, host: Host): StackFile {
  const { chainId, signer } = networkFacts(stack.network, stack.nodeRelease)
  const { name, network, role, nodeRelease, signerRelease, identity, logs, bitcoin, chainDirectory, tls, sbtc } = stack
  const copied = copiedPrograms(host.services)
  const machine = machineBitcoin(stack, host)
  const here = (service: string) => findService(host, service) !== undefined
  return {
    about: [...header, 'What the programs of this host go by. It holds no secret.'].join(' '),
    version: file.version,
    stack: name, network, role,
    releases: { node: nodeRelease, signer: signerRelease },
    services: host.services.map((service) => service.name),
    secrets: host.secrets.map((secret) => secret.name),
    openPorts: host.services.flatMap((service) => service.ports.filter((port) => !isLocal(port)).map(({ host: port, protocol }) => `${service.name}:${port}/${protocol}`)),
    memoryGb: machineNeed(host.services, stack.memoryGb),
    logs: logs.driver === 'journald' ? { driver: logs.driver, days: logs.days } : { driver: logs.driver },
    ...(identity && { identity: { address: identity.address, publicKey: identity.publicKey } }),
    ...(here('bitcoind') && { bitcoind: { chain: bitcoin.chain } }),
    ...(machine && { machineBitcoinPort: machine.port }),
    ...(here('stacks-node') && { node: { networkId: chainId, chainDirectory, observer: eventsEndpoint(tls), ...releaseFacts(stack) } }),
    ...(here('stacks-signer') && { signer: { nodeHost: rpcEndpoint(tls), network: signer.network, guard: stack.guard } }),
    ...(tls && { tls: wireFacts(tls, host) }),
    ...(sbtc && { sbtc: { node: sbtc.node, ...(sbtc.identity && { publicKey: sbtc.identity.publicKey }) } }),
    ...(copied.length > 0 && { programs: { path: paths.programs, files: copied } }),
    consumers: consumersOf(stack, host),
  }
}

function wireFacts(tls: TlsLink, host: Host): StackFile['tls'] {
  const { first, own, all } = wireTargets(tls, host)
  return { first, own: [...own], all: [...all] }
}

/** What is known against the releases; only ALLOW_UNSUPPORTED=yes lets such a stack be generated. */
function releaseFacts({ nodeRelease, signerRelease, network }: Stack): Pick<NonNullable<StackFile['node']>, 'leavesMainnet' | 'unsupported'> {
  const [node, signer] = [findNode(nodeRelease), findSigner(signerRelease)]
  const [first] = node && signer ? checkPair(node, signer, network).filter(({ code }) => code !== 'left-mainnet') : []
  return {
    ...(network === 'mainnet' && node?.leavesMainnet !== undefined && { leavesMainnet: node.leavesMainnet }),
    ...(first && { unsupported: first.message }),
  }
}
