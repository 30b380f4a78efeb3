/** Faults of the signer: its key, its start, its way to the node, its registration, its responses. */

import type { Evidence } from '../evidence/evidence.ts'
import { entriesOf, fieldsOf } from '../evidence/fields.ts'
import { ifKnown, Missing, TooSoon } from '../evidence/missing.ts'
import { plain } from '../evidence/text.ts'
import { settings } from '../readings/programs.ts'
import { cannotBegin, cannotBeginFor, counter, keyText, registration, tooLong } from '../readings/signer.ts'
import { type Check, listed } from './check.ts'

const needs = ['stacks-signer']
const down = ['not-running', 'restarting', 'config-refused', 'out-of-memory', 'signer-ended']

export const signerChecks: readonly Check[] = [
  {
    id: 'wrong-key', problem: 'The signer has another key than the one it is generated for', needs,
    remedy: 'Put the right key into secrets/signer-private-key, then `make restart`. If the new one is meant: it signs nothing before it is registered.',
    find: (seen) => {
      const told: (readonly [place: string, key: string])[] = []
      if (seen.has('signer.info')) told.push(['the running signer', keyText(seen.answer('signer.info')['signerPublicKey'])])
      if (seen.has('filled')) told.push(...entriesOf(fieldsOf(seen.answer('filled')['publicKeys'], 'filled'), 'filled').map(([place, key]) => [place, keyText(key)] as const).sort())
      // Where the key was not known when the stack was generated, all places must at least agree.
      const wanted = seen.facts.publicKey || told.at(-1)?.[1]
      if (wanted === undefined) throw new Missing('neither the signer nor its volume tells a key')
      const bad = listed(told.filter(([, key]) => key !== wanted).map(([place, key]) => `${place} has ${key ? `${key.slice(0, 12)}…` : 'none'}`), '; ')
      return bad && `${bad}; meant is ${wanted.slice(0, 12)}…`
    },
  },
  {
    id: 'signer-silent', problem: 'The signer runs and does not answer', needs, because: [...down, 'node-silent', 'node-waits'],
    remedy: '`make logs S=stacks-signer`; its metrics port answers only after its first call to the node.',
    find: (seen) => {
      if (!seen.runs('stacks-signer')) throw new Missing('stacks-signer does not run')
      return seen.has('signer.info') ? undefined : seen.reason('signer.info')
    },
  },
  {
    id: 'signer-not-begun', problem: 'The signer runs and cannot begin, though its health check passes', needs,
    because: [...down, 'node-silent', 'node-waits', 'node-unreachable', 'token-mismatch', 'tls-broken', 'tls-refused'],
    remedy: 'Look at the node: the signer begins when its RPC answers and its chain has Stacks blocks. `make logs S=stacks-signer` says what it lacks.',
    find: (seen) => {
      if (!seen.runs('stacks-signer')) throw new Missing('stacks-signer does not run')
      const age = cannotBeginFor(seen, seen.log('stacks-signer'))
      const said = seen.logSinceStart('stacks-signer').findLast(({ text }) => text.includes(cannotBegin))
      return age === undefined || !said ? undefined : { seen: `for ${(age / 60).toFixed()} minutes: ${plain(said.text, 300)}`, level: age >= tooLong ? 'fault' : 'wait' }
    },
  },
  {
    id: 'node-unreachable', problem: 'The signer cannot reach its node', needs, because: ['node-silent', 'node-waits', 'not-running', 'restarting', 'tls-broken', 'tls-refused', 'signer-silent'],
    remedy: 'Look at the node. `node_host` in config/signer-config.toml must be the node, or the sidecar beside the signer. On another host: `make verify-tls`.',
    find: (seen) => {
      const hosts = (ifKnown(() => settings(seen, 'signer-config.toml')) ?? []).filter(([key]) => key === 'node_host').map(([, value]) => value)
      if (hosts.length > 0 && !hosts.includes(seen.facts.nodeHost)) return `node_host is ${hosts[0]}, the node is ${seen.facts.nodeHost}`
      const { code, err } = seen.section('signer.heartbeat') ?? {}
      if (code === 0) return undefined
      if (err !== undefined && /status 500|server returned error: HTTP\/1\.1 500/.test(err)) return '/heartbeat of the signer says that its node does not answer'
      throw new Missing(`/heartbeat of the signer: ${seen.reason('signer.heartbeat')}`)
    },
  },
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
