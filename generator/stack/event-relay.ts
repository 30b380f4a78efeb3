/**
 * Observers of the operator's own. The node of every release has one queue for all of its observers. It waits in it for each event until
 * the observer answers with 200, and by default it repeats an event for ever: one observer that hangs keeps the signer's events from it,
 * and the node stands still (stacks-node/src/event_dispatcher/worker.rs of stacks-core 4.0.2). `disable_retries`, from 3.1.0.0.7 on,
 * still costs `timeout_ms` for each event, and `event_dispatcher_blocking=false`, from 3.4.0.0.3 on, moves the wait into a longer queue.
 * So the node tells a relay, which takes each event at once; and where even that is away, the node goes on without.
 */

import type { Answers } from '../answers/check.ts'
import { readEventObservers } from '../answers/event-observers.ts'
import { eventRelay, machineHost, ports, users } from '../catalogue/container.ts'
import { nodeKey } from '../catalogue/keys.ts'
import type { Release } from '../catalogue/releases.ts'
import { error, warning, type Result } from '../problem.ts'
import type { TomlTable } from '../render/toml.ts'
import { isContainerItself, thisMachine } from './bitcoin.ts'
import { health } from './health.ts'
import type { ImageRef, Service } from './model.ts'
import type { Observer } from './observer.ts'
import { programCommand, runsProgram } from './programs.ts'
import type { Side } from './side.ts'

/** No observers without EVENT_OBSERVERS. */
export function eventObservers({ values, place }: Answers, node: Release): Result<readonly Observer[]> & { readonly value: readonly Observer[] } {
  if (values.EVENT_OBSERVERS === undefined) return { value: [], problems: [] }
  const at = place('EVENT_OBSERVERS')
  if (values.SIGNER === 'off') return { value: [], problems: [warning('unused-answer', 'EVENT_OBSERVERS is not used with SIGNER=off', at)] }
  const given = readEventObservers(values.EVENT_OBSERVERS)
  const known = nodeKey(node, 'events_observer', 'disable_retries').status === 'accepted'
  return {
    value: given.map(({ host, port, ...rest }) => ({ ...rest, endpoint: `${host === thisMachine ? machineHost : host}:${port}`, ...(host === thisMachine && { machinePort: port }) })),
    problems: [
      ...given.filter(({ host }) => isContainerItself(host)).map(({ host, port }) => error('bad-value', `EVENT_OBSERVERS names ${host}:${port}, which is the container of ${eventRelay} itself`, at, `write ${thisMachine}:${port} for an observer on the machine that runs the stack`)),
      ...(known ? [] : [error('observer-blocks', `EVENT_OBSERVERS needs stacks-node 3.1.0.0.7 or later: stacks-node ${node.version} does not know disable_retries`, at, 'leave it out')]),
    ],
  }
}

/** Where the node tells the observer of that number. */
export const relayEndpoint = (index: number): string => `${eventRelay}:${ports.eventRelay.number + index}`

/** What the node's config says of them. */
export function relayed(observers: readonly Observer[]): readonly TomlTable[] {
  return observers.map(({ keys }, index) => ({ endpoint: relayEndpoint(index), events_keys: [...keys], disable_retries: true }))
}

/** The host of the node with the relay, if there are observers. */
export function withRelay(side: Side, observers: readonly Observer[], nodejs: ImageRef): Side {
  if (observers.length === 0) return side
  return {
    ...side,
    services: [
      relayService(observers, nodejs),
      ...side.services.map((service): Service => (service.name === 'stacks-node' ? { ...service, networks: [...service.networks, 'event-link'], after: [...service.after, eventRelay] } : service)),
    ],
    networks: [
      ...side.networks,
      { name: 'event-link', purpose: `The node and ${eventRelay}`, internal: true },
      { name: observerNetwork, purpose: `${eventRelay} and the observers of EVENT_OBSERVERS; a container of yours joins it`, internal: false },
    ],
  }
}

export const observerNetwork = 'event-observers'

function relayService(observers: readonly Observer[], nodejs: ImageRef): Service {
  return {
    name: eventRelay,
    purpose: 'Takes the events of the node at once, and hands them on to the observers of EVENT_OBSERVERS',
    ...runsProgram(eventRelay, nodejs),
    user: users.eventRelay,
    command: [],
    environment: { LISTEN: String(ports.eventRelay.number), OBSERVERS: JSON.stringify(observers.map(({ endpoint, timeoutMs, retries }) => ({ endpoint, timeoutMs, retries }))) },
    ...(observers.some(({ machinePort }) => machinePort !== undefined) && { callsMachine: true }),
    networks: ['event-link', observerNetwork],
    ports: [], mounts: [], secrets: [], after: ['init'], stopsBefore: [], lifetime: 'long-running', capabilities: [], configFiles: [],
    health: health(programCommand(eventRelay, '--health'), '1m'),
    stopGrace: '10s',
    pids: 64,
    temporary: ['/tmp'],
  }
}
