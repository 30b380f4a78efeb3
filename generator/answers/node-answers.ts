/** The answers about the Stacks node: who reaches it, and whom it tells of events. */

import type { AnswerDefinition } from './definition.ts'

const group = 'node'
const since = '0.1.0'

export const nodeAnswers = [
  {
    key: 'NODE_P2P_PORT', type: { kind: 'port' }, group, default: '20444',
    title: 'Port of the host on which peers reach the node',
    text: 'Published on every interface. Another one than 20444 wants PUBLIC_ADDRESS too, so that peers learn of it.',
    example: '20444', since,
  },
  {
    key: 'PUBLIC_ADDRESS', type: { kind: 'address' }, group,
    absent: 'the node asks its peers for its address',
    title: 'Public IP address that the node announces',
    text: 'With or without a port. Write an IPv6 address in brackets.',
    example: '203.0.113.7:20444', since,
  },
  {
    key: 'NODE_RPC_PUBLISH', type: { kind: 'binding' }, group,
    absent: 'the RPC is not published',
    title: 'Address and port of this machine on which the RPC of the node is published',
    text: 'Another address than one of loopback needs FIREWALL=on and NODE_RPC_FROM: most of the RPC asks for no token.',
    example: '127.0.0.1:20443', since,
  },
  {
    key: 'NODE_RPC_FROM', type: { kind: 'networks' }, group,
    absent: 'required where NODE_RPC_PUBLISH is no loopback address',
    title: 'From where the firewall lets calls of the RPC in',
    text: 'Addresses and networks.',
    example: '10.0.0.0/24', since,
  },
  {
    key: 'EVENT_OBSERVERS', type: { kind: 'observers' }, group,
    absent: 'the signer alone is told of events',
    title: 'Observers of your own',
    text: 'host is the machine that runs the stack. The default of keys is *, that of timeout_ms 10000. An event is sent again until the observer takes it; retries=off sends it once. They hear through a relay, so that one that hangs cannot stop the signer.',
    example: 'host:3700 stx burn_blocks timeout_ms=5000, api.example.net:3700', since,
  },
  {
    key: 'SIGNER_OBSERVER_TIMEOUT_MS', type: { kind: 'number', least: 1000, most: 600_000 }, group,
    absent: 'the node\'s own, 1000',
    title: 'Milliseconds that the node waits for the signer to take an event',
    text: 'timeout_ms of the signer\'s observer. Then the node sends the event again.',
    example: '5000', since,
  },
] as const satisfies readonly AnswerDefinition[]
