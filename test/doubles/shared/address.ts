/** `host:port` texts, as the programs take them. */

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

export interface Address { readonly host: string; readonly port: number }

/** Host and port; an IPv6 address stands in brackets. Undefined where either is missing or wrong. */
export function parseAddress(text: string): Address | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:/@\s[\]]+)):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65535) return undefined
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : undefined
  return { host: plain!, port }
}

/** Host and port where the host must be an IP address already. */
export function parseSocketAddress(text: string): Address | undefined {
  const address = parseAddress(text)
  return address && isIP(address.host) !== 0 ? address : undefined
}

/** The first IP address of a name, or undefined where it has none. */
export async function resolveHost(host: string): Promise<string | undefined> {
  return isIP(host) === 0 ? lookup(host).then(({ address }) => address, () => undefined) : host
}

/** Says `host:port` as the programs do. */
export function showAddress({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
