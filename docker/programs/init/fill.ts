/** Puts secrets into a committed config. Messages name files and keys, never a value. */

import { createHmac } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import TOML from '@iarna/toml'
import { eventRelay, placeholder, type Placeholder } from '../../../generator/catalogue/container.ts'
import { OperatorError } from '../shared/program.ts'
import type { Root } from '../shared/root.ts'
import { readSecret } from '../shared/secrets.ts'

const relay = `${eventRelay}:`

/** A line of a TOML file; one with the secret inside of an address, which has the secret's own name for a key; and the lines of bitcoin.conf, which knows no quotes. */
const forms: readonly { readonly pattern: RegExp; written(value: string): string }[] = [
  { pattern: /^(?<start>[ \t]*(?<key>[A-Za-z0-9_-]+)[ \t]*=[ \t]*)"@(?<name>[A-Z][A-Z0-9_]*)@"[ \t]*$/, written: (value) => `"${value.replace(/[\\"]/g, '\\$&')}"` },
  { pattern: /^(?<start>[ \t]*(?:[a-z_]+[ \t]*=[ \t]*)?(?:\[ )?"[a-z]+:\/\/(?:[a-z-]+:)?)@(?<key>(?<name>[A-Z][A-Z0-9_]*))@(?<end>@[^"@\\]*"(?: \])?,?[ \t]*)$/, written: (value) => value },
  { pattern: /^(?<start>(?<key>rpcauth=[a-z-]+):)@(?<name>BITCOIN_METRICS_RPCAUTH|SBTC_BITCOIN_RPCAUTH)@$/, written: rpcauth },
]

/** Salt and hash, as bitcoind compares them with a password. The salt follows from the password: the same file every time. */
function rpcauth(password: string): string {
  const salt = createHmac('sha256', 'rpcauth salt').update(password).digest('hex').slice(0, 32)
  return `${salt}$${createHmac('sha256', salt).update(password).digest('hex')}`
}

/**
 * `text` with its placeholders replaced. `wanted` has the placeholder of each key; each must stand exactly once on a line of
 * its own, and no other line may look like one. `file` is the name for messages.
 */
export function fill(at: Root, text: string, file: string, wanted: Readonly<Record<string, Placeholder>>): string {
  const left = new Map(Object.entries(wanted))
  const lines = text.split('\n').map((line, index) => {
    for (const { pattern, written } of forms) {
      const { start, key = '', name = '', end = '' } = pattern.exec(line)?.groups ?? {}
      if (start === undefined) continue
      const asked = left.get(key)
      if (asked === undefined || asked !== name) {
        const fault = Object.hasOwn(wanted, key) && wanted[key] === name ? 'stands there twice' : 'is not a placeholder that belongs here'
        throw new OperatorError(`${file} line ${index + 1}: ${key} = "@${name}@" ${fault}; generate the stack again`)
      }
      left.delete(key)
      return `${start}${written(readSecret(at, asked))}${end}`
    }
    return line
  })
  for (const [key, name] of left) throw new OperatorError(`${file}: the line ${key} = "${placeholder(name)}" is missing; generate the stack again`)
  return lines.join('\n')
}

/** `text` without its tables `[[events_observer]]`, and else the same: for a node that runs while no signer is there. What goes through the relay stays. */
export function withoutObservers(text: string, file: string): string {
  const parts = text.split(/^(?=\[)/m).filter((part) => !/^\[\[events_observer\]\]\s*$/m.test(part) || part.includes(`\nendpoint = "${relay}`))
  const rest = `${parts.join('').trimEnd()}\n`
  if (!isSameButObservers(text, rest)) throw new OperatorError(`${file}: its observers cannot be told from the rest; generate the stack again`)
  return rest
}

function isSameButObservers(text: string, rest: string): boolean {
  try {
    const { events_observer: observers, ...others } = TOML.parse(text)
    const left = ((observers ?? []) as readonly { readonly endpoint?: unknown }[]).filter(({ endpoint }) => String(endpoint).startsWith(relay))
    return isDeepStrictEqual(TOML.parse(rest), left.length > 0 ? { ...others, events_observer: left } : others)
  } catch {
    return false
  }
}
