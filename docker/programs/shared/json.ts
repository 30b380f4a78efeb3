/** JSON in which integers keep every digit: JSON.parse rounds what goes beyond 2^53, as the versions of slots may. */

import { parse, stringify } from 'lossless-json'

/** The value of a JSON text, with each integer as a BigInt and any other number as a Number. Throws for what is no JSON. */
export function parseJson(text: string): unknown {
  return parse(text, null, (digits) => (/^-?\d{1,20}$/.test(digits) ? BigInt(digits) : Number(digits)))
}

/** A value with BigInts as JSON text. */
export function toJson(value: object): string {
  return stringify(value)!
}

/** Whether a value of JSON is an object, not a list. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
