/** Lines of the committed configs that hold no secret. */

import type { Evidence } from '../evidence/evidence.ts'
import { Missing } from '../evidence/missing.ts'

type Setting = readonly [key: string, value: string]

/** The settings of a file in config/; Missing where they could not be read. */
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
