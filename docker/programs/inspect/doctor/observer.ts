/** Faults of the way from the node to the signer: the event observer and the token. */

import { eventRelay } from '../../../../generator/catalogue/container.ts'
import { Missing } from '../evidence/missing.ts'
import { settings, type Setting } from '../readings/programs.ts'
import { runsAlone } from '../readings/signer.ts'
import { type Check, listed } from './check.ts'

const node = ['stacks-node']
const relay = `${eventRelay}:`
const observerKeys = ['endpoint', 'events_keys', 'disable_retries']
const events = ['stackerdb', 'block_proposal', 'burn_blocks']

export const observerChecks: readonly Check[] = [
  {
    id: 'observer-config', problem: 'The config of the node does not send events to the signer', needs: node,
    remedy: 'Undo what changes [[events_observer]], `stacker` or `auth_token` in config/node-config.toml: generate again.',
    find: (seen) => {
      // Observers behind the relay are not the signer.
      const lines = withoutRelayed(settings(seen, 'node-config.toml'))
      const values = (key: string) => lines.filter(([name]) => name === key).map(([, value]) => value)
      const [endpoints, keys] = [values('endpoint'), values('events_keys').join(' ')]
      if (endpoints.length === 0) return 'there is no [[events_observer]]'
      if (!endpoints.includes(seen.facts.observer)) return `the observer is ${endpoints.join(', ')}, the signer is ${seen.facts.observer}`
      const lacking = keys.includes('"*"') ? undefined : listed(events.filter((name) => !keys.includes(`"${name}"`)))
      if (lacking) return `events_keys lacks ${lacking}`
      if (!values('stacker').includes('true')) return '`stacker = true` is missing: the node keeps no copy of the messages of signers'
      if (values('auth_token').length === 0) return '`auth_token` is not the placeholder that init fills: the node then accepts no proposals'
      return values('disable_retries').includes('true') ? 'disable_retries is on: what the signer misses is lost' : undefined
    },
  },
  {
    id: 'observer-not-registered', problem: 'The node runs without its event observer, or with another one', needs: node,
    because: ['observer-config', 'node-waits', 'secrets-changed', 'not-running', 'restarting', 'config-refused'],
    remedy: '`make restart`; config/node-config.toml must name the signer in [[events_observer]].',
    find: (seen) => {
      if (!seen.runs('stacks-node')) throw new Missing('stacks-node does not run')
      if (runsAlone(seen)) return undefined
      const code = seen.section('node.observes')?.code
      const reason = seen.reason('node.observes')
      if (code === 0) return undefined
      if (code === 1) return reason
      if (code === 4) return { seen: reason, level: 'wait', remedy: 'See to the signer; the node restarts with its observer as soon as the signer answers.' }
      throw new Missing(`whether the node has its observer is not known: ${reason}`)
    },
  },
  {
    id: 'observer-failing', problem: 'The node cannot send its events to the signer, and stops', needs: node,
    because: ['not-running', 'restarting', 'config-refused', 'out-of-memory', 'signer-ended', 'tls-broken', 'tls-refused', 'observer-config'],
    remedy: '`make start S=stacks-signer`; the node continues by itself. On another host: `make verify-tls`.',
    find: (seen) => {
      const log = seen.logSinceStart('stacks-node')
      const failed = log.findLast(({ text }) => text.includes('Event dispatcher: connection or request failed to') && !text.includes(` ${relay}`))
      const tip = log.findLast(({ text }) => text.includes('Advanced to new tip'))
      return failed && failed.at > seen.now - 600 && !(tip && tip.at > failed.at + 5) ? failed.text : undefined
    },
  },
  {
    id: 'token-mismatch', problem: 'The node does not accept the token of the signer', because: ['init-failed'],
    remedy: '`make restart` fills both configs from secrets/auth-token. On two hosts secrets/auth-token must be the same on both.',
    find: (seen) => {
      const areEqual = seen.has('filled') ? seen.answer('filled')['tokensEqual'] : undefined
      if (areEqual === false) return 'the tokens in the configs of node and signer differ'
      if (!seen.here('stacks-signer')) return undefined
      const log = seen.logSinceStart('stacks-signer')
      const bad = log.findLast(({ text }) => /rejected: 401|\(401\)|401 Unauthorized|status code:? 401/.test(text))
      const good = log.findLast(({ text }) => /accepted: 202|Broadcasting block response/.test(text))
      if (bad && !(good && good.at > bad.at)) return bad.text
      if (seen.here('stacks-node') && areEqual !== true) throw new Missing('the tokens were not compared')
      return undefined
    },
  },
]

/** A table of an observer begins with its endpoint. */
function withoutRelayed(lines: readonly Setting[]): readonly Setting[] {
  let isRelayed = false
  return lines.filter(([key, value]) => {
    if (key === 'endpoint') isRelayed = value.startsWith(relay)
    return !(isRelayed && observerKeys.includes(key))
  })
}
