/** The one list of answers: types, checks, help, the reference and the commented example all come from it. */

import { bitcoinChains } from '../catalogue/container.ts'
import { bitcoinModes, byNetwork, networks, networkTexts } from '../catalogue/networks.ts'
import { backupAnswers } from './backup-answers.ts'
import { dataAnswers } from './data-answers.ts'
import type { AnswerDefault, AnswerDefinition } from './definition.ts'
import { firewallAnswers } from './firewall-answers.ts'
import { logAnswers } from './log-answers.ts'
import { monitoringAnswers } from './monitoring-answers.ts'
import { nodeAnswers } from './node-answers.ts'
import { roleAnswers } from './role-answers.ts'
import { sbtcAnswers } from './sbtc-answers.ts'
import { sidekickAnswers } from './sidekick-answers.ts'
import { tlsAnswers } from './tls-answers.ts'

export const answers = [
  {
    key: 'STACK_NAME', type: { kind: 'name', maxLength: 63 }, group: 'stack', required: true,
    title: 'Name of this stack',
    text: 'The Compose project name: containers, volumes and networks carry it. Changing it later means new, empty volumes.',
    example: 'my-signer', since: '0.1.0',
  },
  {
    key: 'NETWORK', type: { kind: 'choice', values: networks }, group: 'stack', required: true,
    title: 'Which Stacks network to sign for',
    text: networkTexts,
    example: 'mainnet', since: '0.1.0',
  },
  {
    key: 'TOPOLOGY', type: { kind: 'choice', values: ['single', 'split'] }, group: 'stack', default: 'single',
    title: 'One host, or signer and node apart',
    text: 'single puts everything on one host. split makes two directories, node-host and signer-host, joined by mutual TLS.',
    example: 'single', since: '0.1.0',
  },
  {
    key: 'SIGNER', type: { kind: 'choice', values: ['on', 'off'] }, group: 'stack', default: 'on',
    title: 'Run a Stacks signer',
    text: 'off with SBTC_SIGNER=on makes a stack of the sBTC signer alone.',
    example: 'on', since: '0.1.0',
  },
  {
    key: 'MACHINE', type: { kind: 'host' }, group: 'stack',
    absent: 'PUBLIC_ADDRESS tells the machines of a fleet apart; stacks without either count as on one',
    title: 'The machine that runs this stack',
    text: 'Only compared with the other stacks of a fleet: on different machines they may use the same ports and names. With TOPOLOGY=split NODE_HOST and SIGNER_HOST say it.',
    example: 'signer-1.example.net', since: '0.1.0',
  },
  {
    key: 'MEMORY', type: { kind: 'pattern', pattern: '[1-9][0-9]{0,3}g', expects: 'gigabytes like 16g' }, group: 'stack',
    absent: 'what the guide asks for: 8g, and 16g with a bitcoind',
    title: 'Memory of the machine that runs the node',
    text: 'The memory limits of the nodes and the cache of bitcoind grow with it. The guide\'s figure is the least.',
    example: '32g', since: '0.1.0',
  },
  {
    key: 'STACKS_VERSION', type: { kind: 'release', of: 'pair' }, group: 'releases', default: { newest: true },
    title: 'Release of stacks-node and stacks-signer',
    text: 'From 4.0.0 on both have one version. Pin it: an absent answer follows the newest release this generator knows.',
    example: '4.0.4', since: '0.1.0',
  },
  {
    key: 'STACKS_NODE_VERSION', type: { kind: 'release', of: 'node' }, group: 'releases', default: { follows: 'STACKS_VERSION' },
    title: 'Release of stacks-node alone',
    text: 'For releases before 4.0.0, whose node and signer are numbered apart, or to override one side.',
    example: '4.0.4', since: '0.1.0',
  },
  {
    key: 'STACKS_SIGNER_VERSION', type: { kind: 'release', of: 'signer' }, group: 'releases', default: { follows: 'STACKS_VERSION' },
    title: 'Release of stacks-signer alone',
    text: 'Before 4.0.0 it has one number more than the node: node 3.4.0.0.4 goes with signer 3.4.0.0.4.0.',
    example: '4.0.4', since: '0.1.0',
  },
  {
    key: 'IMAGE_VARIANT', type: { kind: 'choice', values: ['debian', 'alpine'] }, group: 'releases', default: 'debian',
    title: 'Base of the stacks images',
    text: 'Both hold the same programs.',
    example: 'debian', since: '0.1.0',
  },
  {
    key: 'PLATFORM', type: { kind: 'choice', values: ['', 'linux/amd64', 'linux/arm64'] }, group: 'releases', default: '',
    title: 'Platform of the images',
    text: 'Empty lets Docker take the platform of the host.',
    example: 'linux/amd64', since: '0.1.0',
  },
  {
    key: 'ALLOW_UNSUPPORTED', type: { kind: 'choice', values: ['no', 'yes'] }, group: 'releases', default: 'no',
    title: 'Generate combinations that are known to fail',
    text: 'yes turns such refusals into warnings.',
    example: 'no', since: '0.1.0',
  },
  {
    key: 'BITCOIN_MODE', type: { kind: 'choice', values: ['full', 'pruned', 'external'] }, group: 'bitcoin',
    default: { byNetwork: bitcoinModes },
    title: 'Where the Bitcoin chain comes from',
    text: 'full and pruned run a bitcoind in the stack; external follows one that runs elsewhere.',
    example: 'full', since: '0.1.0',
  },
  {
    key: 'BITCOIN_HOST', type: { kind: 'host' }, group: 'bitcoin',
    absent: 'required for an external bitcoind on mainnet; elsewhere the public host of the network',
    title: 'Host of the external bitcoind',
    text: 'A DNS name, an IPv4 address, or an IPv6 address in brackets. host means the machine that runs the stack. Only for BITCOIN_MODE=external.',
    example: 'bitcoin.example.net', since: '0.1.0',
  },
  {
    key: 'BITCOIN_P2P_PORT', type: { kind: 'port' }, group: 'bitcoin',
    absent: `by network: ${byNetwork(({ bitcoin }) => bitcoinChains[bitcoin.chain].p2p.number)}`,
    title: 'P2P port of the external bitcoind',
    text: 'The node follows Bitcoin over its P2P protocol, not over RPC.',
    example: '8333', since: '0.1.0',
  },
  {
    key: 'BITCOIN_P2P_PUBLISH', type: { kind: 'choice', values: ['on', 'off'] }, group: 'bitcoin', default: 'on',
    title: 'Publish the P2P port of the bitcoind in the stack',
    text: 'off keeps it to outbound connections, which is enough to follow the chain.',
    example: 'on', since: '0.1.0',
  },
  {
    key: 'BITCOIN_RPC_PORT', type: { kind: 'port' }, group: 'bitcoin',
    absent: `by network: ${byNetwork(({ bitcoin }) => bitcoinChains[bitcoin.chain].rpc.number)}`,
    title: 'RPC port of bitcoind',
    text: 'Only where something speaks Bitcoin RPC; a plain stack does not.',
    example: '8332', since: '0.1.0',
  },
  {
    key: 'BITCOIN_RPC_USER', type: { kind: 'user' }, group: 'bitcoin',
    absent: 'none is needed',
    title: 'RPC user of bitcoind',
    text: 'Only where something speaks Bitcoin RPC; a plain stack does not.',
    example: 'stacks', since: '0.1.0',
  },
  ...nodeAnswers,
  {
    key: 'SNAPSHOT', type: { kind: 'choice', values: ['on', 'off'] }, group: 'snapshot', default: 'on',
    title: 'Start from a snapshot of the chain',
    text: 'off makes the node sync from the first block, which takes weeks on mainnet.',
    example: 'on', since: '0.1.0',
  },
  {
    key: 'SNAPSHOT_URL', type: { kind: 'url' }, group: 'snapshot',
    absent: 'by network: the newest archive that is published for it',
    title: 'Another place to fetch the snapshot from',
    text: 'An https, http or file:/// address of a .tar.zst or .tar.gz archive. It is committed, so it holds no user or password. A file is mounted into the container, so it must be readable for everybody and stay where it is. A file and an http address need SNAPSHOT_SHA256.',
    example: 'https://archive.example.net/mainnet.tar.zst', since: '0.1.0',
  },
  {
    key: 'SNAPSHOT_SHA256', type: { kind: 'sha256' }, group: 'snapshot',
    absent: 'the checksum that is published beside the archive, for an https address',
    title: 'SHA-256 of the archive',
    text: 'Pins the archive to one content.',
    example: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', since: '0.1.0',
  },
  {
    key: 'SNAPSHOT_MODE', type: { kind: 'choice', values: ['auto', 'file', 'stream'] }, group: 'snapshot', default: 'auto',
    title: 'Whether the archive is kept on the disk until it is unpacked',
    text: 'With file, a download continues after a kill or a reboot. It needs disk space for the archive and its contents. With stream, it needs space for the contents only, and starts again after a kill. auto takes file if both fit.',
    example: 'auto', since: '0.1.0',
  },
  {
    key: 'SNAPSHOT_CONNECTIONS', type: { kind: 'number', least: 1, most: 16 }, group: 'snapshot', default: '8',
    title: 'How many connections fetch the archive',
    text: 'Most servers limit each connection. A server that says it is too busy gets fewer.',
    example: '8', since: '0.1.0',
  },
  ...tlsAnswers,
  ...monitoringAnswers,
  ...sidekickAnswers,
  ...firewallAnswers,
  ...logAnswers,
  ...roleAnswers,
  ...dataAnswers,
  ...backupAnswers,
  ...sbtcAnswers,
  {
    key: 'SIGNER_KEY', type: { kind: 'choice', values: ['provided', 'generate'] }, group: 'keys', default: 'provided',
    title: 'Where the signer key comes from',
    text: 'generate makes a key on the first run, for a signer that is not registered yet. A registered one provides its own.',
    example: 'provided', since: '0.1.0',
  },
  {
    key: 'SIGNER_PRIVATE_KEY', type: { kind: 'secret', form: 'private-key', file: 'signer-private-key' }, group: 'keys',
    absent: 'read from secrets/signer-private-key',
    title: 'The signer key',
    text: '64 hexadecimal digits, or 66 of which the last two are 01.',
    example: '', since: '0.1.0',
  },
  {
    key: 'AUTH_TOKEN', type: { kind: 'secret', form: 'token', file: 'auth-token' }, group: 'keys',
    absent: 'made on the first run',
    title: 'Token that the signer shows to the node',
    text: '16 to 256 printable ASCII characters without spaces.',
    example: '', since: '0.1.0',
  },
  {
    key: 'SECRETS_RECIPIENTS', type: { kind: 'recipients' }, group: 'keys',
    absent: 'secrets/ stays out of git',
    title: 'Public keys to which make secrets-seal encrypts the secrets, for git',
    text: 'Of age, with commas. Whoever has the private key of one of them can open every secret of the stack, also from old commits.',
    example: 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudcqt9xqxnqqdk', since: '0.1.0',
  },
  {
    key: 'BITCOIN_RPC_PASSWORD', type: { kind: 'secret', form: 'token', file: 'bitcoin-rpc-password' }, group: 'keys',
    absent: 'none is needed',
    title: 'RPC password of bitcoind',
    text: '16 to 256 printable ASCII characters without spaces. Only where something speaks Bitcoin RPC.',
    example: '', since: '0.1.0',
  },
] as const satisfies readonly AnswerDefinition[]

