/**
 * What each service may take of the machine. A service at its memory limit is killed by the kernel and started again, so a limit must
 * never be below what a healthy program takes: where no source says how much that is, the limit is generous, and says so.
 */

import type { Answers } from '../answers/check.ts'
import { error, warning, type Problem } from '../problem.ts'
import type { Host, Resources, Service } from './model.ts'

interface Row {
  /** MiB. Files that a program reads and writes count too, but the kernel drops those first. */
  readonly limit: number
  /** GB of the machine that the guide counts for it; `with`: these are part of what it counts for that service. */
  readonly machine?: number
  readonly with?: string
  /** The limit grows with the memory of the machine. */
  readonly grows?: true
  /** A signature waits for it. */
  readonly urgent?: true
  /** Where the number comes from, or that nothing says it. */
  readonly source: string
}

const gigabytes = (count: number): number => count * 1024
/** run-a-signer: 8 GB for signer and node, 16 GB with bitcoind. */
const node: Row = { limit: gigabytes(8), machine: 8, grows: true, urgent: true, source: 'the guide: all that it asks for signer and node' }
const bitcoind: Row = { limit: gigabytes(8), machine: 8, grows: true, source: 'the guide: what it asks for bitcoind; half of the 16 GB with it' }
/** Less than 256 MiB, measured in test/docker/snapshot-space.test.ts and snapshot-hostile.test.ts; the health check and the look at the chain's database are a Node.js of 50 MiB each. */
const snapshot: Row = { limit: 384, source: 'measured, with the longest zstd window that is allowed' }
/** nginx keeps a large body in /tmp, which is memory: 640 MiB of it (generator/stack/services.ts). */
const sidecar: Row = { limit: 1024, urgent: true, source: '640 MiB of /tmp, and almost nothing besides' }
/** A Python of 20 MiB or a Node.js of 50 MiB, and what the largest answer that it reads grows to: test/docker/hostile-answers.test.ts. */
const small: Row = { limit: 256, source: 'measured' }

const rows: Readonly<Record<string, Row>> = {
  init: small,
  snapshot,
  bitcoind,
  'stacks-node': node,
  'stacks-signer': { limit: gigabytes(4), machine: 4, with: 'stacks-node', urgent: true, source: 'none: half of what the guide asks for signer and node' },
  guard: small,
  /** docker/programs/event-relay/run.ts. */
  'event-relay': { limit: 512, source: '128 MiB of waiting events, 64 MiB that arrive and are put together, and a Node.js of 50 MiB, twice for the health check' },
  'node-tls': sidecar,
  'signer-tls': sidecar,
  metrics: small,
  prometheus: { limit: 2048, source: 'none: some thousand series take a few hundred MiB' },
  alertmanager: { limit: 512, source: 'none' },
  grafana: { limit: 1024, source: 'twice what its documentation asks for at least' },
  blackbox: { limit: 256, source: 'none' },
  'node-exporter': { limit: 256, source: 'none' },
  sidekick: { limit: 1024, source: 'none' },
  releases: small,
  'backup-copy': { limit: 512, source: 'none: SQLite copies a database page by page' },
  backup: { limit: 2048, source: 'none: restic keeps the index of its repository in memory, and unfinished packs in /tmp' },
  /** run-a-sbtc-signer: 4 GB more, and a pair of nodes of its own. */
  'sbtc-signer': { limit: gigabytes(4), machine: 4, urgent: true, source: 'the guide: all that it asks for the sBTC signer' },
  postgres: { limit: gigabytes(4), machine: 4, with: 'sbtc-signer', urgent: true, source: 'the guide counts it into those 4 GB; shared_buffers are 512 MB' },
  'blocklist-client': { limit: 1024, source: 'none' },
  'sbtc-watch': small,
  'sbtc-snapshot': snapshot,
  'sbtc-bitcoind': bitcoind,
  'sbtc-stacks-node': node,
  'sbtc-backup': { limit: 2048, source: 'none: a PostgreSQL server of its own, into which dumps are restored for the test' },
  'sbtc-upgrade-dump': { limit: 2048, source: 'none: the same program' },
}

