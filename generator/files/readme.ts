/** `README.md`: the handbook of this very stack, read from the model. */

import { eventRelay, ports } from '../catalogue/container.ts'
import { eventCalls, rpcCalls, type Call } from '../catalogue/routes.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderTemplate, type Templates, type View } from '../render/template.ts'
import type { BuiltImage, Host, ImageRef, Monitoring, PublishedPort, Service, Stack, TlsLink } from '../stack/model.ts'
import { observerNetwork, relayEndpoint } from '../stack/event-relay.ts'
import { isLocal } from '../stack/port-clashes.ts'
import { discardCommand, folderFacts } from './data-facts.ts'
import { firewallFacts, machineBitcoin, machineRules } from './firewall.ts'
import { journaldDropIn } from './logging.ts'
import { backupSection } from './backup-readme.ts'
import { archiveFacts, signerFacts, sizingRows, troubleRows } from './readme-facts.ts'
import { sbtcBackupSection } from './sbtc-backup-readme.ts'
import { sbtcFacts } from './sbtc-facts.ts'
import { buildsImage, findService } from './views.ts'

/** The README of one host. Throws when the template is not among `templates`. */
export function readmeFile(stack: Stack, host: Host, templates: Templates): PlannedFile {
  return {
    path: `${host.directory}README.md`,
    content: renderTemplate(templates, 'README', readmeView(stack, host)),
    mode: 0o644,
  }
}

/** What templates/README.hbs may see. A part that this host lacks is undefined or false, and is not written. */
export function readmeView(stack: Stack, host: Host): View {
  const snapshot = findService(host, 'snapshot') && stack.snapshot
  const together = stack.nodeRelease === stack.signerRelease
  return {
    header,
    name: stack.name,
    network: stack.network,
    mainnet: stack.network === 'mainnet',
    nodeRelease: stack.nodeRelease,
    signerRelease: stack.signerRelease,
    versionAnswers: together ? '`STACKS_VERSION`' : '`STACKS_NODE_VERSION` and `STACKS_SIGNER_VERSION`',
    bitcoin: bitcoinText(stack),
    split: splitView(stack, host),
    tls: stack.tls && tlsView(stack.tls, stack, host),
    identity: stack.identity && { ...stack.identity },
    standby: stack.role === 'standby' && signs(stack),
    unguarded: stack.guard === 'off' && signs(stack),
    services: host.services.map((service) => serviceRow(service, host)),
    local: portRows(host, isLocal),
    published: portRows(host, (port) => !isLocal(port)),
    folders: folderFacts(host),
    secrets: host.secrets.map(({ name, purpose }) => ({ name, purpose })),
    sizing: sizingRows(stack, host),
    troubles: troubleRows(host),
    slowStops: host.services.filter(({ stopGrace }) => /^\d{2,}m$/.test(stopGrace)).map(({ name, stopGrace }) => `${name} up to ${parseInt(stopGrace, 10)} minutes`).join(', '),
    snapshot: snapshot && {
      verified: checksumText(snapshot.sha256),
    },
    archive: snapshot && archiveFacts(stack),
    bitcoind: stack.bitcoin.kind === 'own' && findService(host, 'bitcoind') && { discard: discardCommand(stack, host, 'bitcoin-data'), pruned: stack.bitcoin.pruned },
    rpc: findService(host, 'stacks-node')?.ports.some(({ answer }) => answer === 'NODE_RPC_PUBLISH'),
    node: findService(host, 'stacks-node') && { discard: discardCommand(stack, host, 'stacks-node-data'), chain: stack.chainDirectory },
    signer: signerFacts(stack, host),
    signs: signs(stack),
    monitoring: stack.monitoring && monitoringView(stack, stack.monitoring, host),
    sidekick: stack.sidekick && findService(host, 'sidekick') && { manager: stack.sidekick.manager, port: stack.sidekick.port, blind: stack.monitoring === undefined },
    machineBitcoin: machineBitcoin(stack, host),
    observers: findService(host, eventRelay) && observersView(stack, host),
    firewall: firewallFacts(stack, host),
    journal: stack.logs.driver === 'journald' && { days: stack.logs.days, size: stack.logs.maxSize, dropIn: journaldDropIn(stack) },
    builds: buildsImage(host),
    backup: stack.backup && findService(host, 'backup-copy') && backupSection(stack, stack.backup),
    sbtcBackup: stack.backup && findService(host, 'sbtc-backup') && sbtcBackupSection(stack, stack.backup, findService(host, 'backup-copy') === undefined),
    sealed: stack.secretRecipients && { recipients: stack.secretRecipients.join('`, `') },
    sbtc: sbtcFacts(stack, host),
    prefetch: ['snapshot', 'bitcoind', 'sbtc-snapshot', 'sbtc-bitcoind'].filter((name) => findService(host, name)).join(' '),
  }
}

