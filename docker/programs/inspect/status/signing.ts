/** Lines about the signer, and about what keeps its key from running twice. */

import { Missing } from '../evidence/missing.ts'
import { duration } from '../evidence/text.ts'
import { counter, isResponse, registration, roleNow } from '../readings/signer.ts'
import { keyMatches, setDifferences, silentPrograms } from '../readings/sbtc.ts'
import { line } from './line.ts'

export const registered = line({
  name: 'registration', needs: ['stacks-node', 'stacks-signer'],
  read: registration,
  fine: (found) => (found.by === 'log' ? found.registered : found.weight > 0),
  text: (found) => {
    if (found.by === 'log') return `${found.registered ? 'registered' : 'not registered'} for cycle ${found.cycle}, by the signer's log`
    const { cycle, weight, next } = found
    const now = weight > 0 ? `registered for cycle ${cycle} (weight ${weight})` : `not registered for cycle ${cycle}`
    return `${now}; ${next.weight === undefined ? `not known yet for ${next.cycle}` : next.weight > 0 ? `${next.cycle} too (weight ${next.weight})` : `not for ${next.cycle}`}`
  },
  json: (found) => (found.by === 'log' ? { cycle: found.cycle, registered: found.registered, registeredNext: null } : {
    cycle: found.cycle, registered: found.weight > 0, weight: found.weight, registeredNext: found.next.weight === undefined ? null : found.next.weight > 0,
  }),
})

export const guard = line({
  name: 'guard', needs: ['guard'],
  read: (seen) => ({ ...seen.guard, role: roleNow(seen), answered: seen.facts.role }),
  fine: ({ state, role, answered }) => ['passed', 'standby'].includes(state) && role === answered,
  text: ({ state, words, role, answered }) =>
    `${state === 'standby' ? 'this host is the standby' : `${state}: ${words}`}${role === answered ? '' : `; answers.env still says ROLE=${answered}`}`,
  json: ({ state, role }) => ({ state, role }),
})

export const signing = line({
  name: 'signing', needs: ['stacks-signer'],
  read: (seen) => {
    const last = seen.has('marks.stacks-signer') ? seen.log('stacks-signer', 'marks').findLast(({ text }) => isResponse(text)) : undefined
    return {
      blocksSigned: seen.has('node.signed') ? seen.number('node.signed', 'blocks_signed') : null,
      proposals: counter(seen, 'block_proposals_received'), responses: counter(seen, 'block_responses_sent'),
      lastResponseSecondsAgo: last ? Math.round(seen.now - last.at) : null,
    }
  },
  fine: ({ proposals, responses }) => proposals <= 3 || responses > 0,
  text: ({ blocksSigned, proposals, responses, lastResponseSecondsAgo: age }) => [
    ...(blocksSigned === null ? [] : [`${blocksSigned} blocks signed in this cycle`]),
    `${responses} responses to ${proposals} proposals since its start`,
    ...(age === null ? [] : [`last response ${duration(age)} ago`]),
  ].join(', '),
})

export const certificates = line({
  name: 'certificates', needs: ['node-tls', 'signer-tls'],
  read: (seen) => {
    const section = seen.section('tls.own')
    const found = [...(section?.out ?? '').matchAll(/^(\S+) +(?:ok|warn|FAIL) +(-?\d+) days left/gm)].map(([, name, days]) => [name!, Number(days)] as const)
    if (!section || (found.length === 0 && !section.out.includes('FAIL'))) throw new Missing('the certificates could not be read from the wire')
    return { days: Object.fromEntries(found), valid: section.code === 0, said: section.out.trim().replace(/\s+/g, ' ') }
  },
  fine: ({ valid, days }) => valid && Object.values(days).every((left) => left >= 30),
  text: ({ days, said }) => Object.entries(days).map(([name, left]) => `${name} ${left} days left`).join(', ') || said,
  json: ({ days }) => ({ days }),
})

export const sbtc = line({
  name: 'sBTC', needs: ['sbtc-signer'],
  read: (seen) => ({ away: silentPrograms(seen), keyMatches: keyMatches(seen) ?? null, setDiffers: setDifferences(seen).join('; ') || null }),
  fine: ({ away, keyMatches: matches, setDiffers }) => away.length === 0 && setDiffers === null && matches !== false,
  text: ({ away, keyMatches: matches, setDiffers }) => {
    const key = matches === null ? 'not known' : matches ? 'as in the contract' : 'not that of the contract'
    return `${away.join(', ') || 'signer and blocklist answer'}; newest key ${key}; set ${setDiffers === null ? 'as on the chain' : `differs: ${setDiffers}`}`
  },
})
