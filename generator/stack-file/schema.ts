/**
 * `config/stack.json`: what the generator tells the programs of a host. The generator writes it, each program that needs it
 * validates it, and both import the types from here. It holds no secret.
 */

import * as v from 'valibot'
import { bitcoinChains, placeholders, roles, stackFile, type BitcoinChain, type Placeholder } from '../catalogue/container.ts'

const text = v.pipe(v.string(), v.nonEmpty())
const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const name = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*$/, 'must be a name of small letters, digits and dashes'))
const publicKey = v.pipe(v.string(), v.regex(/^0[23][0-9a-f]{64}$/, 'must be a compressed public key'))
/** A file below a folder of the stack. */
const file = v.pipe(v.string(), v.regex(/^(?!\.)[\w.-]+(\/(?!\.)[\w.-]+)*$/, 'must be the path of a file below its folder'))
/** A folder of the machine. */
const hostFolder = v.pipe(v.string(), v.regex(/^(\/(?!\.{1,2}(\/|$))[\w.-]+)+$/, 'must be the path of a folder of the machine'))
const mountPoint = v.pipe(v.string(), v.regex(/^(\/(?!\.)[\w.-]+)+$/, 'must be the path of a folder in a container'))

const placeholder = v.picklist(Object.keys(placeholders) as Placeholder[])

/** What init puts into the volume that a program reads its configuration from. Nothing else stays in it. */
const configVolume = v.strictObject({
  path: mountPoint,
  /** A file in config/ with its placeholders: the key of the line, and the name of the secret. */
  configs: v.optional(v.record(file, v.record(text, placeholder))),
  /** The name of a copy without `[[events_observer]]`, and the config that it is a copy of. */
  withoutObservers: v.optional(v.record(file, file)),
  /** A folder in config/ that goes in whole. */
  folder: v.optional(file),
  /** Of docker/gate/. */
  scripts: v.optional(v.array(file)),
  /** Of certs/. */
  certificates: v.optional(v.array(file)),
  /** Private keys in PEM: what the file is called, and its secret. */
  keys: v.optional(v.record(file, name)),
  /** Files of secrets/ that the program reads itself. */
  secrets: v.optional(v.array(name)),
})

const dataVolume = v.strictObject({
  path: mountPoint,
  mode: v.picklist(['0700', '0750', '0755']),
  /** `own`: what is in it is given to the user too. `leave`: chain data, which has hundreds of gigabytes. */
  content: v.picklist(['own', 'leave']),
  /** The folder of the machine that stands in the place of the named volume, and the answer that says so. */
  directory: v.optional(v.strictObject({ path: hostFolder, answer: text, volume: name })),
})

/** A user of volumes, and what init prepares for it. */
const consumer = v.strictObject({
  name, uid: v.pipe(count, v.minValue(1)), gid: v.pipe(count, v.minValue(1)),
  config: v.optional(configVolume),
  data: v.optional(dataVolume),
  /** Starts only when this host is cleared for its key, and has no key on a standby. */
  guarded: v.optional(v.literal(true)),
})

export const stackFileSchema = v.strictObject({
  about: text,
  version: v.literal(stackFile.version),
  stack: text,
  network: text,
  /** By the answers; `make promote` and `make demote` may have said otherwise since. */
  role: v.picklist(roles),
  releases: v.strictObject({ node: text, signer: text }),
  /** Of this host, in the order of the Compose file. */
  services: v.array(name),
  /** Files of secrets/. */
  secrets: v.array(name),
  /** The stack's own image, in which what is still Python runs. */
  /** What may be reached from other machines: SERVICE:PORT/PROTOCOL. */
  openPorts: v.array(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*:\d{1,5}\/(tcp|udp)$/, 'must be SERVICE:PORT/PROTOCOL'))),
  /** What this machine should have. */
  memoryGb: count,
  /** `days` is how long journald keeps them. */
  logs: v.strictObject({ driver: v.picklist(['json-file', 'journald']), days: v.optional(count) }),
  /** Of the signer; absent where its key was not known. */
  identity: v.optional(v.strictObject({ address: text, publicKey })),
  bitcoind: v.optional(v.strictObject({ chain: v.picklist(Object.keys(bitcoinChains) as BitcoinChain[]) })),
  /** The P2P port of the bitcoind that runs on this machine, outside of Docker, and that the node follows. */
  machineBitcoinPort: v.optional(v.pipe(count, v.minValue(1), v.maxValue(65535))),
  node: v.optional(v.strictObject({
    networkId: count,
    /** The folder of the chain in the node's volume. */
    chainDirectory: file,
    /** Where its events go. */
    observer: text,
    /** The Bitcoin block at which this release leaves mainnet. */
    leavesMainnet: v.optional(count),
    /** Why node and signer do not fit together. */
    unsupported: v.optional(text),
  })),
  signer: v.optional(v.strictObject({
    /** Where it finds its node. */
    nodeHost: text,
    /** The network by the signer's own name for it. */
    network: text,
    guard: v.picklist(['on', 'off']),
  })),
  /** Where the certificates of the TLS link are read, as seen from the sidecar `first`. */
  tls: v.optional(v.strictObject({ first: name, own: v.array(text), all: v.array(text) })),
  /** `node` is the service that is the stacks-node of the sBTC signer. */
  sbtc: v.optional(v.strictObject({ node: name, publicKey: v.optional(publicKey) })),
  /** What init copies from docker/, for every user to read. */
  programs: v.optional(v.strictObject({ path: mountPoint, files: v.array(file) })),
  consumers: v.array(consumer),
})

export type StackFile = v.InferOutput<typeof stackFileSchema>
export type Consumer = StackFile['consumers'][number]
export type ConfigVolume = NonNullable<Consumer['config']>
export type DataVolume = NonNullable<Consumer['data']>
