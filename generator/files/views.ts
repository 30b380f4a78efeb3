/** What the files made from templates share. */

import { ports } from '../catalogue/container.ts'
import { isBuilt } from '../stack/built-images.ts'
import type { Host, Service, Stack, TlsEnd, TlsLink } from '../stack/model.ts'

/** The service of that name, if it runs on this host. */
export function findService(host: Host, name: string): Service | undefined {
  return host.services.find((service) => service.name === name)
}

/** Whether the signer's release makes PoX-5 grants; older ones sign for PoX-4, and none does both. */
export function signsForPox5(stack: Stack): boolean {
  return Number.parseInt(stack.signerRelease, 10) >= 4
}

/** Where `inspect certs` finds the ends, as seen from the sidecar `first`: by its own loopback, the others as it finds them itself. */
export function wireTargets(tls: TlsLink, host: Host): { readonly first: TlsEnd['service']; readonly own: readonly string[]; readonly all: readonly string[] } {
  const here = [tls.node, tls.signer].filter(({ service }) => findService(host, service))
  const port = { 'node-tls': ports.nodeTls.number, 'signer-tls': ports.signerTls.number }
  const target = (end: TlsEnd) => `${end.service}=${end === here[0] ? `127.0.0.1:${port[end.service]}` : `${end.host}:${end.port}`}/${end.tlsName}`
  return { first: here[0]!.service, own: here.map(target), all: [tls.node, tls.signer].map(target) }
}

/** Whether a service of this host runs an image that is built there: without backups and an sBTC signer none does. */
export function buildsImage({ services }: Host): boolean {
  return services.some(({ image }) => isBuilt(image))
}
