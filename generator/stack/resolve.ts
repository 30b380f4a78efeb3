/** Answers and catalogue become one Stack, or the problems that only show when answers are looked at together. */

import { listWords } from '../answers/list.ts'
import type { Answers } from '../answers/check.ts'
import { problemsOf, unlessWrong } from '../answers/partial.ts'
import type { AnswerValues } from '../answers/schema.ts'
import { checkPair, checkVariant } from '../catalogue/compatibility.ts'
import { ports } from '../catalogue/container.ts'
import type { ImageLock } from '../catalogue/images.ts'
import { networkFacts, type NetworkFacts } from '../catalogue/networks.ts'
import { findNode, findSigner, newerRelease, type Release } from '../catalogue/releases.ts'
import { error, hasErrors, warning, type Problem, type Result } from '../problem.ts'
import { bitcoinSettings } from './bitcoin.ts'
import { withDataDirectories } from './data-directories.ts'
import { nodeConfig, signerConfig, signerObserver } from './configs.ts'
import { sbtcObserver } from './sbtc-configs.ts'
import { monitoringSettings } from './monitoring.ts'
import { backupSettings } from './backup.ts'
import { eventObservers, relayed } from './event-relay.ts'
import { bridged, firewall, machineCalls, withBridges } from './firewall.ts'
import { logSettings } from './logs.ts'
import { machineMemory, memoryProblems } from './memory.ts'
import { publishedRpc } from './node-rpc.ts'
import { portClashes } from './port-clashes.ts'
import { sbtcSettings } from './sbtc.ts'
import { sbtcBackupProblems } from './sbtc-backup.ts'
import { backupImage, sbtcBackupImage } from './built-images.ts'
import { sidekickSettings } from './sidekick.ts'
import { pinnedImages } from './pinned-images.ts'
import { refusal } from './refusal.ts'
import { eventsEndpoint, rpcEndpoint, tlsLink } from './tls-link.ts'
import { singleHost, splitHosts } from './host.ts'
import type { Identity, Stack } from './model.ts'

/**
 * `identity` is what may be known of the signer's key, `sbtcIdentity` the same of the sBTC signer's; `lock` holds the digests that `pin`
 * has recorded.
 */
export interface Surroundings {
  readonly identity?: Identity
  readonly sbtcIdentity?: Identity
  readonly lock?: ImageLock
}

