/** The text of a passed-through key at the type that the release's config wants. */

import type { KeyFact } from '../catalogue/keys.ts'
import { shown } from './mask.ts'
import type { Fault } from './fault.ts'
import { controlFault, didYouMean } from './values.ts'
import { suggest } from '../suggest.ts'

/** What can be passed through; tables cannot. */
export type PassedValue = string | number | bigint | boolean | readonly string[]

export type PassedResult = { readonly value: PassedValue } | { readonly fault: Fault }

/** Integers beyond 2^53 become bigint; lists of strings are written with commas. */
export function passedValue(fact: KeyFact, text: string): PassedResult {
  const control = controlFault(text)
  if (control) return { fault: control }
  switch (fact.type) {
    case 'boolean': return booleanValue(text)
    case 'integer': return integerValue(text, fact.range)
    case 'float': return floatValue(text)
    case undefined: return guessedValue(text)
    case 'string[]': return { value: text.split(',').map((part) => part.trim()).filter((part) => part !== '') }
    default: return stringValue(text, fact.values)
  }
}

/** For a key whose type is not recorded (those of miners): what it looks like is what it is. */
function guessedValue(text: string): PassedResult {
  if (text === 'true' || text === 'false') return { value: text === 'true' }
  if (/^(0|[1-9][0-9]{0,15})$/.test(text)) return integerValue(text, undefined)
  return { value: text }
}

function booleanValue(text: string): PassedResult {
  if (text === 'true' || text === 'false') return { value: text === 'true' }
  const guess = /^(true|yes|on|1)$/i.test(text) ? 'true' : /^(false|no|off|0)$/i.test(text) ? 'false' : undefined
  return { fault: { message: `expects true or false, found ${shown(text)}`, ...didYouMean(guess) } }
}

function integerValue(text: string, range: KeyFact['range']): PassedResult {
  if (!/^-?(0|[1-9][0-9]*)$/.test(text)) {
    const digits = text.replaceAll(/[_,\s]/g, '')
    return { fault: { message: `expects a whole number, found ${shown(text)}`, ...didYouMean(/^[1-9][0-9]{0,18}$/.test(digits) ? digits : undefined) } }
  }
  // Compared as bigint: the upper bound of most keys is 2^63 - 1, which a number cannot hold.
  const value = BigInt(text.slice(0, 25))
  const [low, high] = bounds(range)
  if (value < low || value > high) return { fault: { message: `expects a whole number from ${low} to ${high}, found ${shown(text)}` } }
  return { value: value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value }
}

const largest = 2n ** 63n - 1n

function bounds(range: KeyFact['range']): readonly [bigint, bigint] {
  if (!range) return [0n, largest]
  // 2^63 - 1 has become 2^63 where it went through a number.
  const [low, high] = [BigInt(range[0]), BigInt(range[1])]
  return [low, high > largest ? largest : high]
}

function floatValue(text: string): PassedResult {
  const value = Number(text)
  const plain = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/.test(text) && Number.isFinite(value)
  // Nothing in these configs is meant smaller, and exponents do not survive every TOML writer.
  if (!plain || /e/i.test(String(value))) return { fault: { message: `expects a number like 0.1, found ${shown(text)}` } }
  return { value }
}

function stringValue(text: string, values: readonly string[] | undefined): PassedResult {
  if (!values || values.includes(text)) return { value: text }
  const list = `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`
  return { fault: { message: `expects ${list}, found ${shown(text)}`, ...didYouMean(suggest(text.toLowerCase(), values)) } }
}
