/** A row for each container. A service without a container has one too. */

import { ifKnown } from '../evidence/missing.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { duration } from '../evidence/text.ts'
import { endWhenDone, oneShots } from '../facts.ts'
import { releaseIn } from '../readings/programs.ts'
import { cannotBeginFor, tooLong } from '../readings/signer.ts'

export interface Row {
  readonly service: string
  readonly state: string
  readonly fine: boolean
  /** The release, or the tag of the image. */
  readonly runs: string
  readonly pinned: string
  readonly asPinned: boolean
}

/** In the order of the Compose file, then what else there is. */
export function serviceRows(seen: Evidence): readonly Row[] {
  const { containers, facts: { services } } = seen
  const compose = ifKnown(() => seen.compose)
  const others = [...containers.keys()].filter((name) => !services.includes(name)).sort()
  return [...services, ...others].map((service) => {
    const one = containers.get(service)
    const wanted = compose?.get(service)?.image ?? ''
    const asPinned = !one || wanted === '' || one.image === wanted
    const { state, fine } = stateOf(seen, service)
    // '' where the program answers, and what it says is not what it should be.
    const said = ifKnown(() => releaseIn(seen, service) ?? tagOf(one?.image ?? '')) ?? ''
    return { service, state, fine: fine && asPinned && (said !== '' || !one), runs: said, pinned: tagOf(wanted), asPinned }
  })
}

function stateOf(seen: Evidence, service: string): { readonly state: string; readonly fine: boolean } {
  const one = seen.containers.get(service)
  if (!one) return { state: 'no container', fine: false }
  const ended = `${one.status} (${one.exit})`
  if (oneShots.includes(service)) {
    const fine = one.status === 'exited' && one.exit === 0
    return { state: fine ? 'done' : `${ended}: it must succeed first`, fine }
  }
  if (endWhenDone.includes(service) && one.status === 'exited' && one.exit === 0) return { state: 'done', fine: true }
  if (one.status !== 'running') return { state: ended, fine: false }
  if (service === 'stacks-signer' && seen.isStandby) return { state: 'stands by, has no key', fine: true }
  const restarts = one.restarts > 0 ? `, ${one.restarts} restart${one.restarts === 1 ? '' : 's'}` : ''
  const age = `for ${duration(seen.now - seen.started(service))}${restarts}`
  // Its port answers all the same, so its health check cannot tell.
  const waits = service === 'stacks-signer' && seen.has('marks.stacks-signer') ? cannotBeginFor(seen, seen.log(service, 'marks')) : undefined
  if (waits !== undefined) return { state: `running ${age}, cannot begin`, fine: waits < tooLong }
  return { state: `${one.health || 'running'} ${age}`, fine: ['', 'healthy'].includes(one.health) }
}

/** What people call the version of an image: its tag, without digest and repository. */
function tagOf(image: string): string {
  const last = image.split('@')[0]!.split('/').at(-1)!
  return last.slice(last.indexOf(':') + 1)
}
