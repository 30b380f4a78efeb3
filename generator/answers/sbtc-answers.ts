/** The answers about the sBTC signer; part of the one list in schema.ts. */

import type { AnswerDefinition } from './definition.ts'

const group = 'sbtc'
const since = '0.1.0'
const needed = 'required with SBTC_SIGNER=on'

export const sbtcAnswers = [
  {
    key: 'SBTC_SIGNER', type: { kind: 'choice', values: ['off', 'on'] }, group, default: 'off',
    title: 'Run an sBTC signer',
    text: 'Only for operators whom the sBTC team has admitted, because the set of signers is fixed. It needs an admitted key and an Emily API key of the team. It is another program than the Stacks signer, with another key.',
    example: 'on', since,
  },
  {
    key: 'SBTC_VERSION', type: { kind: 'pattern', pattern: '[0-9]{1,4}\\.[0-9]{1,4}\\.[0-9]{1,4}', expects: 'a release like 1.3.3' }, group, default: '1.3.3',
    title: 'Release of sbtc-signer and blocklist-client',
    text: 'Announcements are valid from the sBTC team alone, which also says with which stacks-node it runs.',
    example: '1.3.3', since,
  },
  {
    key: 'SBTC_SHARED_NODES', type: { kind: 'choice', values: ['no', 'yes'] }, group, default: 'no',
    title: 'Let the sBTC signer use the nodes of the Stacks signer',
    text: 'The guide wants separate nodes. With yes, an sBTC signer that is down stops the stacks-node, and so the Stacks signer. It needs SIGNER=on and BITCOIN_MODE=full.',
    example: 'no', since,
  },
  {
    key: 'SBTC_SIGNING_SET', group, absent: needed,
    type: { kind: 'pattern', pattern: '0[23][0-9a-fA-F]{64}( *, *0[23][0-9a-fA-F]{64})*', expects: 'public keys of 66 hexadecimal digits, with commas between them' },
    title: 'Public keys of all sBTC signers, your own among them',
    text: 'As the operators have agreed now: the set changes. An old set is harmful: the signer then tries to make a new key with the others. Compare it with the chain by make sbtc-set.',
    example: '03d8c4344861fc7590fd812c24884a3bfd9374d8ba865a787ff53c9060020aa967', since,
  },
  {
    key: 'SBTC_SIGNATURES_REQUIRED', type: { kind: 'number', least: 1, most: 16 }, group, absent: needed,
    title: 'How many sBTC signers must sign',
    text: 'As the operators have agreed, and more than half of the set.',
    example: '1', since,
  },
  {
    key: 'SBTC_AGGREGATE_KEY', type: { kind: 'pattern', pattern: '0[23][0-9a-fA-F]{64}', expects: 'a public key of 66 hexadecimal digits' }, group,
    absent: 'none; a signer that joins a running set with an empty database needs it',
    title: 'The first key that the sBTC signers have ever made together',
    text: 'The sBTC team says it to who joins later.',
    example: '03f898f8a6ddb86dd4608dd168355ec6135fe2839222240c01942e8e7e50dd4c89', since,
  },
  {
    key: 'SBTC_DEPLOYER', type: { kind: 'pattern', pattern: 'S[PMTN][0-9A-HJKMNP-TV-Z]{28,40}', expects: 'a Stacks address' }, group,
    absent: 'the known one on mainnet; required on testnet, where it has changed',
    title: 'The address that deployed the sBTC contracts',
    text: 'make sbtc-set compares it with what the node says.',
    example: 'SM3VDXK3WZZSA84XXFKAFAF15NNZX32CTSG82JFQ4', since,
  },
  {
    key: 'SBTC_EMILY_URL', type: { kind: 'pattern', pattern: 'https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[1-9][0-9]{0,4})?', expects: 'an address without user and path, like https://sbtc-emily.com' }, group,
    absent: 'https://sbtc-emily.com on mainnet; required on testnet',
    title: 'Where the sBTC team runs Emily',
    text: 'The service that collects deposits and hands out limits and the list of sanctioned addresses.',
    example: 'https://sbtc-emily.com', since,
  },
  {
    key: 'SBTC_SEEDS', group, absent: 'tcp://99.80.111.234:4122 on mainnet; required on testnet',
    type: { kind: 'pattern', pattern: '(tcp|quic-v1)://[A-Za-z0-9.-]+:[1-9][0-9]{0,4}( *, *(tcp|quic-v1)://[A-Za-z0-9.-]+:[1-9][0-9]{0,4})*', expects: 'peers like tcp://192.0.2.1:4122, with commas between them' },
    title: 'The first peers that the sBTC signer asks',
    text: 'It learns of the others from them.',
    example: 'tcp://99.80.111.234:4122', since,
  },
  {
    key: 'SBTC_P2P_PORT', type: { kind: 'port' }, group, default: '4122',
    title: 'Port of the host on which other sBTC signers reach this one',
    text: 'Published on every interface. Keys outside the set are turned away.',
    example: '4122', since,
  },
  {
    key: 'SBTC_PUBLIC_HOST', type: { kind: 'host' }, group, absent: 'none is announced; it still calls the others',
    title: 'Address or name under which the other sBTC signers reach this one',
    text: 'Without a port: SBTC_P2P_PORT is announced with it.',
    example: 'sbtc.example.net', since,
  },
  {
    key: 'SBTC_QUIC', type: { kind: 'choice', values: ['off', 'on'] }, group, default: 'off',
    title: 'Speak QUIC too',
    text: 'on opens SBTC_P2P_PORT for UDP beside TCP.',
    example: 'off', since,
  },
  {
    key: 'SBTC_SUBNET', group, absent: 'follows from STACK_NAME, in 198.18.0.0/15, which nobody routes',
    type: { kind: 'pattern', pattern: '[0-9]{1,3}(\\.[0-9]{1,3}){3}/28', expects: 'a network of 16 addresses like 198.18.40.16/28' },
    title: 'Network between the sBTC signer and its bitcoind',
    text: 'The signer looks up bitcoind once, so bitcoind has an address that stays. Only where Docker says that pools overlap.',
    example: '198.18.40.16/28', since,
  },
  {
    key: 'SBTC_PRIVATE_KEY', type: { kind: 'secret', form: 'private-key', file: 'sbtc-signer-private-key' }, group,
    absent: 'read from secrets/sbtc-signer-private-key',
    title: 'The key of the sBTC signer',
    text: '64 hexadecimal digits, or 66 of which the last two are 01. Never the key of the Stacks signer. It also opens the key shares in the database: with it lost, they are.',
    example: '', since,
  },
  {
    key: 'EMILY_API_KEY', type: { kind: 'secret', form: 'word', file: 'emily-api-key' }, group,
    absent: 'read from secrets/emily-api-key',
    title: 'The API key that the sBTC team has given you',
    text: '16 to 256 letters, digits, dots, dashes, underscores and tildes.',
    example: '', since,
  },
] as const satisfies readonly AnswerDefinition[]
