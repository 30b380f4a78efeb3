/** The `ports` of a Compose service, in all their spellings. */

import { interpolate } from './interpolate.ts'

/** A run of ports that the host shows; `host` absent means that Docker picks them. */
export interface Published {
  readonly container: number
  readonly host?: number
  /** How many ports in a row; 1 for nearly all. */
  readonly count: number
  /** The address of the host; absent means every interface. */
  readonly address?: string
}

/** One entry of `ports`; undefined for what cannot be read as one. */
export function readPublished(entry: unknown, values: ReadonlyMap<string, string>): Published | undefined {
  const fill = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? interpolate(String(value), values).text.trim() : '')
  if (typeof entry !== 'object' || entry === null) return short(fill(entry))
  const { target, published, host_ip: address } = entry as Readonly<Record<string, unknown>>
  return assemble(fill(target), fill(published), fill(address))
}

function short(text: string): Published | undefined {
  const match = /^(?:(?:(\[[^\]]*\]|[^:[\]]+):)?([\d-]*):)?(\d+(?:-\d+)?)(?:\/\w+)?$/.exec(text)
  return match ? assemble(match[3]!, match[2] ?? '', match[1] ?? '') : undefined
}

function assemble(target: string, published: string, address: string): Published | undefined {
  const container = range(target)
  const host = published === '' ? undefined : range(published)
  if (!container || (published !== '' && !host)) return undefined
  return {
    container: container.first, count: container.count,
    ...(host && { host: host.first }),
    ...(address !== '' && !/^(0\.0\.0\.0|\[?::\]?)$/.test(address) && { address }),
  }
}

function range(text: string): { readonly first: number; readonly count: number } | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text)
  if (!match) return undefined
  const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])]
  return first >= 1 && last >= first && last <= 65535 ? { first, count: last - first + 1 } : undefined
}

/** Whether the world, and not the host alone, reaches it. */
export function isOpen({ address }: Published): boolean {
  return address === undefined || !/^(127\.|\[?::1\]?$|localhost$)/.test(address)
}

/** The port of the host that leads to this port of the container. */
export function hostPort(ports: readonly Published[], container: number): number | undefined {
  for (const port of ports) {
    const offset = container - port.container
    if (port.host !== undefined && offset >= 0 && offset < port.count) return port.host + offset
  }
  return undefined
}
