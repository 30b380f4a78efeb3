/** The plan: every file of the output as a value. A pure function of the stack and the package's own assets. */

import { backupFiles } from './files/backup.ts'
import { bitcoinConfFile } from './files/bitcoin-conf.ts'
import { composeFile } from './files/compose.ts'
import { firewallFiles } from './files/firewall.ts'
import { gitignoreFile } from './files/gitignore.ts'
import { journaldFiles } from './files/logging.ts'
import { makefileFile } from './files/makefile.ts'
import { nodeConfigFile } from './files/node-config.ts'
import { readmeFile } from './files/readme.ts'
import { sbtcConfigFiles } from './files/sbtc-configs.ts'
import { signerConfigFile } from './files/signer-config.ts'
import { stackFile } from './files/stack-file.ts'
import { splitReadmeFile } from './files/split-readme.ts'
import { tlsConfigFiles } from './files/tls-config.ts'
import { monitoringConfigs, monitoringDocuments } from './files/monitoring.ts'
import { fileHash, type PlannedFile } from './plan-types.ts'
import type { Templates } from './render/template.ts'
import { isBuilt } from './stack/built-images.ts'
import type { Host, Stack } from './stack/model.ts'
import { programFile } from './stack/programs.ts'

/** What the package brings along: templates by name, the folders under docker/ that are copied as they are, and the bundled programs. */
export interface Assets {
  readonly templates: Templates
  readonly docker: readonly PlannedFile[]
  readonly programs: readonly PlannedFile[]
}

/** All generated files but the manifest, sorted by path. Throws where the plan breaks a rule: that is a bug. */
export function plan(stack: Stack, assets: Assets): readonly PlannedFile[] {
  const files = [...stack.hosts.flatMap((host) => hostFiles(stack, host, assets)), ...sharedFiles(stack, assets)]
  for (const file of files) checkFile(file)
  const names = files.map((file) => file.path.toLowerCase())
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice) throw new Error(`the plan has ${twice} twice`)
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function hostFiles(stack: Stack, host: Host, assets: Assets): PlannedFile[] {
  const runs = (name: string) => host.services.some((service) => service.name === name)
  const configs = [
    ...(runs('stacks-signer') ? [signerConfigFile(stack, host)] : []),
    ...(runs('stacks-node') ? [nodeConfigFile(stack, host)] : []),
    ...(stack.bitcoin.kind === 'own' && runs('bitcoind') ? [bitcoinConfFile(stack.bitcoin, stack, host)] : []),
    ...sbtcConfigFiles(stack, host),
    ...tlsConfigFiles(stack, host, assets.templates),
    ...monitoringConfigs(stack, host),
    ...backupFiles(stack, host),
    stackFile(stack, host),
    ...journaldFiles(stack, host),
    ...dockerfiles(host),
    ...[...assets.docker.filter(({ path }) => needs(stack, host, path)), ...programs(host, assets)].map((file) => ({ ...file, path: `${host.directory}${file.path}` })),
  ]
  const digests = new Map(configs.map((file) => [file.path.slice(host.directory.length), fileHash(file)]))
  return [
    ...configs,
    composeFile(stack, host, digests),
    ...firewallFiles(stack, host, assets.templates),
    makefileFile(stack, host, assets.templates),
    readmeFile(stack, host, assets.templates),
    ...monitoringDocuments(stack, host),
    gitignoreFile(host.directory, assets.templates),
  ]
}

/** What the images of this host are built from. */
function dockerfiles({ directory, services }: Host): readonly PlannedFile[] {
  const contents = new Map(services.flatMap(({ image }) => (isBuilt(image) ? [[`${directory}docker/${image.dockerfile}`, image.content] as const] : [])))
  return [...contents].map(([path, content]) => ({ path, content, mode: 0o644 }))
}

/** The programs that this host runs. */
function programs(host: Host, assets: Assets): readonly PlannedFile[] {
  return host.programs.map((name) => {
    const file = assets.programs.find(({ path }) => path === programFile(name))
    if (!file) throw new Error(`there is no bundle of the program ${name}: run npm run build`)
    return file
  })
}

/** Whether a host gets a script of docker/: what only some need is in the table. */
function needs(stack: Stack, host: Host, path: string): boolean {
  const runs = (...names: readonly string[]) => host.services.some(({ name }) => names.includes(name))
  const optional: Readonly<Record<string, boolean>> = {
    'gate/postgres.sh': stack.sbtc !== undefined,
    'gate/sidekick.sh': runs('sidekick'),
    'gate/stacks-node.sh': runs('stacks-node', 'sbtc-stacks-node'),
    'gate/observes.sh': runs('stacks-node', 'sbtc-stacks-node'),
    'host/backup.sh': runs('backup'),
    'host/dumps.sh': runs('sbtc-backup'),
    'host/firewall.sh': stack.firewall !== undefined,
    'host/logs.sh': stack.logs.driver === 'journald',
    'host/sbtc.sh': stack.sbtc !== undefined,
    'host/sealed.sh': stack.secretRecipients !== undefined,
  }
  return optional[path.replace(/^docker\//, '')] ?? true
}

/** What stands above the directories of several hosts; nothing where there is one. */
function sharedFiles({ tls, ...stack }: Stack, assets: Assets): PlannedFile[] {
  if (stack.hosts.length === 1 || !tls) return []
  return [splitReadmeFile({ ...stack, tls }, assets.templates), gitignoreFile('', assets.templates)]
}

function checkFile(file: PlannedFile): void {
  if (!/^(?!\/)(?!.*(^|\/)\.{1,2}(\/|$))[\w./-]+$/.test(file.path)) throw new Error(`the plan has a bad path: ${file.path}`)
  if (!file.content.endsWith('\n') || file.content.endsWith('\n\n')) throw new Error(`${file.path} does not end in one newline`)
  if (file.content.includes('\r')) throw new Error(`${file.path} holds a carriage return`)
}
