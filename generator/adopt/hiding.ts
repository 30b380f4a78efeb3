/** Which values may be neither shown nor committed: those that stand under a telling name anywhere, and those that look like a key. */

import { looksSecret, maskText } from '../answers/mask.ts'
import type { TomlValue } from '../render/toml.ts'
import type { EnvFacts } from './env-file.ts'
import { valueLabel } from './label.ts'
import type { ConfigFile, Setting } from './model.ts'
import { leavesOf } from './units.ts'

/** Keys whose values hold public keys, hashes or contract names, which look like secrets and are none. */
const publicDigits = new Set(['bootstrap_node', 'deny_nodes', 'stackerdb_hint_replicas', 'local_mining_public_key', 'first_burn_block_hash'])

/** Every text under a telling name. A user name is no secret by itself, and is too often an everyday word. */
export function secretTexts(signer: ConfigFile, node: ConfigFile, env: EnvFacts, others: readonly string[]): readonly string[] {
  const keys = [...leavesOf('signer', signer), ...leavesOf('node', node)]
  const found = keys.flatMap(({ path, value }) => (tells(path) && typeof value === 'string' ? [value] : []))
  const variables = env.entries.flatMap(({ name, value }) => (looksSecret(name) ? [value] : []))
  return [...new Set([...found, ...variables, ...others].map((text) => text.trim()).filter((text) => text.length >= 4))]
}

function tells(path: string): boolean {
  const key = path.split('.').at(-1)!
  return looksSecret(key) && !publicDigits.has(key)
}

/** Why a value may not go into a committed file; undefined where it may. */
export function exposure({ secretTexts: secrets }: Pick<Setting, 'secretTexts'>, key: string, value: TomlValue): string | undefined {
  for (const text of texts(value)) {
    if (secrets.some((one) => text === one || (one.length >= 12 && text.includes(one)))) return 'it holds the value of a secret'
    if (/\/\/[^/\s]*@/.test(text)) return 'it holds a user or password'
    if (!publicDigits.has(key) && maskText(text) !== text) return 'it looks like a key'
  }
  return undefined
}

/** A value as it may be shown. */
export function showable(setting: Pick<Setting, 'secretTexts'>, key: string, value: TomlValue): string {
  return exposure(setting, key, value) ? '[hidden]' : valueLabel(key === 'events_keys' ? '' : key, value)
}

function texts(value: TomlValue): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return (value as readonly TomlValue[]).flatMap(texts)
  return typeof value === 'object' ? Object.values(value).flatMap(texts) : []
}
