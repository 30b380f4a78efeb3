/** Lists of addresses, and of ports with them, as the firewall's answers hold them. */

import { isIPv4, isIPv6 } from 'node:net'
import type { Fault } from './fault.ts'
import { listWords } from './list.ts'
import { shown } from './mask.ts'

/** A port or a range of ports that is opened; `from` absent means from everywhere. */
export interface Opening {
  /** As nftables writes it: 9100, or 60000-61000. */
  readonly port: string
  readonly protocol: 'tcp' | 'udp'
  readonly from?: string
}

/** What is wrong with a list of addresses and networks; 10.0.0.0/8 and 2001:db8::/32 are networks. */
export function networksFault(value: string): Fault | undefined {
  return first(listWords(value), networkFault)
}

/** What is wrong with a list of ports like 51820/udp, 60000-61000/udp or 9100/tcp@10.0.0.0/8. */
export function openingsFault(value: string): Fault | undefined {
  return first(listWords(value), (word) => {
    const opening = readOpening(word)
    if (!opening) return { message: `expects ports like 51820/udp or 9100/tcp@10.0.0.0/8, found ${shown(word)}` }
    const [low, high = low] = opening.port.split('-').map(Number)
    if (low! < 1 || high! > 65535 || low! > high!) return { message: `expects ports from 1 to 65535, found ${shown(word)}` }
    return opening.from === undefined ? undefined : networkFault(opening.from)
  })
}

/** The openings of a list that `openingsFault` found right. */
export function openings(value: string): readonly Opening[] {
  return listWords(value).flatMap((word) => readOpening(word) ?? [])
}

/** An address of this machine, IPv6 in brackets, and a port: where Docker publishes something. Undefined for anything else. */
export function readBinding(value: string): { readonly address: string; readonly port: number } | undefined {
  const [, ipv4 = '', ipv6 = '', port = ''] = /^(?:([\d.]+)|\[([^[\]%]+)\]):([1-9][0-9]{0,4})$/.exec(value) ?? []
  return (isIPv4(ipv4) || isIPv6(ipv6)) && Number(port) <= 65535 ? { address: ipv4 || ipv6, port: Number(port) } : undefined
}

function readOpening(word: string): Opening | undefined {
  const match = /^([1-9][0-9]{0,4}(?:-[1-9][0-9]{0,4})?)\/(tcp|udp)(?:@(.+))?$/.exec(word)
  return match ? { port: match[1]!, protocol: match[2] as 'tcp' | 'udp', ...(match[3] !== undefined && { from: match[3] }) } : undefined
}

function networkFault(word: string): Fault | undefined {
  if (/^\[.*\]$/.test(word) && isIPv6(word.slice(1, -1))) return { message: `expects an IPv6 address without brackets, found ${shown(word)}`, hint: `did you mean ${word.slice(1, -1)}?` }
  const [address = '', bits, ...rest] = word.split('/')
  const family = isIPv4(address) ? 4 : isIPv6(address) && !address.includes('%') ? 6 : 0
  const right = family > 0 && rest.length === 0 && (bits === undefined || (/^(0|[1-9][0-9]{0,2})$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)))
  if (!right) return { message: `expects IP addresses or networks like 10.0.0.0/8, with commas between them, found ${shown(word)}` }
  if (bits === '0') return { message: `expects a part of the world, found ${shown(word)}`, hint: 'leave it out where everything is meant' }
  // No packet carries such an address: the rule would never match.
  if (family === 6 && /^(0*:)*:?(0*:)*ffff:/i.test(address)) return { message: `expects an IPv4 address as such, found ${shown(word)}` }
  return undefined
}

function first(list: readonly string[], fault: (word: string) => Fault | undefined): Fault | undefined {
  const twice = list.find((word, index) => word !== '' && list.indexOf(word) !== index)
  return list.map(fault).find((one) => one) ?? (twice === undefined ? undefined : { message: `names ${shown(twice)} twice` })
}
