/** What one release accepts, taken from the facts when a double is built; a double holds the tables of its release alone. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../support/repository.ts'
import { compareVersions } from './shared/version.ts'

/** What the value of one key must be. */
export interface KeyRule {
  /** As in the facts; `any` where they name the key alone. */
  readonly type: string
  readonly range?: readonly number[]
  readonly values?: readonly string[]
  readonly required: boolean
  /** `rejected on mainnet`, `true rejected on mainnet`. */
  readonly mainnet?: string
}

export type KeyRules = Readonly<Record<string, KeyRule>>

/** Everything of a release that the doubles go by. */
export interface Tables {
  readonly release: string
  readonly signer: {
    /** Whether an unknown key is fatal. */
    readonly strict: boolean
    readonly keys: KeyRules
    /** The newest epoch whose name it can read in the node's answer. */
    readonly lastKnownEpoch: string
  }
  readonly node: {
    readonly sections: Readonly<Record<string, { readonly array: boolean; readonly keys: KeyRules }>>
    /** Names that `[[burnchain.epochs]]` may hold. */
    readonly epochNames: readonly string[]
    /** What it lists of its own on mainnet: name and first Bitcoin height. */
    readonly mainnetEpochs: readonly (readonly [name: string, start: number])[]
  }
}

interface Key {
  readonly name: string; readonly type?: string; readonly range?: readonly number[]; readonly values?: readonly string[]
  readonly required?: boolean; readonly since: string; readonly removed: string | null; readonly mainnet?: string | null; readonly testBuildsOnly?: boolean
}
type ByRelease<T> = Readonly<Record<string, T>>
interface Facts {
  readonly releaseOrder: { readonly node: readonly string[]; readonly signer: readonly string[] }
  readonly signerConfig: { readonly keys: readonly Key[]; readonly unknownKeys: { readonly rejectedSince: string } }
  readonly nodeConfig: { readonly sections: Readonly<Record<string, { readonly form: string; readonly keys?: readonly Key[] }>> }
  readonly epochs: {
    readonly configNames: ByRelease<readonly string[]>
    readonly mainnetStarts: Readonly<Record<string, number | 'MAX'>>
    readonly mainnetLastEpochByRelease: ByRelease<readonly [string, number | 'MAX']>
  }
  readonly compatibility: { readonly signer: ByRelease<{ readonly maxNodeMainnet: string }> }
}
interface Later { readonly releases: readonly string[]; readonly removedSignerKeys: Readonly<Record<string, string>> }

/** "Never": what the programs hold for an epoch that has no height yet. */
const never = Number.MAX_SAFE_INTEGER

/** The tables of `release`, which may be a node's, a signer's or both. Throws for one that is not in the facts. */
export function tablesOf(release: string): Tables {
  const facts = read<Facts>('stacks-releases.json')
  const later = read<Later>('later-releases.json')
  const { node, signer } = facts.releaseOrder
  if (![...node, ...signer, ...later.releases].some((one) => compareVersions(one, release) === 0)) throw new Error(`no facts on release ${release}`)
  const nodeFacts = newestUpTo(node, release)
  const epochs = Object.entries(facts.epochs.mainnetStarts).sort(([a], [b]) => compareVersions(a, b))
  const [lastName, lastStart] = facts.epochs.mainnetLastEpochByRelease[nodeFacts]!
  const { maxNodeMainnet } = facts.compatibility.signer[newestUpTo(signer, release)]!
  const removed = (key: Key) => ({ ...key, removed: key.removed ?? later.removedSignerKeys[key.name] ?? null })
  return {
    release,
    signer: {
      strict: compareVersions(release, facts.signerConfig.unknownKeys.rejectedSince) >= 0,
      keys: rules(facts.signerConfig.keys.map(removed), release),
      lastKnownEpoch: facts.epochs.mainnetLastEpochByRelease[maxNodeMainnet]![0],
    },
    node: {
      sections: Object.fromEntries(Object.entries(facts.nodeConfig.sections).map(([name, section]) => [name, {
        array: section.form.startsWith('array'),
        // [[mstx_balance]] is the old name of [[ustx_balance]].
        keys: rules(section.keys ?? facts.nodeConfig.sections['ustx_balance']!.keys!, release),
      }])),
      epochNames: facts.epochs.configNames[nodeFacts]!,
      mainnetEpochs: epochs.filter(([name]) => compareVersions(name, lastName) <= 0)
        .map(([name, start]) => [name, height(name === lastName ? lastStart : start)]),
    },
  }
}

function rules(keys: readonly Key[], release: string): KeyRules {
  const accepted = keys.filter(({ since, removed, testBuildsOnly }) =>
    !testBuildsOnly && compareVersions(since, release) <= 0 && (removed === null || compareVersions(release, removed) < 0))
  return Object.fromEntries(accepted.map(({ name, type, range, values, required, mainnet }) => [name, {
    type: type ?? 'any', required: required === true, ...(range && { range }), ...(values && { values }), ...(mainnet && { mainnet }),
  }]))
}

function newestUpTo(releases: readonly string[], release: string): string {
  return releases.filter((one) => compareVersions(one, release) <= 0).at(-1) ?? releases[0]!
}

function height(start: number | 'MAX'): number {
  return start === 'MAX' ? never : start
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(repository, 'test/facts', name), 'utf8')) as T
}
