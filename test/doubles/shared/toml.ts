/** TOML read as strictly as the programs' own decoder: unknown keys, missing keys and wrong types are found. */

import TOML from '@iarna/toml'
import type { KeyRule, KeyRules } from '../tables.ts'
import { reason } from './log.ts'

export type Table = Readonly<Record<string, unknown>>

/** The document, or why it is none. */
export function parseToml(text: string): { readonly table: Table } | { readonly problem: string } {
  try {
    return { table: TOML.parse(text) }
  } catch (thrown) {
    return { problem: reason(thrown).split('\n')[0]! }
  }
}

/** What is wrong with `table`, in the decoder's words; unknown keys only where `strict`. `text` is the document it came from. */
export function checkKeys(table: unknown, rules: KeyRules, options: { readonly strict: boolean; readonly text: string; readonly where: string }): readonly string[] {
  const where = options.where === '' ? '' : ` for key \`${options.where}\``
  if (!isTable(table)) return [`invalid type: expected a table${where}`]
  const unknown = options.strict ? Object.keys(table).filter((key) => !Object.hasOwn(rules, key)) : []
  return [
    ...unknown.map((key) => `unknown field \`${key}\`, expected one of ${Object.keys(rules).map((name) => `\`${name}\``).join(', ')}${where}`),
    ...Object.entries(rules).flatMap(([key, rule]) => {
      if (table[key] === undefined) return rule.required ? [`missing field \`${key}\`${where}`] : []
      return hasType(key, table[key], rule, options.text) ? [] : [`invalid type or value: expected ${expected(rule)} for key \`${[options.where, key].filter(Boolean).join('.')}\``]
    }),
  ]
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

export function isTableList(value: unknown): value is readonly Table[] {
  return Array.isArray(value) && value.every(isTable)
}

/** A section of a document, empty where it is absent. */
export function section(table: Table, name: string): Table {
  const found = table[name]
  return isTable(found) ? found : {}
}

/** A string field of a table whose types were checked. */
export function stringOf(table: Table | undefined, key: string): string | undefined {
  const value = table?.[key]
  return typeof value === 'string' ? value : undefined
}

/** An integer field of a table whose types were checked. */
export function integerOf(table: Table | undefined, key: string): number | undefined {
  const value = table?.[key]
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined
}

function hasType(key: string, value: unknown, { type, range, values }: KeyRule, text: string): boolean {
  if (type === 'any') return true
  if (type === 'string') return typeof value === 'string'
  if (type === 'enum') return typeof value === 'string' && (values ?? []).includes(value)
  if (type === 'boolean') return typeof value === 'boolean'
  if (type === 'float') return typeof value === 'number'
  if (type === 'string[]') return Array.isArray(value) && value.every((one) => typeof one === 'string')
  if (type.startsWith('array-of-tables')) return isTableList(value)
  const [low, high] = range ?? [0, 2 ** 63]
  return (typeof value === 'bigint' || Number.isInteger(value)) && Number(value) >= low! && Number(value) <= high! && !writtenAsFloat(key, text)
}

/** The parser gives 5 for `5.0`, which the programs refuse for an integer. */
export function writtenAsFloat(key: string, text: string): boolean {
  return new RegExp(`^\\s*${key}\\s*=\\s*[+-]?[\\d_]+(\\.|[eE])`, 'm').test(text)
}

function expected({ type, values, range }: KeyRule): string {
  if (values) return `one of ${values.join(', ')}`
  return range ? `${type} of ${range.join(' to ')}` : type
}
