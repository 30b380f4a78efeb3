/**
 * The stack as a value: what runs where, with what, in which order. It speaks of services, hosts, networks and
 * volumes, not of Compose; a renderer turns it into one tool's files. Types only.
 */

import type { AnswerKey } from '../answers/schema.ts'
import type { Role } from '../catalogue/container.ts'
import type { Variant } from '../catalogue/images.ts'
import type { Network } from '../catalogue/networks.ts'
import type { TomlTable } from '../render/toml.ts'
import type { Backup } from './backup-target.ts'
import type { BitcoinSettings, OwnBitcoin } from './bitcoin-source.ts'
import type { Logs } from './log-driver.ts'
import type { Monitoring } from './monitoring-model.ts'
import type { Observer } from './observer.ts'
import type { Sidekick } from './sidekick-settings.ts'

export type { Role } from '../catalogue/container.ts'
export type { Monitoring, Receiver } from './monitoring-model.ts'
export type { BitcoinSettings, OwnBitcoin } from './bitcoin-source.ts'

/** An image from a registry; the tag is for people, the digest for machines. */
export interface ImageRef {
  readonly repository: string
  readonly tag: string
  readonly digest?: string
}

/** An image that the operator's host builds in `context` from the Dockerfile `content`. The tag follows the content. */
export interface BuiltImage {
  readonly context: string
  readonly dockerfile: string
  readonly name: string
  /** The images that it is made of. */
  readonly from: readonly ImageRef[]
  readonly content: string
}

export interface Mount {
  readonly source: { readonly volume: string } | { readonly path: string }
  readonly target: string
  readonly readOnly: boolean
  /** Of a folder of the host: one that is not there keeps nothing from starting. */
  readonly mayBeMissing?: boolean
}

/** A port that the host shows; `address` absent means every interface, which only P2P ports may do. `answer` sets it, or else takes it away. The firewall lets in who is in `from`, and everybody without it. */
export interface PublishedPort {
  readonly host: number
  readonly container: number
  readonly protocol: 'tcp' | 'udp'
  readonly address?: string
  readonly from?: readonly string[]
  readonly purpose: string
  readonly answer: AnswerKey
}

/** A health check that uses only what the image holds. Durations in Compose's notation. */
export interface Health {
  readonly test: readonly string[]
  readonly interval: string
  readonly timeout: string
  readonly retries: number
  readonly startPeriod: string
  /** How often it is asked before it has succeeded once. */
  readonly startInterval: string
}

export interface Service {
  readonly name: string
  readonly purpose: string
  readonly image: ImageRef | BuiltImage
  /** The program of docker/programs that it runs, by its name, and those that make targets run for it. */
  readonly program?: string; readonly targetPrograms?: readonly string[]
  readonly user: string
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** It calls a program of the machine that it runs on, by the name `machineHost`. */
  readonly callsMachine?: true
  /** Networks by name; none at all means no network stack but loopback. */
  readonly networks: readonly string[]
  /** By network: addresses that stay. */
  readonly addresses?: Readonly<Record<string, string>>
  readonly ports: readonly PublishedPort[]
  readonly mounts: readonly Mount[]
  readonly secrets: readonly string[]
  /** What must be there before this starts: a one-shot succeeded, a long-running one started. Stopping goes the other way round. */
  readonly after: readonly string[]
  /** Those of `after` that may not be replaced under it: it is stopped first, and started again afterwards. */
  readonly stopsBefore: readonly string[]
  /** `until-done`: it ends with 0 when its work is done, perhaps after hours, and is started again whenever it ends otherwise. */
  readonly lifetime: 'one-shot' | 'until-done' | 'long-running'
  readonly capabilities: readonly string[]
  readonly health?: Health
  /** The signal that asks the program to end, where it is not SIGTERM. */
  readonly stopSignal?: string
  /** How long the program may take to end by itself. Where no source is named beside this or the next two, none says: 10s is the engine's default, and the others stop a runaway. */
  readonly stopGrace: string
  readonly pids: number
  readonly openFiles?: number
  readonly temporary: readonly string[]
  /** Files of the output that this service reads through `init`: when one changes, the container is made anew. */
  readonly configFiles: readonly string[]
}

/** What a service may take of the machine. Memory in MiB; `reservation` is what it keeps when memory is short. Without `cpuShares` it has those that Docker gives. */
export interface Resources { readonly limit: number; readonly reservation: number; readonly cpuShares?: number }

export interface StackNetwork {
  readonly name: string
  readonly purpose: string
  /** An internal network has no route out of the host. */
  readonly internal: boolean
  /** The name of its bridge on the host, where rules must name it; at most 15 characters. */
  readonly bridge?: string
  /** Where one of its containers has an address that stays. */
  readonly subnet?: Subnet
}

/** A network with its gateway, and the part of it from which addresses are given out. */
export interface Subnet {
  readonly network: string
  readonly range: string
  readonly gateway: string
}

