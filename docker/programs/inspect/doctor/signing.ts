/** Faults of signing itself: the place in the signer set, proposals, responses. */

import { TooSoon } from '../evidence/missing.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { counter, registration } from '../readings/signer.ts'
import type { Check } from './check.ts'

const needs = ['stacks-signer']

export const signingChecks: readonly Check[] = [
  {
    id: 'not-registered', problem: 'The signer is not registered for this reward cycle', level: 'risk', needs: ['stacks-node', 'stacks-signer'], because: ['wrong-key', 'node-silent', 'wrong-network'],
    remedy: 'Right for a new signer, and for one below the threshold. Else the registration is for another key: compare `make signer-info` with it. README, "Registering the signer".',
    find: notRegistered,
  },
  {
    id: 'no-proposals', problem: 'The signer is registered and gets no proposals', needs,
    because: ['not-registered', 'observer-not-registered', 'observer-failing', 'node-stalled', 'node-silent', 'observer-config'],
    remedy: 'The node does not pass them on: see the faults of the observer, and whether its config says `stacker = true`.',
    find: (seen) => {
      if (seen.started('stacks-signer') > seen.now - 3600) throw new TooSoon('the signer has not run for an hour')
      return counter(seen, 'block_proposals_received') === 0 && notRegistered(seen) === undefined ? 'no proposal since its start' : undefined
    },
  },
  {
    id: 'no-responses', problem: 'The signer gets proposals and answers none', needs, because: ['token-mismatch', 'wrong-key', 'node-unreachable', 'not-registered', 'tls-broken'],
    remedy: '`make logs S=stacks-signer` says why no response is sent.',
    find: (seen) => {
      const [got, sent] = [counter(seen, 'block_proposals_received'), counter(seen, 'block_responses_sent')]
      return got > 3 && sent === 0 ? `${got} proposals, no response` : undefined
    },
  },
]

function notRegistered(seen: Evidence): string | undefined {
  const found = registration(seen)
  if (found.by === 'log') return found.registered ? undefined : `the signer says that it is not registered for cycle ${found.cycle}`
  if (found.weight > 0) return undefined
  return `its key is not in the signer set of cycle ${found.cycle}${found.next.weight ? `, but in that of ${found.next.cycle}` : ''}`
}
