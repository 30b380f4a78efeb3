/** The answers about the host's firewall; part of the one list in schema.ts. */

import type { AnswerDefinition } from './definition.ts'

const group = 'operation'
const since = '0.1.0'

export const firewallAnswers = [
  {
    key: 'FIREWALL', type: { kind: 'choice', values: ['off', 'on'] }, group, default: 'off',
    title: 'Write a firewall for the host',
    text: 'on writes firewall/ with nftables rules for all of the host: what no answer opens is shut. Nothing is loaded before make firewall-apply.',
    example: 'on', since,
  },
  {
    key: 'SSH_PORT', type: { kind: 'port' }, group, default: '22',
    title: 'Port of the host on which sshd listens',
    text: 'The firewall keeps it open.',
    example: '22', since,
  },
  {
    key: 'SSH_FROM', type: { kind: 'networks' }, group,
    absent: 'from everywhere, with a warning',
    title: 'From where the firewall lets SSH in',
    text: 'Addresses and networks. Where only IPv4 is named, SSH over IPv6 is shut, and the other way round.',
    example: '198.51.100.0/24,2001:db8:1::/48', since,
  },
  {
    key: 'FIREWALL_OPEN', type: { kind: 'openings' }, group,
    absent: 'nothing but SSH and what the stack publishes',
    title: 'Further ports that the firewall lets in',
    text: 'For what else runs on the host, in containers or not: a VPN, an exporter. Behind @ stands from where, and everywhere without it.',
    example: '51820/udp,9100/tcp@10.0.0.0/8', since,
  },
  {
    key: 'NODE_ADDRESS', type: { kind: 'networks' }, group,
    absent: 'NODE_HOST, where that is an address; else required with FIREWALL=on on two hosts',
    title: 'Addresses of the node\'s host',
    text: 'From where the firewall of the signer\'s host lets events in, and where it lets calls out to.',
    example: '203.0.113.7', since,
  },
  {
    key: 'SIGNER_ADDRESS', type: { kind: 'networks' }, group,
    absent: 'SIGNER_HOST, where that is an address; else required with FIREWALL=on on two hosts',
    title: 'Addresses of the signer\'s host',
    text: 'From where the firewall of the node\'s host lets calls in, and where it lets events out to.',
    example: '203.0.113.8', since,
  },
] as const satisfies readonly AnswerDefinition[]
