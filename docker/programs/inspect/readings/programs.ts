/** What programs tell of themselves, and what their configs say. */

import type { Evidence } from '../evidence/evidence.ts'
import { fieldsOf, numberOf } from '../evidence/fields.ts'
import { Missing } from '../evidence/missing.ts'

const places = { 'stacks-node': ['node.info', 'server_version'], 'stacks-signer': ['signer.info', 'version'] } as const

/** The release that a program says it is; undefined where it does not answer. */
export function releaseIn(seen: Evidence, service: string): string | undefined {
  const [section, key] = places[service as keyof typeof places] ?? []
  if (section === undefined || !seen.has(section)) return undefined
  const said = seen.answer(section)[key]
  return typeof said === 'string' ? /\b\d+(?:\.\d+){2,5}\b/.exec(said)?.[0] : undefined
}

/** How many Stacks blocks the best peer is ahead, by /v3/health; undefined where the node knows no peer or does not say. */
export function behindPeers(health: unknown, name: string): number | undefined {
  if (health === null || health === undefined) return undefined
  const { max_stacks_neighbor_address: peer, difference_from_max_peer: behind } = fieldsOf(health, name)
  return peer === null || peer === undefined ? undefined : numberOf(behind, `difference_from_max_peer of ${name}`)
}

export type Setting = readonly [key: string, value: string]

/** The settings that hold no secret, of a file in config/; Missing where they could not be read. */
export function settings(seen: Evidence, file: 'node-config.toml' | 'signer-config.toml'): readonly Setting[] {
  const found: Setting[] = []
  let current = ''
  for (const line of seen.lines('config.lines')) {
    const [, name] = /^file (.*)$/.exec(line) ?? []
    const [, key, value] = /^([^=]*)=(.*)$/.exec(line) ?? []
    if (name !== undefined) current = name
    else if (key !== undefined && current === `config/${file}`) found.push([key.trim(), value!.trim().replace(/^"+|"+$/g, '')])
  }
  if (found.length === 0) throw new Missing(`config/${file} could not be read`)
  return found
}
