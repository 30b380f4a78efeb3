/** What the files made from templates share. */

import { ports } from '../catalogue/container.ts'
import type { Host, Service, Stack, TlsEnd, TlsLink } from '../stack/model.ts'

/** The service of that name, if it runs on this host. */
export function findService(host: Host, name: string): Service | undefined {
  return host.services.find((service) => service.name === name)
}

/** Whether the signer's release makes PoX-5 grants; older ones sign for PoX-4, and none does both. */
export function signsForPox5(stack: Stack): boolean {
  return Number.parseInt(stack.signerRelease, 10) >= 4
}

/** GB of memory that the machine should have. */
export function memoryNeed(host: Host): number {
  const stacks = findService(host, 'bitcoind') ? 16 : findService(host, 'stacks-node') ? 8 : findService(host, 'stacks-signer') ? 4 : 0
  return stacks + (findService(host, 'sbtc-stacks-node') ? 16 : 0) + (findService(host, 'sbtc-signer') ? 4 : 0)
}

/** Where tls_status.py finds the ends, as seen from the sidecar `first`: by its own loopback, the others as it finds them itself. */
export function wireTargets(tls: TlsLink, host: Host): { readonly first: TlsEnd['service']; readonly own: readonly string[]; readonly all: readonly string[] } {
  const here = [tls.node, tls.signer].filter(({ service }) => findService(host, service))
  const port = { 'node-tls': ports.nodeTls.number, 'signer-tls': ports.signerTls.number }
  const target = (end: TlsEnd) => `${end.service}=${end === here[0] ? `127.0.0.1:${port[end.service]}` : `${end.host}:${end.port}`}/${end.tlsName}`
  return { first: here[0]!.service, own: here.map(target), all: [tls.node, tls.signer].map(target) }
}
