/** `SIGNER__key`, `NODE__section__key` and `SBTC__section__key`: keys of the pinned releases' own configs, checked against their schemas. */

import { scheduleFault } from '../catalogue/epoch-schedule.ts'
import { nodeKey, signerKey, type KeyVerdict } from '../catalogue/keys.ts'
import { networkFacts, type Network } from '../catalogue/networks.ts'
import { refusedValue } from '../catalogue/refused-values.ts'
import type { Release } from '../catalogue/releases.ts'
import { error, sortProblems, warning, type Problem } from '../problem.ts'
import { findGoverned, listOfTables } from './governed.ts'
import { shown } from './mask.ts'
import { findMigration } from './migrations.ts'
import { passedValue, type PassedValue } from './passed-value.ts'
import type { Entry } from './read.ts'
import { passSbtc } from './sbtc-pass-through.ts'
import { didYouMean } from './values.ts'

export interface PassThrough {
  readonly signer: Readonly<Record<string, PassedValue>>
  readonly node: Readonly<Record<string, Readonly<Record<string, PassedValue>>>>
  readonly sbtc: Readonly<Record<string, Readonly<Record<string, PassedValue>>>>
}

/** What keys are checked against; a release that is not known leaves the keys of its program unchecked, and they are not passed. */
export interface Pinned {
  readonly network: Network
  readonly node: Release | undefined
  readonly signer: Release | undefined
}

/** Whether this name is meant as a passed-through key, rightly written or not. */
export function isPassThrough(key: string): boolean {
  return /^(signer|node|sbtc)__/i.test(key)
}

interface Target { readonly consumer: 'signer' | 'node'; readonly section: string; readonly key: string }

/** The passed-through keys by program and section, each at its type, and every key that may not be passed. */
export function passThrough(entries: readonly Entry[], pinned: Pinned): { readonly value: PassThrough; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const signer: Record<string, PassedValue> = {}
  const node: Record<string, Record<string, PassedValue>> = {}
  const sbtc: Record<string, Record<string, PassedValue>> = {}
  // The order of the lines means nothing, so it must not show in the TOML.
  for (const entry of [...entries].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    if (/^sbtc__/i.test(entry.key)) {
      const passed = passSbtc(entry)
      if ('code' in passed) problems.push(passed)
      else (sbtc[passed.section] ??= {})[passed.key] = passed.value
      continue
    }
    const target = targetOf(entry)
    const found = 'code' in target ? target : readValue(target, entry, pinned)
    if ('code' in found) problems.push(found)
    else if (!('code' in target)) {
      if (found.problem) problems.push(found.problem)
      if (found.value === undefined) continue
      if (target.consumer === 'signer') signer[target.key] = found.value
      else (node[target.section] ??= {})[target.key] = found.value
    }
  }
  problems.push(...scheduleProblems(entries, node['burnchain'] ?? {}, pinned))
  return { value: { signer, node, sbtc }, problems: sortProblems(problems) }
}

/** The test network's epochs are given, and its cycles may be passed: the node holds the one against the other. */
function scheduleProblems(entries: readonly Entry[], burnchain: Readonly<Record<string, PassedValue>>, { network, node }: Pinned): readonly Problem[] {
  const entry = entries.find(({ key }) => /^NODE__burnchain__pox_(reward|prepare)_length$/.test(key))
  if (!node || !entry) return []
  const facts = networkFacts(network, node.version)
  if (facts.epochs.length === 0) return []
  const length = (key: string) => Number(burnchain[key] ?? facts.burnchain[key])
  const fault = scheduleFault(facts.epochs, { reward: length('pox_reward_length'), prepare: length('pox_prepare_length') }, node.version)
  return fault === undefined ? [] : [error('refused-value', `stacks-node ${node.version} cannot use this ${entry.key}: ${fault}`, entry.valuePlace, 'leave it out: it follows NETWORK')]
}

/** The value that every node and signer of a network must have for this key; undefined where each may have its own. */
function chainValue(network: Network, version: string, { consumer, section, key }: Target): string | number | undefined {
  const { chainId, node } = networkFacts(network, version)
  if (key === 'chain_id' && (consumer === 'signer' || section === 'burnchain')) return chainId
  return consumer === 'node' && section === 'node' && key.startsWith('pox_5_') ? node[key] : undefined
}

function targetOf(entry: Entry): Target | Problem {
  const [program, ...names] = entry.key.split('__')
  const consumer = program!.toLowerCase() === 'signer' ? 'signer' : 'node'
  const form = consumer === 'signer' ? 'SIGNER__key' : 'NODE__section__key'
  if (names.length !== (consumer === 'signer' ? 1 : 2) || names.includes('')) {
    const sectionless = consumer === 'node' && names.length === 1
    return error('bad-key-name', `a key is passed through as ${form}, found ${shown(entry.key)}`, entry.keyPlace,
      sectionless ? 'name the section of node-config.toml too, as in NODE__connection_options__timeout' : undefined)
  }
  const right = [consumer.toUpperCase(), ...names.map((name) => name.toLowerCase())].join('__')
  if (right !== entry.key) {
    return error('bad-key-name', `${form} has its prefix in capitals and the rest in small letters, found ${shown(entry.key)}`, entry.keyPlace, `did you mean ${right}?`)
  }
  return { consumer, section: consumer === 'signer' ? '' : names[0]!, key: names.at(-1)! }
}

