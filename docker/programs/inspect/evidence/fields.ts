/** JSON from programs and the engine: each value has the type that is asked for, or there is no evidence. */

import { Missing } from './missing.ts'

export type Fields = Readonly<Record<string, unknown>>

/** The object in a text. */
export function parseFields(text: string, name: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Missing(`${name} is not JSON`)
  }
  return fieldsOf(value, name)
}

export function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unexpected(name)
  return value as Fields
}

/** A number that is one: neither infinite nor text. */
export function numberOf(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new Missing(`${name} is not a number`)
  return value
}

/** '' where the engine has nothing to say. */
export function textOf(value: unknown, name: string): string {
  if (value !== null && value !== undefined && typeof value !== 'string') throw unexpected(name)
  return value ?? ''
}

/** Go writes null for an empty list. */
export function listOf(value: unknown, name: string): readonly unknown[] {
  if (value !== null && value !== undefined && !Array.isArray(value)) throw unexpected(name)
  return value ?? []
}

export function textsOf(value: unknown, name: string): readonly string[] {
  return listOf(value, name).map((one) => textOf(one, name))
}

/** Go writes null for an empty map. */
export function entriesOf(value: unknown, name: string): readonly (readonly [string, unknown])[] {
  return Object.entries(fieldsOf(value ?? {}, name))
}

function unexpected(name: string): Missing {
  return new Missing(`${name} has an unexpected form`)
}
