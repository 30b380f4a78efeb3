/** The answers about the TLS link between signer and node; part of the one list in schema.ts. */

import type { AnswerDefinition } from './definition.ts'

const group = 'tls'
const since = '0.1.0'

export const tlsAnswers = [
  {
    key: 'TLS_SIDECARS', type: { kind: 'choice', values: ['off', 'on'] }, group, default: 'off',
    title: 'Put the TLS sidecars between signer and node on one host too',
    text: 'To rehearse the split: with TOPOLOGY=split they are always there.',
    example: 'on', since,
  },
  {
    key: 'NODE_HOST', type: { kind: 'host' }, group,
    absent: 'required with TOPOLOGY=split; else the sidecar\'s own name',
    title: 'Where the signer\'s host reaches the node\'s host',
    text: 'A DNS name or an IP address; the certificate is made for it.',
    example: 'node.example.net', since,
  },
  {
    key: 'SIGNER_HOST', type: { kind: 'host' }, group,
    absent: 'required with TOPOLOGY=split; else the sidecar\'s own name',
    title: 'Where the node\'s host reaches the signer\'s host',
    text: 'A DNS name or an IP address; the certificate is made for it.',
    example: 'signer.example.net', since,
  },
  {
    key: 'NODE_TLS_PORT', type: { kind: 'port' }, group, default: '2443',
    title: 'Port of the node\'s host on which the signer\'s sidecar reaches it',
    text: 'Open it to the signer\'s host alone.',
    example: '2443', since,
  },
  {
    key: 'SIGNER_TLS_PORT', type: { kind: 'port' }, group, default: '3443',
    title: 'Port of the signer\'s host on which the node\'s sidecar reaches it',
    text: 'Open it to the node\'s host alone.',
    example: '3443', since,
  },
  {
    key: 'EVENTS_LOCAL_PORT', type: { kind: 'port' }, group, default: '31000',
    title: 'Port on which the node\'s sidecar takes events from its node',
    text: 'Inside the stack only.',
    example: '31000', since,
  },
  {
    key: 'RPC_LOCAL_PORT', type: { kind: 'port' }, group, default: '21443',
    title: 'Port on which the signer\'s sidecar takes RPC calls from its signer',
    text: 'Inside the stack only.',
    example: '21443', since,
  },
  {
    key: 'TLS_CERTS', type: { kind: 'choice', values: ['generated', 'provided'] }, group, default: 'generated',
    title: 'Where the certificates come from',
    text: 'generated makes a private authority and both certificates on the first run. provided takes an organisation\'s own.',
    example: 'generated', since,
  },
] as const satisfies readonly AnswerDefinition[]
