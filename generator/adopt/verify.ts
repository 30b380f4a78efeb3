/**
 * Generates from the answers and compares with the originals, as data: what differs is said of the keys that differ, and
 * what the generated files have beyond the originals is listed. Nothing that is carried on may come out otherwise.
 */

import { checkAnswers } from '../answers/check.ts'
import { readAnswers } from '../answers/read.ts'
import { hasErrors, type Problem } from '../problem.ts'
import type { TomlTable, TomlValue } from '../render/toml.ts'
import { placeholder, placeholders, type Placeholder } from '../catalogue/container.ts'
import { resolve } from '../stack/resolve.ts'
import { showable } from './hiding.ts'
import type { Addition, Finding, Setting, Unit } from './model.ts'
import { isTables, sameData, unitsOf } from './units.ts'

export interface Generated {
  readonly signer: TomlTable
  readonly node: TomlTable
}

/** Both configs as the answers give them, or the problems that stand against it. */
export function generated(text: string): { readonly value?: Generated; readonly problems: readonly Problem[] } {
  const read = readAnswers('answers.env', text)
  const checked = checkAnswers('answers.env', read.entries, { secretsAllowed: false, outputDirectory: '.' })
  const early = [...read.problems, ...checked.problems]
  if (hasErrors(early) || !checked.value) return { problems: early }
  const { value, problems } = resolve(checked.value)
  return value ? { value: { signer: value.signerConfig, node: value.nodeConfig }, problems: [...early, ...problems] } : { problems: [...early, ...problems] }
}

export function compareWith(setting: Setting, made: Generated, findings: readonly Finding[], units: ReadonlyMap<Finding, Unit>): {
  readonly findings: readonly Finding[]; readonly additions: readonly Addition[]
} {
  const additions: Addition[] = []
  const differing = new Map<string, string>()
  const fates = fatesOf(findings, units)
  for (const program of ['signer', 'node'] as const) {
    const [before, after] = [unitsOf(program, setting[program].data), unitsOf(program, made[program])]
    for (const path of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(path), after.get(path)]
      if (old === undefined) additions.push({ unit: { program, path }, note: `${path} = ${valueText(setting, path, now!)}` })
      else if (!sameData(old, now)) {
        const fate = fates.get(`${program} ${path}`) ?? []
        if (fate.includes('secret') && isPlaceholder(now)) continue
        if (fate.some((one) => one !== 'fixed' && one !== 'left-out')) throw new Error(`${path} was to be carried on and comes out otherwise`)
        differing.set(`${program} ${path}`, changeText(setting, path, now))
      }
    }
  }
  return {
    additions,
    findings: findings.map((finding) => {
      const unit = units.get(finding)
      const change = unit && differing.get(`${unit.program} ${unit.path}`)
      if (!unit || change === undefined) return finding
      return { ...finding, unit, ...(finding.fate === 'fixed' && change !== '' && { note: `${finding.note}; ${change}` }) }
    }),
  }
}

function fatesOf(findings: readonly Finding[], units: ReadonlyMap<Finding, Unit>): ReadonlyMap<string, readonly string[]> {
  const fates = new Map<string, string[]>()
  for (const finding of findings) {
    const unit = units.get(finding)
    if (!unit) continue
    const key = `${unit.program} ${unit.path}`
    fates.set(key, [...fates.get(key) ?? [], finding.fate])
  }
  return fates
}

function isPlaceholder(value: TomlValue | undefined): boolean {
  return (Object.keys(placeholders) as Placeholder[]).some((name) => placeholder(name) === value)
}

/** A list of tables is not told in a word. */
function changeText(setting: Setting, path: string, now: TomlValue | undefined): string {
  if (now === undefined) return 'not in the generated file'
  return isTables(now) ? '' : `now ${valueText(setting, path, now)}`
}

function valueText(setting: Setting, path: string, value: TomlValue): string {
  return isPlaceholder(value) ? 'from secrets/' : showable(setting, path.split('.').at(-1)!, value)
}
