/** What host-check tells: what the OpSec guide for signers asks for, line by line. It changes nothing. */

import type { Evidence } from '../evidence/evidence.ts'
import { Missing } from '../evidence/missing.ts'
import { plain } from '../evidence/text.ts'
import { accessRules } from './access.ts'
import { networkRules } from './network.ts'
import type { Rule } from './rule.ts'
import { systemRules } from './system.ts'

const rules: readonly Rule[] = [...accessRules, ...systemRules, ...networkRules]

export interface HostLine {
  readonly id: string
  readonly state: 'ok' | 'todo' | 'unknown'
  readonly asks: string
  readonly seen: string
  readonly why: string
  readonly do: string
}

export interface HostReport {
  /** 0 all is ok, 1 something is to be done, 2 what must be known could not be read. */
  readonly code: 0 | 1 | 2
  readonly complete: boolean
  readonly lines: readonly HostLine[]
}

/** Throws Missing where it is not known what this stack publishes. */
export function hostReport(seen: Evidence): HostReport {
  void seen.facts
  const lines = rules.filter((rule) => rule.concerns?.(seen) ?? true).map((rule) => lineOf(seen, rule))
  const some = (state: HostLine['state']) => lines.some((line) => line.state === state)
  return { code: some('todo') ? 1 : seen.complete && some('ok') ? 0 : 2, complete: seen.complete, lines }
}

function lineOf(evidence: Evidence, { id, asks, why, do: remedy, look }: Rule): HostLine {
  const line = (state: HostLine['state'], seen: string) => ({ id, state, asks, seen: plain(seen, 300), why, do: remedy })
  try {
    const [isSo, seen] = look(evidence)
    return line(isSo ? 'ok' : 'todo', seen)
  } catch (error) {
    // What no rule foresaw must not hide the other lines.
    return line('unknown', error instanceof Missing ? error.message : `the evidence could not be read (${String(error)})`)
  }
}

export function hostText({ complete, lines }: HostReport): readonly string[] {
  const count = (state: HostLine['state']) => lines.filter((line) => line.state === state).length
  return [
    ...lines.flatMap(({ state, asks, seen, why, do: remedy }) => [
      `${state.padEnd(8)} ${asks}`, `         ${seen}`, ...(state === 'ok' ? [] : [`         why: ${why}`]), ...(state === 'todo' ? [`         do:  ${remedy}`] : []),
    ]),
    ...(complete ? [] : ['unknown  The evidence ends early: more may be wrong than is shown here.']),
    '', `${count('ok')} ok, ${count('todo')} to do, ${count('unknown')} unknown. Nothing was changed.${count('unknown') > 0 ? ' Some of it only root can see: sudo make host-check.' : ''}`,
  ]
}
