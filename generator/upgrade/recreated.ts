/** Which containers `docker compose up -d` will make anew, and what that costs. */

import { parseYaml } from '../render/yaml.ts'

export interface Recreated {
  readonly service: string
  readonly what: 'new' | 'anew' | 'removed'
  /** How long its program may take to end by itself, in Compose's notation. */
  readonly stopGrace: string
}

interface Compose { readonly services: Readonly<Record<string, { readonly stop_grace_period?: string }>> }

/** Compares the services of two Compose files; one that differs in any field is made anew. */
export function recreated(before: string | undefined, after: string): readonly Recreated[] {
  const old = before === undefined ? {} : services(before)
  const now = services(after)
  return [...new Set([...Object.keys(now), ...Object.keys(old)])].flatMap((service) => {
    const [was, is] = [old[service], now[service]]
    if (was && is && JSON.stringify(was) === JSON.stringify(is)) return []
    return [{ service, what: !was ? 'new' as const : !is ? 'removed' as const : 'anew' as const, stopGrace: (was ?? is)?.stop_grace_period ?? '10s' }]
  })
}

function services(text: string): Compose['services'] {
  return (parseYaml(text) as Compose | undefined)?.services ?? {}
}
