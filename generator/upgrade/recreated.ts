/** Which containers `docker compose up -d` will make anew, and what that costs. */

import { parseYaml } from '../render/read-yaml.ts'

export interface Recreated {
  readonly service: string
  /** The directory of the host it stands on, where there are two. */
  readonly host?: string
  /** `restarted`: the container stays, and is stopped and started around one that it depends on. */
  readonly what: 'new' | 'anew' | 'restarted' | 'removed'
  /** How long its program may take to end by itself, in Compose's notation. */
  readonly stopGrace: string
}

interface Service {
  readonly image?: unknown
  readonly stop_grace_period?: string
  /** By name where one of them has an address that stays. */
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>
  readonly depends_on?: Readonly<Record<string, { readonly restart?: boolean }>>
}

interface Compose {
  readonly name?: string
  readonly services?: Readonly<Record<string, Service>>
  readonly networks?: Readonly<Record<string, unknown>>
}

/** What Compose leaves out when it judges whether a container is still what its service says. */
const notJudged = new Set(['build', 'depends_on', 'pull_policy', 'profiles'])

/**
 * Compares two Compose files, the second made here, as `docker compose up -d` does: a service that differs in any field that
 * Compose judges, or stands on a network that differs, is made anew; who depends on it with `restart` is restarted.
 */
export function recreated(before: string | undefined, after: string): readonly Recreated[] {
  const now = read(after)
  const was = before === undefined ? {} : read(before)
  // Another project name is another set of containers.
  const old = was.name === now.name ? was : {}
  const services = { ...old.services, ...now.services }
  const found = new Map<string, Recreated['what']>()
  for (const name of Object.keys(services)) {
    const what = difference(name, old, now)
    if (what) found.set(name, what)
  }
  for (const [name, { depends_on: after }] of Object.entries(now.services ?? {})) {
    const around = Object.entries(after ?? {}).some(([other, { restart }]) => restart && found.get(other) === 'anew')
    if (around && !found.has(name)) found.set(name, 'restarted')
  }
  return Object.keys(services).filter((name) => found.has(name))
    .map((name) => ({ service: name, what: found.get(name)!, stopGrace: (old.services?.[name] ?? services[name])?.stop_grace_period ?? '10s' }))
}

function namesOf(networks: Service['networks'] = []): readonly string[] {
  return Array.isArray(networks) ? networks as readonly string[] : Object.keys(networks)
}

function difference(name: string, old: Compose, now: Compose): Recreated['what'] | undefined {
  const [was, is] = [old.services?.[name], now.services?.[name]]
  if (!was || !is) return was ? 'removed' : 'new'
  const same = judged(was) === judged(is) && namesOf(is.networks).every((one) => canonical(old.networks?.[one]) === canonical(now.networks?.[one]))
  return same ? undefined : 'anew'
}

function judged(service: Service): string {
  return canonical(Object.fromEntries(Object.entries(service).filter(([key]) => !notJudged.has(key))))
}

/** The order of keys means nothing to Compose. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'object' && item !== null && !Array.isArray(item)
    ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item)) ?? ''
}

/** What is no mapping where one must be was not made here: it says nothing. */
function read(text: string): Compose {
  const { name, services, networks } = mapping(parseYaml(text))
  const named = Object.entries(mapping(services)).map(([key, service]) => [key, mapping(service)] as const)
  return { ...(typeof name === 'string' && { name }), services: Object.fromEntries(named), networks: mapping(networks) }
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {}
}

/** The tag of the image of each service, without its variant, where it is pinned by one. */
export function imageTags(text: string): ReadonlyMap<string, string> {
  const images = Object.entries(read(text).services ?? {}).map(([name, { image }]) => [name, /:(?:signer-v)?([\d.]+)(?:-\w+)?(?:@|$)/.exec(String(image))?.[1]] as const)
  return new Map(images.flatMap(([name, tag]) => (tag === undefined ? [] : [[name, tag]])))
}
