/** Faults of containers: what ended, what is started again and again, what does not answer. */

import type { Container } from '../evidence/container.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { plain, secondsOf } from '../evidence/text.ts'
import { endWhenDone, oneShots } from '../facts.ts'
import { type Check, listed } from './check.ts'

const exitCodes: Readonly<Record<number, string>> = {
  101: 'a panic', 125: 'Docker could not start it', 127: 'no such program', 132: 'an instruction that this processor does not know', 137: 'killed', 139: 'a crash',
}
/** Each program reads its config when it starts: what is wrong with it is in the last lines. */
const refusal = /Invalid config file: |Invalid config: |unknown field|Failed to load config|missing field|\[emerg\]|Error reading configuration file|Error parsing command line/

/** What ends a program. */
export const ends: readonly string[] = [
  'init-failed', 'sbtc-upgrade-dump-failed', 'config-refused', 'out-of-memory', 'illegal-instruction', 'retcon-epoch', 'node-panic', 'signer-ended', 'disk-full',
  'half-chain', 'secrets-missing', 'bitcoin-damaged',
]

/** Why a program could not start. */
export const failureChecks: readonly Check[] = [
  {
    id: 'config-refused', problem: 'A program refuses its configuration', because: ['init-failed', 'secrets-changed'],
    remedy: '`make check-config` lets each program say what is wrong. Correct it in answers.env, and generate again.',
    find: (seen) => {
      for (const [service] of failedServices(seen)) {
        const said = lastTexts(seen, service, 40).findLast((text) => refusal.test(text))
        if (said !== undefined) return `${service}: ${plain(said, 300)}`
      }
      return undefined
    },
  },
  {
    id: 'out-of-memory', problem: 'The kernel has killed a container because memory ran out', because: ['memory'],
    remedy: 'Did the container reach its own mem_limit? Raise it in docker-compose.override.yml. Else give the machine more memory, or run less beside it. A killed database may need long to recover.',
    find: (seen) => {
      const killed = listed([...seen.containers.values()].filter(({ outOfMemory }) => outOfMemory).map(({ service }) => service).sort())
      return killed && `${killed}: OOMKilled`
    },
  },
  {
    id: 'illegal-instruction', problem: 'The processor cannot run a program', because: ['avx2'],
    remedy: 'See avx2. Or the image is for another platform than this machine: PLATFORM in answers.env.',
    find: (seen) => {
      for (const { service, exit, error } of [...seen.containers.values()].sort((a, b) => (a.service < b.service ? -1 : 1))) {
        if (exit === 132 || error.includes('exec format error')) return `${service} ended with ${exit} ${error}`.trim()
        const said = seen.has(`logs.${service}`) ? lastTexts(seen, service, 20).find((text) => /exec format error|Illegal instruction/.test(text)) : undefined
        if (said !== undefined) return `${service}: ${plain(said, 300)}`
      }
      return undefined
    },
  },
]

export const containerChecks: readonly Check[] = [
  {
    id: 'restarting', problem: 'A container restarts again and again', because: ends,
    remedy: '`make logs S=SERVICE`: the last lines before the restart say why.',
    find: (seen) => {
      for (const [service, one] of longRunning(seen)) {
        const isYoung = one.status === 'running' && seen.now - secondsOf(one.started) < 600
        if (one.status !== 'restarting' && !(one.restarts >= 3 && isYoung)) continue
        const last = seen.has(`logs.${service}`) ? lastTexts(seen, service, 1)[0] : undefined
        return `${service}: ${one.restarts} restarts, exit code ${one.exit} ${exitCodes[one.exit] ?? ''}; last line: ${last === undefined ? 'no log' : plain(last, 200)}`
      }
      return undefined
    },
  },
  {
    id: 'not-running', problem: 'A service does not run', because: [...ends, 'compose-file'],
    remedy: '`make up`. If you have stopped it yourself, this is all that it says.',
    find: (seen) => listed(seen.facts.services.flatMap((service) => {
      const one = seen.containers.get(service)
      if (!one) return [`${service} has no container`]
      if (oneShots.includes(service) || ['running', 'restarting'].includes(one.status) || (endWhenDone.includes(service) && one.exit === 0)) return []
      return [`${service} is ${one.status} (${[one.exit, one.error].filter((part) => part !== '').join(', ')})`]
    }), '; '),
  },
  {
    id: 'unhealthy', problem: 'A program runs and fails its health check', because: ends,
    remedy: '`make logs S=SERVICE` shows why.',
    find: (seen) => listed(seen.facts.services.filter((service) => seen.here(service) && seen.containers.get(service)?.health === 'unhealthy')),
  },
  {
    id: 'logs-unbounded', problem: 'The log of a container may fill the disk', level: 'risk',
    remedy: 'Remove `logging` from docker-compose.override.yml, then `make restart`.',
    find: (seen) => {
      const endless = [...seen.containers.values()].filter(({ logDriver, logSize }) => logDriver === 'json-file' && (logSize === '' || logSize.startsWith('-')))
      return listed(endless.map(({ service, logDriver }) => `${service}: ${logDriver} without max-size`).sort())
    },
  },
]

/** The services of this host that are meant to stay up, and have a container. */
function longRunning(seen: Evidence): readonly (readonly [service: string, one: Container])[] {
  return seen.facts.services.filter((service) => seen.here(service) && !oneShots.includes(service)).flatMap((service) => {
    const one = seen.containers.get(service)
    return one ? [[service, one] as const] : []
  })
}

/** Those that do not run, or were started again. */
export function failedServices(seen: Evidence): ReturnType<typeof longRunning> {
  return longRunning(seen).filter(([, { status, restarts }]) => status !== 'running' || restarts > 0)
}

export function lastTexts(seen: Evidence, service: string, count: number): readonly string[] {
  return seen.log(service).slice(-count).map(({ text }) => text)
}
