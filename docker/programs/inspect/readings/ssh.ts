/** The settings of the SSH server that are in effect. */

import type { Evidence } from '../evidence/evidence.ts'
import { Missing } from '../evidence/missing.ts'

/** By name in small letters; undefined where there is no server. */
export function sshSettings(seen: Evidence): ReadonlyMap<string, string> | undefined {
  const lines = seen.lines('ssh')
  if (lines.length === 1 && lines[0] === 'none') return undefined
  const settings = new Map(lines.flatMap((line) => {
    const [, name, value] = /^(\S+)\s+(.*)$/.exec(line.toLowerCase()) ?? []
    return name === undefined ? [] : [[name, value!.trim()] as const]
  }))
  if (settings.size === 0) throw new Missing('sshd tells its settings to root alone')
  return settings
}
