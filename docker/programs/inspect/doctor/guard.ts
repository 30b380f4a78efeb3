/** What keeps one key from running twice: the guard, and the role of this host. */

import { roleNow } from '../readings/signer.ts'
import type { Check } from './check.ts'

const needs = ['guard']

export const guardChecks: readonly Check[] = [
  {
    id: 'other-instance', problem: 'Another instance signs with this key', needs,
    remedy: 'Stop that one at once, and see that no reboot starts it: `make demote` on its host. Then `make guard-retry` here.',
    find: (seen) => (seen.guard.state === 'refused' ? seen.guard.words : undefined),
  },
  {
    id: 'guard-watches', problem: 'The signer is not started yet: the guard still looks whether another one signs', level: 'wait', needs,
    because: ['node-waits', 'node-silent', 'node-behind-bitcoin', 'snapshot-coming', 'not-running', 'restarting'],
    remedy: '`make logs S=guard`. It needs a node that is level with the chain, and then a few minutes.',
    find: (seen) => (['waiting', 'watching'].includes(seen.guard.state) ? seen.guard.words : undefined),
  },
  {
    id: 'guard-off', problem: 'The guard is off', level: 'risk', needs,
    remedy: 'Nothing checks whether another signer runs with this key. Remove DOPPELGANGER_GUARD from answers.env and generate, unless something else makes sure of it.',
    find: (seen) => (seen.facts.guardIsOff ? 'answers.env says DOPPELGANGER_GUARD=off' : undefined),
  },
  {
    id: 'role-changed', problem: 'answers.env names another role than this host has', level: 'risk', needs,
    remedy: 'Write the ROLE that this host has now into answers.env, generate, and commit. Do the same for the other host.',
    find: (seen) => (roleNow(seen) === seen.facts.role ? undefined : `this host is ${roleNow(seen)}, answers.env says ROLE=${seen.facts.role}`),
  },
]
