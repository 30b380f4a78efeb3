/** Faults of what containers may do, and of where they are reached. */

import type { Confinement } from '../evidence/container.ts'
import { type Check, listed } from './check.ts'

/** The node prints its whole configuration where one of these is set. */
const debugging = new Set(['STACKS_LOG_DEBUG', 'STACKS_LOG_TRACE', 'BLOCKSTACK_DEBUG'])
const proxies = new Set(['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'])

export const exposureChecks: readonly Check[] = [
  {
    id: 'override-softens', problem: 'A container has more rights than it is generated with',
    remedy: 'Remove them from docker-compose.override.yml, then `make restart`. What needs such rights does not belong beside the key of a signer.',
    find: (seen) => {
      for (const one of sorted(seen.containers)) {
        // init alone has a few capabilities, which its own text of the Compose file names.
        if (one[0] === 'init') continue
        const [service, { readOnly, dropped, security, user }] = one
        const missing = seen.here(service) ? [
          readOnly || 'a writable root', dropped.includes('ALL') || 'capabilities not dropped',
          security.some((option) => option.includes('no-new-privileges')) || 'new privileges allowed', !/^(0|root|)(:|$)/.test(user) || 'root as user',
        ].filter((text) => text !== true) : []
        const bad = listed([...rightsOf(one[1]), ...missing])
        if (bad) return `${service}: ${bad}`
      }
      for (const [service, one] of sorted(seen.compose)) {
        const bad = service === 'init' ? undefined : listed(rightsOf(one))
        if (bad) return `${service}, from the next start on: ${bad}`
      }
      return undefined
    },
  },
  {
    id: 'ports-open', problem: 'A port is published that should not be',
    remedy: 'Remove `ports` from docker-compose.override.yml, then `make restart`. Anyone who reaches the event port of the signer can stop the signer, without any password.',
    find: (seen) => {
      const isOpen = (service: string, port: string) => seen.facts.openPorts.has(`${service}:${port}`)
      for (const [service, { published }] of sorted(seen.containers)) {
        const bad = listed(published.filter(({ port }) => !isOpen(service, port)).map(({ port, inside }) => `${port} (inside ${inside})`))
        if (bad) return `${service} publishes ${bad}`
      }
      for (const [service, { published }] of sorted(seen.compose)) {
        const bad = listed(published.filter((port) => !isOpen(service, port)))
        if (bad) return `${service} publishes ${bad}, from the next start on`
      }
      return undefined
    },
  },
  {
    id: 'secrets-in-logs', problem: 'The log of the node shows secrets', needs: ['stacks-node'],
    remedy: 'Remove the variable from docker-compose.override.yml, `make restart`, and replace the token: it is in the old log.',
    find: (seen) => {
      const names = listed(seen.container('stacks-node').environment.filter((name) => debugging.has(name)).sort())
      return names && `stacks-node has ${names}: it prints its whole configuration when it starts`
    },
  },
  {
    id: 'proxy', problem: 'There is a proxy between signer and node', needs: ['stacks-signer'],
    remedy: 'Remove the variable from the container of the signer (docker-compose.override.yml, or `proxies` in ~/.docker/config.json), then `make restart`.',
    find: (seen) => {
      const names = listed(seen.container('stacks-signer').environment.filter((name) => proxies.has(name)).sort())
      return names && `stacks-signer has ${names}; its calls to the node would go through it`
    },
  },
]

/** What no generated service has. */
function rightsOf({ privileged, shares, capabilities, security, sources }: Confinement): readonly string[] {
  const added = capabilities.map((name) => name.replace(/^CAP_/, ''))
  return [
    ...(privileged ? ['privileged'] : []), ...shares, ...(added.length > 0 ? [`capabilities ${added.join(' ')}`] : []),
    ...security.filter((option) => option.includes('unconfined')), ...(sources.some((source) => source.includes('docker.sock')) ? ['the Docker socket'] : []),
  ]
}

function sorted<T>(services: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...services].sort(([a], [b]) => (a < b ? -1 : 1))
}