function readValue(target: Target, entry: Entry, pinned: Pinned): Problem | { readonly value: PassedValue | undefined; readonly problem?: Problem } {
  const { consumer, section, key } = target
  const rule = findGoverned(consumer, section, key)
  if (rule) {
    const secret = rule.why.startsWith('holds a secret')
    return error(secret ? 'secret-key' : 'governed-key', `${nameOf(target)} cannot be passed through: it ${rule.why}`, entry.keyPlace, rule.instead)
  }
  const list = consumer === 'node' ? listOfTables(section, key) : undefined
  if (list) {
    return error('list-of-tables', `${list.name} is a list of tables in node-config.toml and cannot be passed through`, entry.keyPlace, `leave it out: ${list.why}`)
  }
  const release = pinned[consumer]
  if (!release) return { value: undefined }
  const verdict = consumer === 'signer' ? signerKey(release, key) : nodeKey(release, section, key)
  if (verdict.status !== 'accepted') return rejected(verdict, target, entry, release)
  if (verdict.fact.secret) {
    return error('secret-key', `${nameOf(target)} cannot be passed through: it holds a secret, and both the answers and the TOML are committed`, entry.keyPlace, 'leave it out')
  }
  const read = passedValue(verdict.fact, entry.value)
  if ('fault' in read) return error('bad-value', `${entry.key} ${read.fault.message}`, entry.valuePlace, read.fault.hint)
  const refusal = consumer === 'node' ? refusedValue(release, pinned.network, section, key, entry.value) : undefined
  if (refusal) {
    return error('refused-value', `stacks-node ${release.version} cannot use this ${nameOf(target)}: ${refusal.reason}`, entry.valuePlace,
      refusal.expects ? `it takes ${refusal.expects}` : 'leave it out')
  }
  const fixed = chainValue(pinned.network, release.version, target)
  if (fixed !== undefined && read.value !== fixed) {
    return error('refused-value', `${nameOf(target)} is ${fixed} on ${pinned.network}: another value is another chain`, entry.valuePlace, 'leave it out: it follows NETWORK')
  }
  const placeholder = /@[A-Z][A-Z0-9_]*@/.exec(entry.value)
  if (placeholder) return error('placeholder', `${nameOf(target)} holds ${placeholder[0]}, the form in which a secret is filled in at the start`, entry.valuePlace, 'write the value itself')
  const expands = typeof read.value === 'string' && /\$\{?[A-Za-z_]/.test(read.value)
  return { value: read.value, ...(expands && { problem: warning('no-expansion', `${nameOf(target)} holds a $, which is taken as it stands`, entry.valuePlace, 'nothing is expanded in an answer file') }) }
}

type Rejected = Exclude<KeyVerdict, { readonly status: 'accepted' }>

function rejected(verdict: Rejected, target: Target, entry: Entry, release: Release): Problem {
  const program = `stacks-${target.consumer} ${release.version}`
  const moved = findMigration(target.key)
  const name = nameOf(target)
  switch (verdict.status) {
    case 'removed': {
      const since = verdict.removed === release.version ? 'it removed the key' : `${verdict.removed} removed the key`
      return error('removed-key', `${program} refuses ${name}: ${since}`, entry.keyPlace, moved?.hint ?? 'leave it out')
    }
    case 'not-yet':
      return error('key-too-new', `${program} does not know ${name} yet: it came with ${verdict.since}`, entry.keyPlace, `leave it out, or pin ${verdict.since} or later`)
    case 'unknown-section':
      return error('unknown-key', `${program} has no section ${shown(target.section)}`, entry.keyPlace,
        didYouMean(verdict.suggestion && `NODE__${verdict.suggestion}__${target.key}`).hint)
    case 'unknown':
      if (moved) return error('obsolete-answer', `${target.key} ${moved.message}`, entry.keyPlace, moved.hint)
      return error('unknown-key', `${program} has no key ${name}`, entry.keyPlace, didYouMean(verdict.suggestion && longName({ ...target, key: verdict.suggestion })).hint)
  }
}

/** As the operator would look it up: `dry_run`, `node.txindex`. */
function nameOf({ consumer, section, key }: Target): string {
  const name = shown(consumer === 'signer' ? key : `${section}.${key}`)
  return name.startsWith('"') ? name.slice(1, -1) : name
}

function longName({ consumer, section, key }: Target): string {
  return consumer === 'signer' ? `SIGNER__${key}` : `NODE__${section}__${key}`
}
