/** Which release a program says that it is. */

import type { Evidence } from '../evidence/evidence.ts'

const places = { 'stacks-node': ['node.info', 'server_version'], 'stacks-signer': ['signer.info', 'version'] } as const

/** Undefined where it does not answer. */
export function releaseIn(seen: Evidence, service: string): string | undefined {
  const [section, key] = places[service as keyof typeof places] ?? []
  if (section === undefined || !seen.has(section)) return undefined
  const said = seen.answer(section)[key]
  return typeof said === 'string' ? /\b\d+(?:\.\d+){2,5}\b/.exec(said)?.[0] : undefined
}
