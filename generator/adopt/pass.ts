/** A key that the release accepts becomes a line `SIGNER__key` or `NODE__section__key`, or it is said why it cannot. */

import { findMigration } from '../answers/migrations.ts'
import { passedValue } from '../answers/passed-value.ts'
import { quoteAnswer } from '../answers/quote.ts'
import { nodeKey, signerKey, type KeyFact, type KeyVerdict } from '../catalogue/keys.ts'
import { refusedValue } from '../catalogue/refused-values.ts'
import { compareVersions } from '../catalogue/releases.ts'
import type { TomlValue } from '../render/toml.ts'
import { adviceOf } from './advice.ts'
import { exposure } from './hiding.ts'
import { label } from './label.ts'
import type { DraftAnswer, Finding, Setting } from './model.ts'
import { sameData, type Leaf } from './units.ts'

export interface Passed {
  readonly finding: Finding
  readonly answer?: DraftAnswer
}

/** From this release on a signer refuses keys that it does not know; before, it passed over them in silence. */
const strictSigner = '4.0.2'

export function pass(setting: Setting, leaf: Leaf): Passed {
  const { program } = leaf.unit
  const release = setting.releases[program]
  const parts = leaf.path.split('.')
  const [section, key] = program === 'signer' ? ['', leaf.path] : [parts[0]!, parts.slice(1).join('.')]
  const verdict = program === 'signer' ? signerKey(release, key) : nodeKey(release, section, key)
  const name = `stacks-${program} ${release.version}`
  if (verdict.status !== 'accepted') return { finding: leftOut(leaf, rejection(verdict, key, name, program === 'signer' && compareVersions(release.version, strictSigner) < 0)) }
  if (verdict.fact.secret) return { finding: leftOut(leaf, 'it holds a secret that this stack has no use for') }
  const advice = adviceOf(setting, leaf)
  if (advice?.leaveOut) return { finding: leftOut(leaf, advice.note, true) }
  const exposed = exposure(setting, key, leaf.value)
  if (exposed) return { finding: leftOut(leaf, `${exposed}, and the answers are committed`, true) }
  const text = passText(verdict.fact, leaf.value)
  if (typeof text !== 'string') return { finding: leftOut(leaf, text.why) }
  const refusal = program === 'node' ? refusedValue(release, setting.network, section, key, text) : undefined
  if (refusal) return { finding: leftOut(leaf, `${name} refuses its value: ${refusal.reason}`) }
  const answer = program === 'signer' ? `SIGNER__${key}` : `NODE__${section}__${key}`
  return {
    finding: {
      origin: leaf.origin, key: leaf.path, fate: 'passed', answers: [answer], note: advice?.note ?? `${name} accepts it`, ...(advice?.danger && { danger: true }),
    },
    answer: { key: answer, value: text, from: [leaf.origin], ...(advice && { remark: advice.note }) },
  }
}

/** A finding of a key that goes no further. */
export function leftOut(leaf: Pick<Leaf, 'origin' | 'path'>, note: string, danger = false): Finding {
  return { origin: leaf.origin, key: leaf.path, fate: 'left-out', note, ...(danger && { danger: true }) }
}

type Rejected = Exclude<KeyVerdict, { readonly status: 'accepted' }>

function rejection(verdict: Rejected, key: string, name: string, lenient: boolean): string {
  const moved = findMigration(key)
  switch (verdict.status) {
    case 'removed': return `${name} refuses it: ${verdict.removed} removed the key`
    case 'not-yet': return `${name} does not know it: it came with ${verdict.since}`
    case 'unknown-section': return `${name} has no such section and refuses it${mean(verdict.suggestion)}`
    case 'unknown':
      if (moved) return `it ${moved.message}`
      return lenient ? `no signer knows it: ${name} passes over it in silence, and ${strictSigner} refuses it${mean(verdict.suggestion)}`
        : `${name} has no such key and refuses it${mean(verdict.suggestion)}`
  }
}

function mean(suggestion: string | undefined): string {
  return suggestion === undefined ? '' : `; was ${suggestion} meant?`
}

/** The text that reads back as this very value. */
export function passText(fact: KeyFact, value: TomlValue): string | { readonly why: string } {
  const text = Array.isArray(value) ? value.map(String).join(',') : String(value)
  const back = passedValue(fact, text)
  if ('fault' in back) return { why: `its value cannot be used: the key expects ${kindOf(fact)}` }
  if (!sameData(back.value, value) || typeof back.value !== typeof value && !bothNumbers(back.value, value)) {
    return { why: Array.isArray(value) ? 'a list with commas, blanks or empty texts in it cannot be written as an answer' : `its value cannot be used: the key expects ${kindOf(fact)}` }
  }
  return quoteAnswer(text) === undefined ? { why: 'its text cannot be written as an answer: no kind of quotes holds it' } : text
}

function bothNumbers(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'number' || typeof value === 'bigint')
}

function kindOf(fact: KeyFact): string {
  if (fact.values) return `${fact.values.slice(0, -1).map(label).join(', ')} or ${label(fact.values.at(-1)!)}`
  switch (fact.type) {
    case 'boolean': return 'true or false'
    case 'integer': return 'a whole number within its range'
    case 'float': return 'a number like 0.1'
    case 'string[]': return 'a list of texts'
    default: return 'a text of one line'
  }
}
