/** The answer that tells the host that signs from the one that stands by. */

import type { AnswerDefinition } from './definition.ts'

export const roleAnswers = [
  {
    key: 'ROLE', type: { kind: 'choice', values: ['active', 'standby'] }, group: 'operation', default: 'active',
    title: 'Whether this host signs, or is prepared to take over',
    text: 'On a standby node and bitcoind follow the chain, and the signer cannot start: it gets no key. `make promote` and `make demote` change over on the hosts themselves.',
    example: 'active', since: '0.1.0',
  },
] as const satisfies readonly AnswerDefinition[]