/** The answers that name a folder of the machine for data. */
export type DataAnswer = 'BITCOIN_DATA_DIR' | 'STACKS_DATA_DIR' | 'SIGNER_DATA_DIR'

/** `directory` is the folder of the host that stands in its place. */
export interface Volume { readonly name: string; readonly purpose: string; readonly directory?: { readonly path: string; readonly answer: DataAnswer } }

/** A secret file of `secrets/`, mounted by name at /run/secrets. */
export interface SecretFile { readonly name: string; readonly purpose: string }

/** One machine's part of the stack; `directory` is where its files go, '' for the output itself. */
export interface Host {
  readonly name: string
  readonly directory: string
  readonly services: readonly Service[]
  /** By service. */
  readonly resources: Readonly<Record<string, Resources>>
  /** The programs of docker/programs that its services and its make targets run, sorted, and the image that they run in. */
  readonly programs: readonly string[]
  readonly programImage: ImageRef
  /** The image of what is still Python. */
  readonly networks: readonly StackNetwork[]
  readonly volumes: readonly Volume[]
  readonly secrets: readonly SecretFile[]
}

/** What the world may know of the signer's key. */
export interface Identity {
  readonly address: string
  readonly publicKey: string
}

/** `file` is the archive on the host where `url` is that of a file; inside the container it has another place. */
export interface SnapshotSettings {
  readonly url: string
  readonly file?: string
  readonly sha256?: string
  readonly networkDirectory: string
  readonly mode: string
  readonly connections: number
}

/** One end of the TLS link between signer and node. */
export interface TlsEnd {
  readonly service: 'node-tls' | 'signer-tls'
  /** Where the other end's sidecar finds it; its certificate is for this name. */
  readonly host: string
  readonly port: number
  /** The name by which its certificate is verified; an address is none that nginx compares. */
  readonly tlsName: string
  /** Where the program on this end enters, on plain HTTP. */
  readonly localPort: number
  /** The common name of its certificate, by which the other end knows it. */
  readonly commonName: string
}

export interface TlsLink {
  readonly node: TlsEnd
  readonly signer: TlsEnd
  readonly certificates: 'generated' | 'provided'
}

/** What the firewall of each host lets in besides the published ports. Addresses are networks too: 10.0.0.0/8. */
export interface Firewall {
  /** An empty `from` means from everywhere. */
  readonly ssh: { readonly port: number; readonly from: readonly string[] }
  /** Ports as nftables writes them, ranges with a dash; `from` absent means from everywhere. */
  readonly open: readonly { readonly port: string; readonly protocol: 'tcp' | 'udp'; readonly from?: string }[]
  /** Where the two hosts of a split stack stand; empty where there is one. */
  readonly addresses: { readonly node: readonly string[]; readonly signer: readonly string[] }
}

/** The sBTC signer, and what it stands on. */
export interface Sbtc {
  readonly release: string
  /** True where there is no Stacks signer beside it. */
  readonly alone: boolean
  /** True where it uses the nodes of the Stacks signer. */
  readonly shared: boolean
  /** The services that are its bitcoind and its stacks-node. */
  readonly bitcoind: 'bitcoind' | 'sbtc-bitcoind'
  readonly node: 'stacks-node' | 'sbtc-stacks-node'
  readonly deployer: string
  /** Sorted public keys. */
  readonly signingSet: readonly string[]
  readonly required: number
  readonly identity?: Identity
  readonly p2pPort: number
  readonly quic: boolean
  readonly subnet: Subnet & { readonly bitcoind: string }
  readonly config: TomlTable
  readonly blocklistConfig: TomlTable
  /** Its own pair of nodes; absent where it shares one. */
  readonly pair?: { readonly bitcoin: OwnBitcoin; readonly nodeConfig: TomlTable }
}

export interface Stack {
  readonly name: string
  readonly network: Network
  readonly nodeRelease: string
  readonly signerRelease: string
  readonly variant: Variant
  /** GB of the machine with the node; absent: as much as it should have. */
  readonly memoryGb?: number
  readonly platform: string
  /** What the host is by its answers; make promote and make demote may have changed it since. Whether its signer has a guard. */
  readonly role: Role; readonly guard: 'on' | 'off'
  readonly identity?: Identity
  readonly bitcoin: BitcoinSettings
  readonly snapshot?: SnapshotSettings
  readonly chainDirectory: string
  readonly signerConfig: TomlTable
  readonly nodeConfig: TomlTable
  readonly observers: readonly Observer[]
  /** Absent where signer and node speak to each other directly. */
  readonly tls?: TlsLink
  /** Absent where nothing is watched. */
  readonly monitoring?: Monitoring
  readonly sidekick?: Sidekick; readonly firewall?: Firewall
  readonly logs: Logs
  /** Absent where nothing is backed up. */
  readonly backup?: Backup
  /** Absent without an sBTC signer. */
  readonly sbtc?: Sbtc
  /** Public keys of age; absent where secrets/ is not encrypted for git. */
  readonly secretRecipients?: readonly string[]
  readonly hosts: readonly Host[]
}
