/** What adopting speaks of: the files of a deployment, and what becomes of each key in them. Types only. */

import type { Secret } from '../answers/secrets.ts'
import type { Release } from '../catalogue/releases.ts'
import type { TomlTable } from '../render/toml.ts'
import type { Network } from '../catalogue/networks.ts'

/** One text of the deployment; `name` is its path below the directory, fit to be shown. */
export interface SourceFile {
  readonly name: string
  readonly text: string
}

/** Everything that was read, and what was passed over. */
export interface Deployment {
  /** The last part of the directory's path. */
  readonly directoryName: string
  readonly tomls: readonly SourceFile[]
  readonly compose?: SourceFile
  readonly env?: SourceFile
  readonly bitcoinConf?: SourceFile
  /** Paths that were not looked into, and why. */
  readonly passedOver: readonly { readonly name: string; readonly why: string }[]
}

/** Where a key stands. */
export interface Origin {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** What may become of a key; each ends in exactly one. */
export const fates = ['answer', 'passed', 'secret', 'fixed', 'left-out'] as const
export type Fate = (typeof fates)[number]

/** A key of the originals and what became of it. No field ever holds a secret. */
export interface Finding {
  readonly origin: Origin
  /** As it is written there, with its section. */
  readonly key: string
  readonly fate: Fate
  /** The answers that carry it on. */
  readonly answers?: readonly string[]
  readonly note: string
  /** Something to look at before starting: it was, or would be, a danger. */
  readonly danger?: true
  /** For a key of a TOML: the key, or list of tables, in which generated and original TOML may differ. */
  readonly unit?: Unit
}

export interface Unit {
  readonly program: 'signer' | 'node'
  /** `key` for the signer, `section.key` or the name of a list of tables for the node. */
  readonly path: string
}

/** An answer to be written; `from` are the keys that it comes from. */
export interface DraftAnswer {
  readonly key: string
  readonly value: string
  readonly from: readonly Origin[]
  /** Said in the comment above it. */
  readonly remark?: string
}

/** A TOML that was recognised. */
export interface ConfigFile {
  readonly file: string
  readonly data: TomlTable
  readonly place: (path: string) => Origin
}

/** What all parts of adopting need to know of the whole. */
export interface Setting {
  readonly signer: ConfigFile
  readonly node: ConfigFile
  readonly network: Network
  readonly releases: { readonly node: Release; readonly signer: Release }
  /** Every text that stands under a telling name, anywhere in the deployment; none of them may be shown or written. */
  readonly secretTexts: readonly string[]
}

/** What one part of adopting has found out. */
export interface Mapped {
  readonly findings: readonly Finding[]
  readonly answers: readonly DraftAnswer[]
}

/** A key that the generated TOML has and the original has not. */
export interface Addition {
  readonly unit: Unit
  readonly note: string
}

/** The whole: what is to be written, and what became of everything that was there. */
export interface Adopted {
  readonly network: Network
  readonly releases: { readonly node: string; readonly signer: string }
  readonly answers: readonly DraftAnswer[]
  /** The answer file. */
  readonly text: string
  readonly secrets: Readonly<Partial<Record<'signer-private-key' | 'auth-token', Secret>>>
  readonly findings: readonly Finding[]
  readonly additions: readonly Addition[]
}
