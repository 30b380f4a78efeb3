/** `config/nginx/*.conf`: nginx at one end of the TLS link, letting through only what the other end needs. */

import { paths, ports } from '../catalogue/container.ts'
import { eventCalls, pattern, rpcCalls } from '../catalogue/routes.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderTemplate, type Templates, type View } from '../render/template.ts'
import type { Host, Stack, TlsEnd, TlsLink } from '../stack/model.ts'

/** The largest body of an event: an sBTC observer is sent 256 MB. */
const eventBody = '256m'
/** The largest body of a call: a block proposal in hexadecimal, with room. */
const callBody = '32m'

/** The configs of the sidecars that stand on this host; none without a link. */
export function tlsConfigFiles(stack: Stack, host: Host, templates: Templates): readonly PlannedFile[] {
  const { tls } = stack
  if (!tls) return []
  return [tls.node, tls.signer].filter((end) => host.services.some(({ name }) => name === end.service)).map((end) => ({
    path: `${host.directory}config/nginx/${end.service}.conf`,
    content: renderTemplate(templates, 'tls-sidecar', tlsView(stack, tls, end)),
    mode: 0o644,
  }))
}

/** What templates/tls-sidecar.hbs may see. */
export function tlsView(stack: Stack, tls: TlsLink, end: TlsEnd): View {
  const node = end.service === 'node-tls'
  const other = node ? tls.signer : tls.node
  const directory = node ? paths.nodeTls : paths.signerTls
  const calls = { name: 'calls', body: callBody, patterns: rpcCalls(stack.signerRelease).map(pattern), what: 'the signer\'s calls to the node' }
  const events = { name: 'events', body: eventBody, patterns: eventCalls.map(pattern), what: 'the node\'s events for the signer' }
  const [inbound, outbound] = node ? [calls, events] : [events, calls]
  return {
    header,
    name: end.service,
    purpose: node ? 'It lets the signer\'s calls in and the node\'s events out.' : 'It lets the node\'s events in and the signer\'s calls out.',
    sides: [inbound, outbound],
    peer: nameAlone(other.commonName),
    certificate: `${directory}/${end.service}.pem`,
    key: `${directory}/${end.service}.key`,
    authority: `${directory}/ca.pem`,
    healthPort: ports.sidecarHealth.number,
    readTimeout: readTimeout(stack),
    inbound: { ...inbound, port: (node ? ports.nodeTls : ports.signerTls).number, to: node ? `stacks-node:${ports.nodeRpc.number}` : `stacks-signer:${ports.signerEvents.number}` },
    outbound: {
      ...outbound, listen: end.localPort, to: `${other.host}:${other.port}`, resolve: !isAddress(other.host),
      tlsName: other.tlsName,
    },
  }
}

/** nginx gives up after a minute; whoever lets the signer take longer over an event lets it take longer here too. */
function readTimeout({ nodeConfig }: Stack): number | undefined {
  const [signer] = (nodeConfig['events_observer'] ?? []) as readonly { readonly timeout_ms?: number }[]
  const seconds = Math.ceil((signer?.timeout_ms ?? 0) / 1000)
  return seconds > 60 ? seconds : undefined
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || /^[\d.]+$/.test(host)
}

/** A name as a regular expression that matches it alone. */
function nameAlone(name: string): string {
  return name.replace(/[.-]/g, '\\$&')
}
