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
import { buildsImage } from './files/views.ts'
import { fileHash, sha256, type PlannedFile } from './plan-types.ts'
import type { Templates } from './render/template.ts'
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

/** The programs that this host runs. */
function programs(host: Host, assets: Assets): readonly PlannedFile[] {
  return host.programs.map((name) => {
    const file = assets.programs.find(({ path }) => path === programFile(name))
    if (!file) throw new Error(`there is no bundle of the program ${name}: run npm run build`)
    return file
  })
}

/** What a host without a node needs of docker/: the rest would tell of the node, and serve nobody. */
const withoutNode = /^docker\/(gate\/(http-(get|ok)|stacks-signer)\.sh|host\/\w+\.sh|tools\/(Dockerfile|(dumps|files|exposition|layout|printable|public_key|backup(_\w+)?)\.py))$/

/** What makes and proves the backups of the sBTC signer's database: an image of its own, and no part of the tool image. */
export const sbtcBackup = /^docker\/tools\/sbtc(-backup\.Dockerfile|_(backup|before|chain|config|copy|database|dump|keep|report|restore|run|schedule|scratch|serve|store|verdict|verify)\.py)$/
/** What that image and the tool image both hold. */
export const sbtcBackupShares = /^docker\/tools\/(backup_alive|clarity|dumps|exposition|files|printable|sbtc_registry)\.py$/
/** What brings its dumps back, in the tool image and on the host. */
const sbtcRestore = /^docker\/(host\/dumps\.sh|tools\/sbtc_arrive\.py)$/
/** What only the sBTC signer has. */
const ofSbtc = /^docker\/(gate\/postgres\.sh|host\/sbtc\.sh|tools\/(sbtc_(key|registry|set|watch)|clarity)\.py)$/

function needs(stack: Stack, host: Host, path: string): boolean {
  if (path.startsWith('docker/tools/') && !buildsImage(host)) return false
  if (ofSbtc.test(path)) return stack.sbtc !== undefined
  if (path === 'docker/host/firewall.sh' && !stack.firewall) return false
  const runs = (one: string) => host.services.some(({ name }) => name === one)
  if (/^docker\/(host\/backup\.sh|tools\/backup(_\w+)?\.py)$/.test(path) && !runs('backup')) return false
  if (sbtcBackup.test(path) || sbtcRestore.test(path)) return runs('sbtc-backup')
  return runs('stacks-node') || runs('sbtc-stacks-node') || withoutNode.test(path)
}

/** What stands above the directories of several hosts; nothing where there is one. */
function sharedFiles({ tls, ...stack }: Stack, assets: Assets): PlannedFile[] {
  if (stack.hosts.length === 1 || !tls) return []
  return [splitReadmeFile({ ...stack, tls }, assets.templates), gitignoreFile('', assets.templates)]
}

/** The hash of what a folder of the output holds: paths, modes and contents. It names the image built from it. */
export function contentHash(files: readonly PlannedFile[]): string {
  return sha256(files.map((file) => `${file.path}\0${file.mode}\0${fileHash(file)}\n`).sort().join(''))
}

function checkFile(file: PlannedFile): void {
  if (!/^(?!\/)(?!.*(^|\/)\.{1,2}(\/|$))[\w./-]+$/.test(file.path)) throw new Error(`the plan has a bad path: ${file.path}`)
  if (!file.content.endsWith('\n') || file.content.endsWith('\n\n')) throw new Error(`${file.path} does not end in one newline`)
  if (file.content.includes('\r')) throw new Error(`${file.path} holds a carriage return`)
}