export function resolve(answers: Answers, { identity, sbtcIdentity, lock }: Surroundings = {}): Result<Stack> {
  const { values } = answers
  const chosen = once(() => releases(values))
  const network = once(() => networkFacts(values.NETWORK, chosen().node.version))
  const bitcoin = unlessWrong(() => bitcoinSettings(answers, network()))
  const tls = unlessWrong(() => tlsLink(answers))
  const monitoring = unlessWrong(() => monitoringSettings(answers))
  const wall = unlessWrong(() => firewall(answers))
  const rpc = unlessWrong(() => publishedRpc(answers))
  const observers = unlessWrong(() => eventObservers(answers, chosen().node))
  const backup = unlessWrong(() => backupSettings(answers))
  const sbtc = unlessWrong(() => sbtcSettings(answers, network(), chosen().node.version, sbtcIdentity))
  const sidekick = unlessWrong(() => sidekickSettings(answers, network(), chosen().signer))
  const logs = unlessWrong(() => logSettings(answers))
  const images = unlessWrong(() => pinnedImages(answers, { ...chosen(), ownBitcoin: bitcoin.value?.kind === 'own' }, lock))
  const problems = [
    ...problemsOf(() => unsafe(answers, chosen().node, chosen().signer, network()), () => crossFieldProblems(answers)),
    ...bitcoin.problems,
    ...tls.problems,
    ...monitoring.problems,
    ...wall.problems,
    ...rpc.problems,
    ...observers.problems,
    ...backup.problems,
    ...problemsOf(() => sbtcBackupProblems(answers)),
    ...sbtc.problems,
    ...sidekick.problems,
    ...logs.problems,
    ...images.problems,
  ]
  if (hasErrors(problems) || answers.partial || !bitcoin.value || !observers.value || !logs.value || !images.value) return { problems }
  const [facts, { node, signer }] = [network(), chosen()]
  const link = tls.value
  const memoryGb = machineMemory(answers)
  const monitored = monitoring.value !== undefined
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
    ...(memoryGb && { memoryGb }),
    platform: values.PLATFORM,
    role: values.ROLE,
    guard: values.DOPPELGANGER_GUARD,
    ...(identity && { identity }),
    bitcoin: bitcoin.value,
    ...(snapshot && { snapshot }),
    chainDirectory: facts.chainDirectory,
    signerConfig: signerConfig(facts, rpcEndpoint(link), monitored, answers.passThrough.signer),
    nodeConfig: nodeConfig(facts, bitcoin.value, publicAddress(answers), [
      signerObserver(eventsEndpoint(link), values.SIGNER_OBSERVER_TIMEOUT_MS), ...(sbtc.value?.shared ? [sbtcObserver(sbtc.value.deployer)] : []), ...relayed(observers.value),
    ], monitored, answers.passThrough.node),
    observers: observers.value,
    ...(link && { tls: link }),
    ...(monitoring.value && { monitoring: monitoring.value }),
    ...(sidekick.value && { sidekick: sidekick.value }),
    ...(wall.value && { firewall: wall.value }),
    logs: logs.value,
    ...(backup.value && { backup: backup.value }),
    ...(sbtc.value && { sbtc: sbtc.value }),
    ...(values.SECRETS_RECIPIENTS !== undefined && { secretRecipients: listWords(values.SECRETS_RECIPIENTS) }),
  }
  const parts = {
    ...images.value,
    ...(backup.value && { backup: backupImage(values.STACK_NAME, backup.value.target, images.value) }),
    sbtcBackup: sbtcBackupImage(values.STACK_NAME, images.value.postgres, images.value.nodejs),
  }
  const published = { nodePort: values.NODE_P2P_PORT, publishBitcoin: values.BITCOIN_P2P_PUBLISH === 'on', ...(rpc.value && { rpc: rpc.value }) }
  const placed = values.TOPOLOGY === 'split' && link ? splitHosts({ ...stack, tls: link }, parts, published) : [singleHost(stack, parts, published)]
  const { value: hosts = placed, problems: shared } = withDataDirectories(answers, placed)
  problems.push(...shared, ...portClashes(answers, hosts, wall.value), ...memoryProblems(answers, hosts))
  if (hasErrors(problems)) return { problems }
  const called = machineCalls(stack).map(({ network }) => network)
  return { value: { ...stack, hosts: withBridges(stack.name, hosts, (network) => bridged(network, wall.value !== undefined, called)) }, problems }
}

/** Called once at most, when the result is needed. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

function releases(values: AnswerValues): { readonly node: Release; readonly signer: Release } {
  const node = findNode(values.STACKS_NODE_VERSION) ?? newerRelease('node', values.STACKS_NODE_VERSION)
  const signer = findSigner(values.STACKS_SIGNER_VERSION) ?? newerRelease('signer', values.STACKS_SIGNER_VERSION)
  if (!node || !signer) throw new Error('a release passed the check of the answers that the catalogue does not know')
  return { node, signer }
}

function crossFieldProblems(answers: Answers): Problem[] {
  const { values } = answers
  const problems: Problem[] = []
  if (values.SNAPSHOT === 'on' && values.SNAPSHOT_URL && isFile(values.SNAPSHOT_URL) && !values.SNAPSHOT_SHA256) {
    // Only the archive itself is mounted, not what may stand beside it.
    problems.push(error('missing-answer', 'SNAPSHOT_URL of a file needs SNAPSHOT_SHA256: nothing else says that the file is right', answers.place('SNAPSHOT_URL'),
      'add a line SNAPSHOT_SHA256= with what `sha256sum FILE` prints, compared with what its publisher says'))
  }
  if (values.SNAPSHOT === 'on' && /^http:/i.test(values.SNAPSHOT_URL ?? '') && !values.SNAPSHOT_SHA256) {
    problems.push(error('missing-answer', 'SNAPSHOT_URL with http:// needs SNAPSHOT_SHA256, because somebody can replace the archive and its checksum together', answers.place('SNAPSHOT_URL'),
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

function publicAddress(answers: Answers): string | undefined {
  const given = answers.values.PUBLIC_ADDRESS
  if (!given) return undefined
  return /:\d+$/.test(given) && !given.endsWith(']') ? given : `${given}:${answers.values.NODE_P2P_PORT ?? ports.nodeP2p.number}`
}
