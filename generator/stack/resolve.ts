/** Answers and catalogue become one Stack, or the problems that only show when answers are looked at together. */

import type { Answers } from '../answers/check.ts'
import { checkPair, checkVariant, type Verdict } from '../catalogue/compatibility.ts'
import { ports } from '../catalogue/container.ts'
import type { ImageLock } from '../catalogue/images.ts'
import { networkFacts, type NetworkFacts } from '../catalogue/networks.ts'
import { findNode, findSigner, newerRelease, type Release } from '../catalogue/releases.ts'
import { error, hasErrors, warning, type Problem, type Result } from '../problem.ts'
import { nodeConfig, signerConfig } from './configs.ts'
import { sbtcObserver } from './sbtc-configs.ts'
import { monitoringSettings } from './monitoring.ts'
import { backupSettings } from './backup.ts'
import { firewall, withBridges } from './firewall.ts'
import { logSettings } from './logs.ts'
import { portClashes } from './port-clashes.ts'
import { sbtcSettings } from './sbtc.ts'
import { sbtcBackupProblems } from './sbtc-backup.ts'
import { sbtcBackupImage, toolImage } from './built-images.ts'
import { pinnedImages } from './pinned-images.ts'
import { eventsEndpoint, rpcEndpoint, tlsLink } from './tls-link.ts'
import { singleHost, splitHosts } from './host.ts'
import type { BitcoinSettings, Identity, Stack } from './model.ts'

/**
 * `toolsHash` names the content of docker/tools, `dumpsHash` that of the image for an sBTC signer's dumps; `identity` is what may be known of the signer's key; `lock` holds the
 * digests that `pin` has recorded, `sbtcIdentity` the same of the sBTC signer's key.
 */
export interface Surroundings {
  readonly toolsHash: string
  readonly dumpsHash?: string
  readonly identity?: Identity
  readonly sbtcIdentity?: Identity
  readonly lock?: ImageLock
}

/** Bitcoin Core's own, of each of its networks (src/chainparamsbase.cpp). */
const bitcoinRpcPorts: readonly number[] = [ports.bitcoinRpcMain.number, ports.bitcoinRpcRegtest.number, 18332, 38332, 48332]

export function resolve(answers: Answers, { toolsHash, dumpsHash = '', identity, sbtcIdentity, lock }: Surroundings): Result<Stack> {
  const { values } = answers
  const node = findNode(values.STACKS_NODE_VERSION) ?? newerRelease('node', values.STACKS_NODE_VERSION)
  const signer = findSigner(values.STACKS_SIGNER_VERSION) ?? newerRelease('signer', values.STACKS_SIGNER_VERSION)
  if (!node || !signer) throw new Error('a release passed the check of the answers that the catalogue does not know')
  const facts = networkFacts(values.NETWORK, node.version)
  const bitcoin = bitcoinSettings(answers, facts)
  const images = pinnedImages(answers, node, signer, lock)
  const tls = tlsLink(answers)
  const monitoring = monitoringSettings(answers)
  const wall = firewall(answers)
  const backup = backupSettings(answers)
  const sbtc = sbtcSettings(answers, facts, node.version, sbtcIdentity)
  const logs = logSettings(answers)
  const problems = [
    ...unsafe(answers, node, signer, facts),
    ...crossFieldProblems(answers),
    ...bitcoin.problems,
    ...tls.problems,
    ...monitoring.problems,
    ...wall.problems,
    ...backup.problems,
    ...sbtcBackupProblems(answers),
    ...sbtc.problems,
    ...logs.problems,
    ...images.problems,
  ]
  if (hasErrors(problems) || !bitcoin.value) return { problems }
  const link = tls.value
  const watched = monitoring.value !== undefined
  const snapshot = values.SNAPSHOT === 'on'
    ? {
        url: values.SNAPSHOT_URL || facts.archiveUrl,
        ...(values.SNAPSHOT_URL && isFile(values.SNAPSHOT_URL) && { file: decodeURIComponent(new URL(values.SNAPSHOT_URL).pathname) }),
        ...(values.SNAPSHOT_SHA256 && { sha256: values.SNAPSHOT_SHA256 }),
        networkDirectory: facts.chainDirectory,
        mode: values.SNAPSHOT_MODE,
        connections: values.SNAPSHOT_CONNECTIONS,
      }
    : undefined
  const stack = {
    name: values.STACK_NAME,
    network: values.NETWORK,
    nodeRelease: node.version,
    signerRelease: signer.version,
    variant: values.IMAGE_VARIANT,
    platform: values.PLATFORM,
    role: values.ROLE,
    guard: values.DOPPELGANGER_GUARD,
    ...(identity && { identity }),
    bitcoin: bitcoin.value,
    ...(snapshot && { snapshot }),
    chainDirectory: facts.chainDirectory,
    signerConfig: signerConfig(facts, rpcEndpoint(link), watched, answers.passThrough.signer),
    nodeConfig: nodeConfig(facts, bitcoin.value, publicAddress(answers), eventsEndpoint(link), watched, answers.passThrough.node, sbtc.value?.shared ? [sbtcObserver(sbtc.value.deployer)] : []),
    ...(link && { tls: link }),
    ...(monitoring.value && { monitoring: monitoring.value }),
    ...(wall.value && { firewall: wall.value }),
    logs: logs.value,
    ...(backup.value && { backup: backup.value }),
    ...(sbtc.value && { sbtc: sbtc.value }),
  }
  const parts = {
    ...images.value,
    tools: toolImage(values.STACK_NAME, toolsHash, images.value.base, lock, backup.value ? 'backup' : sbtc.value ? 'sealing' : 'none'),
    sbtcBackup: sbtcBackupImage(values.STACK_NAME, dumpsHash, images.value.postgres),
  }
  const published = { nodePort: values.NODE_P2P_PORT, publishBitcoin: values.BITCOIN_P2P_PUBLISH === 'on' }
  const hosts = values.TOPOLOGY === 'split' && link ? splitHosts({ ...stack, tls: link }, parts, published) : [singleHost(stack, parts, published)]
  problems.push(...portClashes(answers, hosts, wall.value))
  if (hasErrors(problems)) return { problems }
  return { value: { ...stack, hosts: wall.value ? withBridges(stack.name, hosts) : hosts }, problems }
}

