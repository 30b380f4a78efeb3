/** TOML text from data; the only user of @iarna/toml. Knows no word of the domain. */

import TOML from '@iarna/toml'
import { memory } from './memory.ts'

export type TomlValue = string | number | bigint | boolean | TomlTable | readonly TomlValue[]
export interface TomlTable { readonly [key: string]: TomlValue }

/**
 * The table as TOML, under comment lines made of `header`. Throws for what the library would drop or misprint in
 * silence: undefined, null, numbers that do not read back.
 */
export function renderToml(table: TomlTable, header: readonly string[]): string {
  const body = TOML.stringify(checked(table, '') as TOML.JsonMap)
  const text = `${header.map((line) => (line ? `# ${line}` : '#')).join('\n')}\n\n${body.trimEnd()}\n`
  if (readBack(text, () => canonical(TOML.parse(text))) !== canonical(table)) {
    throw new Error('the TOML does not read back to the data it was made of')
  }
  return text
}

/** What a text says, in canonical form: reading takes longer than all the rest, and most texts of a fleet are alike. */
const readBack = memory<string>(50)

/** TOML text as data; undefined when it is not TOML. */
export function parseToml(text: string): TomlTable | undefined {
  try {
    return TOML.parse(text) as unknown as TomlTable
  } catch {
    return undefined
  }
}

/** Where a text is not what it should be; lines and columns count from 1. */
export interface TextFault {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** TOML text as data, or where and why it is not TOML. The message quotes nothing of the text, which may hold secrets. */
export function readToml(text: string): { readonly data: TomlTable } | { readonly fault: TextFault } {
  try {
    return { data: TOML.parse(text) as unknown as TomlTable }
  } catch (cause) {
    const { line, col, message } = cause as { readonly line?: number; readonly col?: number; readonly message: string }
    const why = message.split(/ at row \d|\n/)[0]!.replace(/(?<=Unknown (?:character|escape character)).*/, '')
    return { fault: { line: (line ?? 0) + 1, column: Math.max(1, col ?? 1), message: `${why[0]!.toLowerCase()}${why.slice(1)}` } }
  }
}

function checked(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item, index) => checked(item, `${path}[${index}]`))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, checked(item, `${path}.${key}`)]))
  }
  const fits = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint'
    || (typeof value === 'number' && Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)))
  if (!fits) throw new Error(`${path.slice(1)} cannot be written as TOML`)
  return typeof value === 'number' || typeof value === 'bigint' ? digitsAlone(value) : value
}

/** The library writes 8335 as 8_335, which a search for 8335 does not find. A date is written as it says itself. */
function digitsAlone(value: number | bigint): object {
  return { toISOString: () => String(value), valueOf: () => 0 }
}

/** One text for equal data: keys sorted, a bigint and the number of the same value alike. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? JSON.stringify(value) : String(value)
  const pairs = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
  return `{${pairs.sort().join()}}`
}
