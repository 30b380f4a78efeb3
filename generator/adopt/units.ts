/** A TOML cut into what can be compared and told apart: units that agree or differ, and keys that each meet one fate. */

import type { TomlTable, TomlValue } from '../render/toml.ts'
import type { ConfigFile, Origin, Unit } from './model.ts'

/** One key of an original. */
export interface Leaf {
  /** With its section, as in `node.rpc_bind` or `events_observer[0].endpoint`. */
  readonly path: string
  readonly value: TomlValue
  readonly unit: Unit
  readonly origin: Origin
}

/** The units of a config by path: keys of the flat signer's, `section.key` or a list of tables of the node's. */
export function unitsOf(program: Unit['program'], data: TomlTable): ReadonlyMap<string, TomlValue> {
  const pairs = Object.entries(data)
  if (program === 'signer') return new Map(pairs)
  return new Map(pairs.flatMap(([name, value]): [string, TomlValue][] =>
    (isTable(value) && Object.keys(value).length > 0 ? Object.entries(value).map(([key, one]) => [`${name}.${key}`, one]) : [[name, value]])))
}

/** Every key; of a list of tables each key of each table for the observers, else the list as one. */
export function leavesOf(program: Unit['program'], { data, place }: ConfigFile): readonly Leaf[] {
  return [...unitsOf(program, data)].flatMap(([path, value]) =>
    keysBelow(path, value).map((leaf) => ({ ...leaf, unit: { program, path }, origin: place(leaf.path) })))
}

function keysBelow(path: string, value: TomlValue): readonly Pick<Leaf, 'path' | 'value'>[] {
  if (path === 'events_observer' && isTables(value) && value.length > 0) return value.flatMap((one, index) => keysBelow(`${path}[${index}]`, one))
  if (!isTable(value) || Object.keys(value).length === 0) return [{ path, value }]
  return Object.entries(value).flatMap(([key, one]) => keysBelow(`${path}.${key}`, one))
}

export function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

export function isTables(value: unknown): value is readonly TomlTable[] {
  return Array.isArray(value) && value.every(isTable)
}

/** Whether two values are the same data: the order of keys does not count, and 1 is 1 in whatever width. */
export function sameData(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (!isTable(value)) return typeof value === 'string' ? JSON.stringify(value) : String(value)
  return `{${Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).sort().join()}}`
}