function rowOf(service: string): Row {
  const row = rows[service]
  if (!row) throw new Error(`no memory limit for the service ${service}`)
  return row
}

/** The limit of a service in MiB, on a machine of the size that the guide asks for. */
export const memoryLimit = (service: string): number => rowOf(service).limit

type Named = readonly Pick<Service, 'name'>[]

/** What the guide counts on a machine, in GB by service. */
function counted(services: Named): readonly { readonly name: string; readonly gb: number }[] {
  return services.flatMap(({ name }) => {
    const { machine, with: other } = rowOf(name)
    return machine === undefined || services.some((one) => one.name === other) ? [] : [{ name, gb: machine }]
  })
}

/** GB of memory that the guide asks of a machine with these services. */
export function memoryNeed(services: Named): number {
  return counted(services).reduce((sum, { gb }) => sum + gb, 0)
}

/** GB of memory that a machine should have: `gb` where something grows with it. */
export function machineNeed(services: Named, gb: number | undefined): number {
  return gb !== undefined && services.some(({ name }) => rowOf(name).grows) ? gb : memoryNeed(services)
}

/** Docker's own, where nothing is said. */
const usualShares = 1024
const otherShares = usualShares / 4

/** The dbcache of bitcoind in MiB. With a mempool of 300 MB, its default, it takes less than a quarter of its limit. */
export const bitcoinCache = ({ limit }: Resources): number => Math.floor(limit / 8)

/**
 * What each service gets on a machine with `gb` of memory, or with as much as the guide asks. What the guide counts keeps half of its
 * limit when memory is short, so that all of them leave room for the rest of the machine; others keep what an idle Node.js takes.
 * Shares of the processors count only while these are short: what a signature waits for goes first then.
 */
export function resourcesOf(services: Named, gb?: number): Host['resources'] {
  const factor = gb === undefined ? 1 : gb / memoryNeed(services)
  return Object.fromEntries(services.map(({ name }): readonly [string, Resources] => {
    const { limit, machine, grows, urgent } = rowOf(name)
    const scaled = grows ? Math.floor(limit * factor) : limit
    return [name, { limit: scaled, reservation: machine === undefined ? 64 : Math.floor(scaled / 2), ...(!urgent && { cpuShares: otherShares }) }]
  }))
}

/** MEMORY holds for the machines with a node: on that of the signer alone nothing grows. */
export function machineMemory({ values }: Answers): number | undefined {
  return values.MEMORY === undefined ? undefined : Number.parseInt(values.MEMORY, 10)
}

/** Less memory than the services need, and MEMORY where nothing follows it. */
export function memoryProblems(answers: Answers, hosts: readonly Host[]): readonly Problem[] {
  const gb = machineMemory(answers)
  if (gb === undefined) return []
  const growing = hosts.filter(({ services }) => services.some(({ name }) => rowOf(name).grows))
  if (growing.length === 0) return [warning('unused-answer', 'MEMORY is not used: nothing in this stack follows it', answers.place('MEMORY'))]
  return growing.filter(({ services }) => gb < memoryNeed(services)).map(({ services }) => {
    const parts = counted(services).map(({ name, gb: part }) => `${[name, ...services.filter((one) => rowOf(one.name).with === name).map((one) => one.name)].join(' and ')} ${part} GB`)
    const need = memoryNeed(services)
    return error('too-little-memory', `MEMORY=${answers.values.MEMORY} is too little: this stack needs ${need} GB (${parts.join(', ')})`, answers.place('MEMORY'),
      `use a machine with ${need} GB${services.some(({ name }) => name === 'bitcoind') ? ', or a bitcoind elsewhere (BITCOIN_MODE=external)' : ''}`)
  })
}