function bitcoinSettings(answers: Answers, facts: NetworkFacts): Result<BitcoinSettings> {
  const { values } = answers
  const mode = values.BITCOIN_MODE
  if (mode !== 'external') {
    const stray = (['BITCOIN_HOST'] as const).filter((key) => answers.given.has(key))
    return {
      value: { mode, chain: facts.bitcoinChain, host: 'bitcoind', p2pPort: facts.bitcoinP2pPort, seedPeers: facts.bitcoinSeedPeers },
      problems: stray.map((key) => error('not-external', `${key} is only for BITCOIN_MODE=external; here it is ${mode}`, answers.place(key),
        `remove ${key}, or write BITCOIN_MODE=external`)),
    }
  }
  const host = values.BITCOIN_HOST || facts.defaultBitcoinHost
  if (!host) {
    return { problems: [error('missing-answer', 'BITCOIN_MODE=external needs BITCOIN_HOST: the host of the bitcoind to follow',
      answers.place('BITCOIN_MODE'), 'add a line like BITCOIN_HOST=bitcoin.example.net')] }
  }
  const p2pPort = values.BITCOIN_P2P_PORT ?? facts.bitcoinP2pPort
  return {
    value: { mode, chain: facts.bitcoinChain, host, p2pPort, seedPeers: [] },
    problems: bitcoinRpcPorts.includes(p2pPort) ? [warning('rpc-port', `BITCOIN_P2P_PORT=${p2pPort} is a port on which bitcoind speaks RPC: the node speaks P2P alone`, answers.place('BITCOIN_P2P_PORT'),
      `write BITCOIN_P2P_PORT=${facts.bitcoinP2pPort}, unless that bitcoind takes peers there`)] : [],
  }
}

