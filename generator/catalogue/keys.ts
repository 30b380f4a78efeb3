/** The keys that each release accepts in its TOML. */

import { suggest } from '../suggest.ts'
import nodeData from './data/node-keys.json' with { type: 'json' }
import signerData from './data/signer-keys.json' with { type: 'json' }
import { compareVersions, type Release } from './releases.ts'

/** One key; `since` is the first release with it (the oldest known one means "that or earlier"), `removed` the first without. */
export interface KeyFact {
  readonly name: string
  /** `enum` is a string with `values`; absent where the type is not recorded. */
  readonly type?: string
  readonly range?: readonly [number, number]
  readonly values?: readonly string[]
  readonly since: string
  readonly removed?: string
  readonly secret?: boolean
}

export type KeyVerdict =
  | { readonly status: 'accepted'; readonly fact: KeyFact }
  | { readonly status: 'removed'; readonly removed: string }
  | { readonly status: 'not-yet'; readonly since: string }
  | { readonly status: 'unknown' | 'unknown-section'; readonly suggestion?: string }

const signerFacts = signerData as unknown as readonly KeyFact[]
const nodeFacts = nodeData as unknown as readonly (KeyFact & { readonly section: string })[]

export const nodeSections: readonly string[] = [...new Set(nodeFacts.map(({ section }) => section))]

/** What this signer makes of a key of its flat TOML. */
export function signerKey(release: Release, name: string): KeyVerdict {
  return judge(release, name, signerFacts)
}

/** What this node makes of a key of a section. */
export function nodeKey(release: Release, section: string, name: string): KeyVerdict {
  const facts = nodeFacts.filter((fact) => fact.section === section)
  if (facts.length === 0) return { status: 'unknown-section', ...guess(section, nodeSections) }
  return judge(release, name, facts)
}

/** The names that this release accepts: of its flat TOML for a signer, of a section for a node. */
export function acceptedKeys(release: Release, section = ''): readonly string[] {
  const facts = release.kind === 'signer' ? signerFacts : nodeFacts.filter((fact) => fact.section === section)
  return facts.filter((fact) => judge(release, fact.name, [fact]).status === 'accepted').map(({ name }) => name)
}

function judge({ version }: Release, name: string, facts: readonly KeyFact[]): KeyVerdict {
  const fact = facts.find((one) => one.name === name)
  if (!fact) return { status: 'unknown', ...guess(name, facts.filter(({ removed }) => removed === undefined).map((one) => one.name)) }
  if (fact.removed !== undefined && compareVersions(version, fact.removed) >= 0) return { status: 'removed', removed: fact.removed }
  if (compareVersions(version, fact.since) < 0) return { status: 'not-yet', since: fact.since }
  return { status: 'accepted', fact }
}

function guess(word: string, candidates: readonly string[]): { readonly suggestion?: string } {
  const suggestion = suggest(word, candidates)
  return suggestion === undefined ? {} : { suggestion }
}
