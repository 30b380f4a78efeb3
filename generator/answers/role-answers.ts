/** The answers that keep one key from running twice: which host signs, and whether the guard looks for another one that does. */

import { roles } from '../catalogue/container.ts'
import type { AnswerDefinition } from './definition.ts'

export const roleAnswers = [
  {
    key: 'ROLE', type: { kind: 'choice', values: roles }, group: 'operation', default: 'active',
    title: 'Whether this host signs, or is prepared to take over',
    text: 'On a standby node and bitcoind follow the chain, and the signer cannot start: it gets no key. `make promote` and `make demote` change over on the hosts themselves.',
    example: 'active', since: '0.1.0',
  },
  {
    key: 'DOPPELGANGER_GUARD', type: { kind: 'choice', values: ['on', 'off'] }, group: 'operation', default: 'on',
    title: 'Whether a guard looks for another signer with the same key before this one starts',
    text: 'With off the signer starts at once, whoever else signs with its key. Use it only where something else makes sure that the key runs once. For a single start without the guard there is `make guard-skip`.',
    example: 'on', since: '0.1.0',
  },
] as const satisfies readonly AnswerDefinition[]