function crossFieldProblems(answers: Answers): Problem[] {
  const { values } = answers
  const problems: Problem[] = []
  if (values.BITCOIN_MODE === 'pruned' && values.SNAPSHOT === 'off') {
    problems.push(refusal(answers, {
      code: 'pruned-without-snapshot',
      message: 'BITCOIN_MODE=pruned with SNAPSHOT=off: a new stacks-node asks for every Bitcoin block since 666050, which a pruned bitcoind no longer has',
      instead: 'write SNAPSHOT=on, or BITCOIN_MODE=full',
    }, 'BITCOIN_MODE'))
  }
  for (const key of ['BITCOIN_RPC_USER', 'BITCOIN_RPC_PORT', 'BITCOIN_RPC_PASSWORD'] as const) {
    if (answers.given.has(key)) problems.push(warning('unused-answer', `${key} is not used: ${values.MONITORING !== 'off' && values.BITCOIN_MODE !== 'external' ? 'what reads bitcoind\'s numbers has a user of its own' : 'nothing in this stack speaks Bitcoin RPC'}`, answers.place(key),
      'a stacks-node that does not mine uses Bitcoin\'s P2P port alone; the line may go'))
  }
  if (values.SNAPSHOT === 'on' && values.SNAPSHOT_URL && isFile(values.SNAPSHOT_URL) && !values.SNAPSHOT_SHA256) {
    // Only the archive itself is mounted, not what may stand beside it.
    problems.push(error('missing-answer', 'SNAPSHOT_URL of a file needs SNAPSHOT_SHA256: nothing else says that the file is right', answers.place('SNAPSHOT_URL'),
      'add a line SNAPSHOT_SHA256= with what `sha256sum FILE` prints, compared with what its publisher says'))
  }
  if (values.SNAPSHOT === 'on' && /^http:/i.test(values.SNAPSHOT_URL ?? '') && !values.SNAPSHOT_SHA256) {
    problems.push(error('missing-answer', 'SNAPSHOT_URL with http:// needs SNAPSHOT_SHA256: on this line the archive and the checksum beside it can be replaced together', answers.place('SNAPSHOT_URL'),
      'add a line SNAPSHOT_SHA256= with a checksum from a source you trust, or use an address that begins with https://'))
  }
  if (values.TOPOLOGY === 'split' && answers.given.has('MACHINE')) {
    problems.push(warning('unused-answer', 'MACHINE is not used with TOPOLOGY=split: NODE_HOST and SIGNER_HOST name its machines', answers.place('MACHINE')))
  }
  if (values.MONITORING !== 'off' && answers.passThrough.node['node']?.['prometheus_bind'] !== undefined) {
    problems.push(error('not-passed-through', `NODE__node__prometheus_bind cannot be with MONITORING=${values.MONITORING}, which opens the node's metrics itself`, answers.place('MONITORING'),
      'leave out NODE__node__prometheus_bind'))
  }
  if (values.SNAPSHOT === 'off') {
    for (const key of ['SNAPSHOT_URL', 'SNAPSHOT_SHA256', 'SNAPSHOT_MODE', 'SNAPSHOT_CONNECTIONS'] as const) {
      if (answers.given.has(key)) problems.push(warning('unused-answer', `${key} is not used with SNAPSHOT=off`, answers.place(key)))
    }
  }
  return problems
}

function unsafe(answers: Answers, node: Release, signer: Release, facts: NetworkFacts): Problem[] {
  const { values } = answers
  const version = answers.given.has('STACKS_VERSION') || !answers.given.has('STACKS_NODE_VERSION') ? 'STACKS_VERSION' : 'STACKS_NODE_VERSION'
  const problems = checkPair(node, signer, values.NETWORK).map((verdict) => refusal(answers, verdict, version))
  for (const release of [node, signer]) {
    problems.push(...checkVariant(release, values.IMAGE_VARIANT).map((verdict) => refusal(answers, verdict, 'IMAGE_VARIANT')))
  }
  if (facts.obsolete) {
    problems.push(refusal(answers, {
      code: 'obsolete-testnet',
      message: `the testnet that stacks-node ${node.version} knows no longer exists: 4.0.2 came with a new genesis`,
      instead: 'write STACKS_VERSION=4.0.2 or later',
    }, version))
  }
  const passed = Object.keys(answers.passThrough.signer).length + Object.keys(answers.passThrough.node).length > 0
  if (passed && !(node.keysKnown && signer.keysKnown)) {
    problems.push(warning('keys-not-published', `the keys that ${node.keysKnown ? `stacks-signer ${signer.version}` : `stacks-node ${node.version}`} accepts `
      + 'are not fully known; SIGNER__ and NODE__ keys were checked against the newest known release', undefined, 'run `make check-config` before `make up`'))
  }
  return problems
}

function isFile(url: string): boolean {
  return url.toLowerCase().startsWith('file:')
}

/** A combination known to fail: an error, or with ALLOW_UNSUPPORTED=yes a warning. */
function refusal(answers: Answers, verdict: Verdict, key: Parameters<Answers['place']>[0]): Problem {
  return answers.values.ALLOW_UNSUPPORTED === 'yes'
    ? warning(verdict.code, verdict.message, answers.place(key), verdict.instead)
    : error(verdict.code, verdict.message, answers.place(key), `${verdict.instead}\nALLOW_UNSUPPORTED=yes turns this refusal into a warning`)
}

function publicAddress(answers: Answers): string | undefined {
  const given = answers.values.PUBLIC_ADDRESS
  if (!given) return undefined
  return /:\d+$/.test(given) && !given.endsWith(']') ? given : `${given}:${answers.values.NODE_P2P_PORT ?? ports.nodeP2p.number}`
}
