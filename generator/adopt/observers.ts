/** The observers of a node: its own signer's, which the generator writes, and others, which the operator writes into EVENT_OBSERVERS. */

import { ports } from '../catalogue/container.ts'
import type { TomlTable } from '../render/toml.ts'
import { findAnswer } from '../answers/schema.ts'
import { valueFault } from '../answers/values.ts'
import type { ConfigFile, DraftAnswer, Finding, Setting } from './model.ts'
import { leftOut } from './pass.ts'
import { portOf } from './peers.ts'
import { isTables, type Leaf } from './units.ts'

const signersEvents = ['stackerdb', 'block_proposal', 'burn_blocks'] as const

/** Which of the observers is the signer's: the first that gets its events, and of several the one with its port. */
export function signersObserver({ signer, node }: Pick<Setting, 'signer' | 'node'>): number {
  const observers = observersOf(node)
  const port = portOf(signer.data['endpoint'])
  const rank = (one: TomlTable) => Number(hearsSigner(one)) * 2 + Number(port !== undefined && portOf(one['endpoint']) === port)
  const ranks = observers.map(rank)
  const best = Math.max(0, ...ranks)
  return best === 0 ? -1 : ranks.indexOf(best)
}

function observersOf(node: ConfigFile): readonly TomlTable[] {
  const found = node.data['events_observer']
  return isTables(found) ? found : []
}

function hearsSigner(observer: TomlTable): boolean {
  const keys = observer['events_keys']
  return Array.isArray(keys) && ['stackerdb', 'block_proposal'].every((key) => keys.includes(key))
}

const timeoutAnswer = 'SIGNER_OBSERVER_TIMEOUT_MS'

/** What the answer for the signer's observer can carry of its timeout. */
function signerTimeout({ signer, node }: Pick<Setting, 'signer' | 'node'>): string | undefined {
  const value = observersOf(node)[signersObserver({ signer, node })]?.['timeout_ms']
  const { type } = findAnswer(timeoutAnswer)!
  return (typeof value === 'number' || typeof value === 'bigint') && type.kind === 'number' && !valueFault(type, String(value)) ? String(value) : undefined
}

/** The answer, with its place. */
export function observerAnswers(setting: Setting): readonly DraftAnswer[] {
  const value = signerTimeout(setting)
  return value === undefined ? [] : [{ key: timeoutAnswer, value, from: [setting.node.place(`events_observer[${signersObserver(setting)}].timeout_ms`)] }]
}

export function observerFinding(setting: Setting, leaf: Leaf): Finding {
  const { origin, path, value } = leaf
  const match = /^events_observer\[(\d+)\]\.(.*)$/.exec(path)
  if (!match) return leftOut(leaf, 'it is no list of tables with keys: the generator writes the signer\'s observer itself')
  const [index, key] = [Number(match[1]), match[2]]
  if (index !== signersObserver(setting)) {
    return hearsSigner(observersOf(setting.node)[index]!) ? leftOut(leaf, 'another signer\'s observer: a stack has one signer', true)
      : leftOut(leaf, 'an observer besides the signer: if it is to go on, write it into EVENT_OBSERVERS', true)
  }
  if (key === 'endpoint') return { origin, key: path, fate: 'fixed', note: `the signer of the stack, at stacks-signer:${ports.signerEvents.number}` }
  if (key === 'events_keys') {
    const extra = Array.isArray(value) ? value.filter((one) => !(signersEvents as readonly unknown[]).includes(one)).length : 0
    return { origin, key: path, fate: 'fixed', note: `what a signer needs to hear${extra > 0 ? ', and nothing else' : ''}` }
  }
  if (key === 'timeout_ms') {
    return signerTimeout(setting) === undefined ? leftOut(leaf, 'its value cannot be used: the answer SIGNER_OBSERVER_TIMEOUT_MS expects 1000 to 600000', true)
      : { origin, key: path, fate: 'fixed', answers: [timeoutAnswer], note: 'how long the node waits for the signer to take an event' }
  }
  if (key === 'disable_retries' && value === true) return leftOut(leaf, 'an event that the signer misses would be lost for good', true)
  return leftOut(leaf, 'the generator leaves it at the node\'s default')
}
