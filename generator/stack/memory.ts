/**
 * How much memory each service may take. A service at its limit is killed by the kernel and started again, so a limit must never
 * be below what a healthy program takes: where no source says how much that is, the limit is generous, and says so.
 */

/** GB that the Stacks documentation asks of a machine. */
export const guide = {
  /** run-a-signer: 8 GB for signer and node, 16 GB with bitcoind. */
  stacksNode: 8,
  bitcoind: 8,
  /** No source: half of what the guide asks for signer and node. */
  signerAlone: 4,
  /** run-a-sbtc-signer: 4 GB more, and a pair of nodes of its own. */
  sbtcSigner: 4,
} as const

interface Limit {
  /** MiB. Files that a program reads and writes count too, but the kernel drops those first. */
  readonly mebibytes: number
  /** Where the number comes from, or that nothing says it. */
  readonly source: string
}

const gigabytes = (count: number): number => count * 1024
const node: Limit = { mebibytes: gigabytes(guide.stacksNode), source: 'the guide: all that it asks for signer and node' }
const bitcoind: Limit = { mebibytes: gigabytes(guide.bitcoind), source: 'the guide: what it asks for bitcoind; dbcache=1024 and a mempool of 300 MB are less than a quarter of it' }
/** Less than 256 MiB, measured in test/docker/snapshot-space.test.ts and snapshot-hostile.test.ts; the health check and the look at the chain's database are a Node.js of 50 MiB each. */
const snapshot: Limit = { mebibytes: 384, source: 'measured, with the longest zstd window that is allowed' }
/** nginx keeps a large body in /tmp, which is memory: 640 MiB of it (generator/stack/services.ts). */
const sidecar: Limit = { mebibytes: 1024, source: '640 MiB of /tmp, and as good as nothing besides' }
/** A Python of 20 MiB or a Node.js of 50 MiB, and what the largest answer that it reads grows to: test/docker/hostile-answers.test.ts. */
const small: Limit = { mebibytes: 256, source: 'measured' }

const limits: Readonly<Record<string, Limit>> = {
  init: small,
  snapshot,
  bitcoind,
  'stacks-node': node,
  'stacks-signer': { mebibytes: gigabytes(guide.signerAlone), source: 'none: what is asked of a machine for the signer alone' },
  guard: small,
  'node-tls': sidecar,
  'signer-tls': sidecar,
  metrics: small,
  prometheus: { mebibytes: 2048, source: 'none: some thousand series take a few hundred MiB' },
  alertmanager: { mebibytes: 512, source: 'none' },
  grafana: { mebibytes: 1024, source: 'twice what its documentation asks for at least' },
  blackbox: { mebibytes: 256, source: 'none' },
  'node-exporter': { mebibytes: 256, source: 'none' },
  releases: small,
  'backup-copy': { mebibytes: 512, source: 'none: SQLite copies a database page by page' },
  backup: { mebibytes: 2048, source: 'none: restic keeps the index of its repository in memory, and unfinished packs in /tmp' },
  'sbtc-signer': { mebibytes: gigabytes(guide.sbtcSigner), source: 'the guide: all that it asks for the sBTC signer' },
  postgres: { mebibytes: gigabytes(guide.sbtcSigner), source: 'the guide counts it into those 4 GB; shared_buffers are 512 MB' },
  'blocklist-client': { mebibytes: 1024, source: 'none' },
  'sbtc-watch': small,
  'sbtc-snapshot': snapshot,
  'sbtc-bitcoind': bitcoind,
  'sbtc-stacks-node': node,
  'sbtc-backup': { mebibytes: 2048, source: 'none: a PostgreSQL server of its own, in which dumps are tried out' },
  'sbtc-upgrade-dump': { mebibytes: 2048, source: 'none: the same program' },
}

/** The limit of a service in MiB. */
export function memoryLimit(service: string): number {
  const limit = limits[service]
  if (!limit) throw new Error(`no memory limit for the service ${service}`)
  return limit.mebibytes
}
