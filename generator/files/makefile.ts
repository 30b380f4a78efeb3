/** `Makefile`: the commands an operator types. It needs Docker, Compose, make and a POSIX shell, never Node. */

import { dataMarker, paths, ports } from '../catalogue/container.ts'
import type { PlannedFile } from '../plan-types.ts'
import { header } from '../render/header.ts'
import { renderTemplate, type Templates, type View } from '../render/template.ts'
import type { Host, Sbtc, Service, Stack, TlsLink } from '../stack/model.ts'
import { consumersOf } from '../stack/consumers.ts'
import { programBesideInit, programCommand } from '../stack/programs.ts'
import { eventsEndpoint } from '../stack/tls-link.ts'
import { buildsImage, findService, signsForPox5, wireTargets } from './views.ts'

/** The Makefile of one host. Throws when the template is not among `templates`. */
export function makefileFile(stack: Stack, host: Host, templates: Templates): PlannedFile {
  return {
    path: `${host.directory}Makefile`,
    content: renderTemplate(templates, 'Makefile', makefileView(stack, host)),
    mode: 0o644,
  }
}

/** What templates/Makefile.hbs may see. A service that this host lacks is undefined, and its targets are not written. */
export function makefileView(stack: Stack, host: Host): View {
  const bitcoind = findService(host, 'bitcoind')
  const [copies, dumps] = [findService(host, 'backup-copy'), findService(host, 'sbtc-backup')]
  const sealed = copies && stack.backup && stack.backup.recipients.length > 0
  const sbtc = stack.sbtc && sbtcView(stack.sbtc, host)
  return {
    header,
    stack: stack.name,
    split: stack.hosts.length > 1,
    secretNames: host.secrets.map((secret) => secret.name).join(' '),
    identity: stack.identity && { ...stack.identity },
    bitcoind: bitcoind && { arguments: bitcoind.command.join(' ') },
    snapshot: snapshotView(findService(host, 'snapshot')),
    node: findService(host, 'stacks-node') && {
      config: `${paths.nodeConfig}/node-config.toml`,
      httpGet: `${paths.nodeConfig}/http-get.sh`,
      observes: `${paths.nodeConfig}/observes.sh`,
      rpcPort: ports.nodeRpc.number,
    },
    signer: findService(host, 'stacks-signer') && {
      config: `${paths.signerConfig}/signer-config.toml`,
      httpGet: `${paths.signerConfig}/http-get.sh`,
      metricsPort: ports.signerMetrics.number,
      pox5: signsForPox5(stack),
      guard: programCommand('guard').join(' '),
      // It needs the volumes, the secrets and the rights that init has.
      handover: programBesideInit('handover'),
    },
    tls: stack.tls && tlsView(stack.tls, host),
    alertmanager: findService(host, 'alertmanager') && {
      url: `http://127.0.0.1:${ports.alertmanager.number}`, stack: stack.name,
      config: `${paths.alertmanagerConfig}/alertmanager.yml`, prometheusConfig: `${paths.prometheusConfig}/prometheus.yml`,
    },
    dataMarker, movedData: paths.movedData, dataFolders: dataFolders(stack, host),
    token: host.secrets.some(({ name }) => name === 'auth-token'),
    firewall: stack.firewall !== undefined,
    builds: buildsImage(host),
    journal: stack.logs.driver === 'journald' && { stack: stack.name, services: host.services.map(({ name }) => name).join(' ') },
    backup: copies && { sealed },
    sbtc,
    sbtcBackup: dumps && { program: programCommand('sbtc-backup').join(' '), store: paths.sbtcBackupData, work: paths.sbtcBackupWork },
    backupProgram: programCommand('backup').join(' '),
    // Declared once, whichever of the targets ask for them.
    asksSnapshot: copies !== undefined || dumps !== undefined,
    sealed: stack.secretRecipients && { recipients: stack.secretRecipients.join(' ') },
    asksIdentity: sealed || sbtc !== undefined || stack.secretRecipients !== undefined,
  }
}

/** The folders of the machine for data, as docker/host/data.sh reads them; '' where there is none. */
function dataFolders(stack: Stack, host: Host): string {
  return consumersOf(stack, host).flatMap(({ name, data }) => (data?.directory ? [`${name}=${data.directory.path}`] : [])).join(' ')
}

/** What the targets for the TLS link need; both ends where both are here. */
function tlsView(tls: TlsLink, host: Host): View {
  const here = [tls.node, tls.signer].filter(({ service }) => findService(host, service))
  const { first, all } = wireTargets(tls, host)
  return {
    sidecars: here.map(({ service }) => ({ name: service, config: `${service === 'node-tls' ? paths.nodeTls : paths.signerTls}/${service}.conf` })),
    first,
    targets: all.join(' '),
    toSigner: findService(host, 'stacks-node') && `node-tls ${tls.node.localPort}`,
    observer: eventsEndpoint(tls),
    toNode: findService(host, 'stacks-signer') && `signer-tls ${tls.signer.localPort}`,
  }
}

/** What the targets of the sBTC signer need; all of it is public. */
function sbtcView(sbtc: Sbtc, host: Host): View | undefined {
  const watch = findService(host, 'sbtc-watch')
  if (!watch) return undefined
  const asked = ['DEPLOYER', 'SIGNING_SET', 'SIGNATURES_REQUIRED', 'SBTC_IDENTITY'].filter((name) => watch.environment[name] !== undefined)
  return {
    environment: asked.map((name) => `--env ${name}=${watch.environment[name]}`).join(' '),
    watch: programCommand('sbtc-watch').join(' '),
    node: sbtc.node,
    bitcoind: findService(host, 'sbtc-bitcoind')?.command.join(' '),
    // Set once, where there is no other bitcoind.
    arguments: findService(host, 'sbtc-bitcoind') && !findService(host, 'bitcoind'),
    nodeConfig: findService(host, 'sbtc-stacks-node') && `${paths.nodeConfig}/sbtc-node-config.toml`,
  }
}

function snapshotView(snapshot: Service | undefined): View | undefined {
  return snapshot && { refresh: '--refresh', swap: '--swap', forget: '--forget-old' }
}