type Row = (typeof answers)[number]
type SecretRow = Extract<Row, { readonly type: { readonly kind: 'secret' } }>
type PlainRow = Exclude<Row, SecretRow>

export type AnswerKey = Row['key']
export type SecretKey = SecretRow['key']
export type PlainKey = PlainRow['key']

type Typed<T> = T extends { readonly kind: 'choice'; readonly values: readonly (infer V)[] } ? V
  : T extends { readonly kind: 'port' | 'number' } ? number : string
type Present<R> = R extends { readonly required: true } | { readonly default: AnswerDefault } ? never : undefined

/** Every plain answer with its type; one that has no default and is not required may be undefined. */
export type AnswerValues = { readonly [R in PlainRow as R['key']]: Typed<R['type']> | Present<R> }

export const answerKeys: readonly AnswerKey[] = answers.map((answer) => answer.key)
export const secretKeys: readonly SecretKey[] = answers.filter((answer) => answer.type.kind === 'secret').map((answer) => answer.key as SecretKey)

/** The row of an answer, or undefined for a name that is none. */
export function findAnswer(key: string): (AnswerDefinition & { readonly key: AnswerKey }) | undefined {
  return answers.find((answer) => answer.key === key)
}

/** Whether the answer of this name holds a secret. */
export function isSecretAnswer(key: string): key is SecretKey {
  return findAnswer(key)?.type.kind === 'secret'
}