function observersView(stack: Stack, host: Host): View {
  return {
    rows: stack.observers.map(({ endpoint, keys, timeoutMs, retries }, index) => ({ endpoint, relay: relayEndpoint(index), keys: keys.map((key) => `\`${key}\``).join(', '), timeoutMs, retries: retries ? 'sent again until it is taken' : 'lost' })),
    network: `${stack.name}_${observerNetwork}`,
    machine: machineRules(stack, host).filter(({ network }) => network === observerNetwork).map(({ port, network, bridge }) => ({ port, network, bridge })),
  }
}

/** Whether the stack has a Stacks signer, on whichever host. */
function signs({ hosts }: Stack): boolean {
  return hosts.some((one) => findService(one, 'stacks-signer') !== undefined)
}

function portRows(host: Host, wanted: (port: PublishedPort) => boolean): readonly View[] {
  return host.services.flatMap((service) => service.ports.filter(wanted).map((port) => ({
    port: `${port.host}/${port.protocol}`, service: service.name, purpose: port.purpose, reach: `${port.address ?? 'every interface'}${port.from ? `, from ${port.from.join(', ')} alone` : ''}`,
  })))
}

/** On which of two hosts this is; undefined where there is one. */
function splitView({ tls }: Stack, host: Host): View | undefined {
  if (!tls || host.directory === '') return undefined
  return host.name === 'node'
    ? { here: 'The node\'s host', other: 'signer-host', otherHost: tls.signer.host }
    : { here: 'The signer\'s host', other: 'node-host', otherHost: tls.node.host }
}

function tlsView({ node, signer, certificates }: TlsLink, { signerRelease }: Stack, host: Host): View {
  const here = (name: string) => findService(host, name) !== undefined
  return {
    generated: certificates === 'generated',
    checksNode: here('stacks-signer'),
    checksSigner: here('stacks-node'),
    ways: [
      { from: 'stacks-node', through: `node-tls:${node.localPort}, then ${signer.host}:${signer.port} over TLS`, to: `stacks-signer:${ports.signerEvents.number}` },
      { from: 'stacks-signer', through: `signer-tls:${signer.localPort}, then ${node.host}:${node.port} over TLS`, to: `stacks-node:${ports.nodeRpc.number}` },
    ],
    calls: rpcCalls(signerRelease).map(callText).join(', '),
    events: eventCalls.map(callText).join(', '),
  }
}

function monitoringView({ name }: Stack, { mode, port, registered, ports: published, receivers, retentionDays }: Monitoring, host: Host): View {
  const here = (one: string) => findService(host, one) !== undefined
  return {
    full: mode === 'full' && {
      prometheus: published.prometheus, alertmanager: published.alertmanager, grafana: published.grafana, days: retentionDays,
      told: receivers.map(({ kind }) => kind).join(', '),
    },
    outside: mode === 'metrics' && { port: port ?? false, network: `${name}_monitoring`, container: `${name}-metrics-1:${ports.metrics.number}` },
    unregistered: !registered,
    bitcoind: here('bitcoind') || here('sbtc-bitcoind'),
    probes: here('blackbox') && (here('node-tls') || here('signer-tls')),
  }
}

/** A call for people: `GET /v3/stacker_set/CYCLE`. */
function callText(call: Call): string {
  return `\`${call.replace(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase())}\``
}

function serviceRow(service: Service, host: Host): View {
  const waits = service.after.filter((name) => findService(host, name))
  return {
    name: service.name, purpose: service.purpose, image: imageName(service.image),
    after: waits.join(', ') || 'nothing',
  }
}

/** Without the digest, which stands in docker-compose.yml and would fill the table. */
function imageName(image: ImageRef | BuiltImage): string {
  return 'context' in image ? `built from \`${image.context}\`` : `\`${image.repository}:${image.tag}\``
}

function bitcoinText({ bitcoin }: Stack): string {
  if (bitcoin.kind === 'external' && bitcoin.here) return `the bitcoind of this machine at its port ${bitcoin.port}, which is not part of this stack`
  if (bitcoin.kind === 'external') return `the bitcoind at ${bitcoin.host}:${bitcoin.port}, which is not part of this stack`
  return bitcoin.pruned ? 'its own pruned bitcoind' : 'its own full bitcoind'
}

function checksumText(sha256: string | undefined): string {
  return sha256 ? 'the checksum in the answers' : 'the checksum that the archive publishes'
}
