/** What is wrong with one value, by the kind of its answer. Values that are right are undefined here. */

import { isIP, isIPv4, isIPv6 } from 'node:net'
import { shown } from './mask.ts'
import type { AnswerType } from './definition.ts'
import { eventObserversFault } from './event-observers.ts'
import type { Fault } from './fault.ts'
import { listWords } from './list.ts'
import { recipientsFault } from './recipients.ts'
import { networksFault, openingsFault, readBinding } from './networks.ts'
import { suggest } from '../suggest.ts'

type PlainType = Exclude<AnswerType, { readonly kind: 'secret' | 'release' }>

/** Checks a value that is not empty. */
export function valueFault(type: PlainType, value: string): Fault | undefined {
  const control = controlFault(value)
  if (control) return control
  switch (type.kind) {
    case 'name': return nameFault(value, type.maxLength)
    case 'choice': return choiceFault(value, type.values)
    case 'list': return listFault(value, type.values)
    case 'pattern': return new RegExp(`^(?:${type.pattern})$`).test(value) ? undefined : { message: `expects ${type.expects}, found ${shown(value)}` }
    case 'port': return portFault(value)
    case 'number': return numberFault(value, type.least, type.most)
    case 'host': return hostFault(value)
    case 'address': return addressFault(value)
    case 'binding': return readBinding(value) ? undefined : { message: `expects an address of this machine and a port like 127.0.0.1:20443, found ${shown(value)}` }
    case 'url': return urlFault(value)
    case 'sha256': return sha256Fault(value)
    case 'networks': return networksFault(value)
    case 'openings': return openingsFault(value)
    case 'recipients': return recipientsFault(value)
    case 'observers': return eventObserversFault(value, hostFault)
    case 'directory': return directoryFault(value)
    case 'user': return /^[A-Za-z0-9._-]{1,64}$/.test(value) ? undefined
      : { message: `expects 1 to 64 letters, digits, dots, dashes and underscores, found ${shown(value)}` }
  }
}

/** Line ends and control characters, which no answer may hold; named before anything else so that messages stay readable. */
export function controlFault(value: string): Fault | undefined {
  if (/[\n\r]/.test(value)) return { message: 'holds a line end, and no answer may', hint: 'close the quote on the same line; in double quotes, \\n is a line end' }
  const at = value.search(/[\p{Cc}\u2028\u2029]/u)
  return at < 0 ? undefined : { message: `holds a control character, the ${at + 1}${ordinal(at + 1)} of the value` }
}

function ordinal(number: number): string {
  if (number % 100 >= 11 && number % 100 <= 13) return 'th'
  return ['th', 'st', 'nd', 'rd'][number % 10] ?? 'th'
}

function nameFault(value: string, maxLength: number): Fault | undefined {
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(value)) {
    return { message: `expects small letters, digits, _ and -, beginning with a letter or digit, found ${shown(value)}`, ...didYouMean(nameLike(value)) }
  }
  return value.length <= maxLength ? undefined : { message: `expects at most ${maxLength} characters, found ${value.length}` }
}

function nameLike(value: string): string | undefined {
  const guess = value.toLowerCase().replace(/[\s.]+/g, '-')
  return /^[a-z0-9][a-z0-9_-]{0,62}$/.test(guess) ? guess : undefined
}

function choiceFault(value: string, values: readonly string[]): Fault | undefined {
  if (values.includes(value)) return undefined
  const named = values.filter((one) => one !== '')
  const list = `${values.includes('') ? 'nothing, ' : ''}${named.slice(0, -1).join(', ')} or ${named.at(-1)}`
  return { message: `expects ${list}, found ${shown(value)}`, ...didYouMean(synonym(value, named) ?? suggest(value.toLowerCase().trim(), named)) }
}

function listFault(value: string, values: readonly string[]): Fault | undefined {
  const words = listWords(value)
  const twice = words.find((word, index) => words.indexOf(word) !== index)
  if (twice !== undefined && twice !== '') return { message: `names ${shown(twice)} twice` }
  return words.map((word) => choiceFault(word, values)).find((fault) => fault)
}

const synonyms = [['on', 'yes', 'true', '1', 'enabled'], ['off', 'no', 'false', '0', 'disabled']] as const

function synonym(value: string, values: readonly string[]): string | undefined {
  const lower = value.toLowerCase().trim()
  const group = synonyms.find((words) => (words as readonly string[]).includes(lower))
  return values.find((one) => one === lower || one.endsWith(`/${lower}`)) ?? values.find((one) => (group as readonly string[] | undefined)?.includes(one))
}

export function didYouMean(guess: string | undefined): { readonly hint?: string } {
  return guess === undefined ? {} : { hint: `did you mean ${guess}?` }
}

function numberFault(value: string, least: number, most: number): Fault | undefined {
  const ok = /^(0|[1-9][0-9]{0,8})$/.test(value) && Number(value) >= least && Number(value) <= most
  return ok ? undefined : { message: `expects a number from ${least} to ${most}, found ${shown(value)}` }
}

function portFault(value: string): Fault | undefined {
  const ok = /^[1-9][0-9]{0,4}$/.test(value) && Number(value) <= 65535
  return ok ? undefined : { message: `expects a port from 1 to 65535, found ${shown(value)}` }
}

function hostFault(value: string): Fault | undefined {
  if (isHost(value)) return undefined
  if (value.includes('://')) return { message: `expects a host alone, found the address ${shown(value)}`, hint: 'leave out the scheme; the port has its own answer' }
  if (isIPv6(value)) return { message: `expects an IPv6 address in brackets, found ${shown(value)}`, ...didYouMean(`[${value}]`) }
  const port = /^(.+):(\d+)$/.exec(value)
  if (port && isHost(port[1]!)) return { message: `expects a host without a port, found ${shown(value)}`, hint: `write ${port[1]} here; the port has its own answer` }
  return { message: `expects a DNS name, an IPv4 address or an IPv6 address in brackets, found ${shown(value)}` }
}

/** A DNS name, an IPv4 address, or an IPv6 address in brackets. */
function isHost(value: string): boolean {
  if (/^\[.*\]$/.test(value)) return isIPv6(value.slice(1, -1)) && !value.includes('%')
  if (/^[\d.]+$/.test(value)) return isIPv4(value)
  return value.length <= 253 && value.split('.').every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label))
}

function addressFault(value: string): Fault | undefined {
  if (isIPv6(value)) return { message: `expects an IPv6 address in brackets, found ${shown(value)}`, ...didYouMean(`[${value}]`) }
  const match = /^(\[[^\]]*\]|[^:[\]]+)(?::(.*))?$/.exec(value)
  const host = match?.[1] ?? ''
  const bare = host.replace(/^\[|\]$/g, '')
  if (!match || isIP(bare) !== (host.startsWith('[') ? 6 : 4) || bare.includes('%')) {
    return { message: `expects an IP address, with or without a port, found ${shown(value)}`, hint: 'a name is not enough: the node announces an address' }
  }
  if (/^(0\.0\.0\.0|::)$/.test(bare)) return { message: `expects the address that peers reach, found ${shown(value)}` }
  return match[2] === undefined ? undefined : portFault(match[2])
}

function urlFault(value: string): Fault | undefined {
  if (!/^[!-~]+$/.test(value)) return { message: `expects an address of ASCII characters without blanks, found ${shown(value)}`, hint: 'write other characters as %XX' }
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !['https:', 'http:', 'file:'].includes(url.protocol) || !/^(https?:\/\/[^/]|file:\/\/\/[^/])/i.test(value)) {
    return { message: `expects an address that begins with https://, http:// or file:///, found ${shown(value)}` }
  }
  if (url.username || url.password) return { message: 'holds a user or password, and this file is committed', hint: 'use an address that needs none' }
  // An address may end with a bare #, which URL drops.
  if (value.includes('#')) return { message: `expects an address without #, found ${shown(value)}` }
  return url.protocol === 'file:' ? filePathFault(url, value) : undefined
}

/** What %XX stands for becomes a path on the host: it must be one file's, and the one that the address shows. */
function filePathFault(url: URL, value: string): Fault | undefined {
  if (url.search) return { message: `expects the address of a file without ?, found ${shown(value)}`, hint: 'write a ? in the name of the file as %3F' }
  let path: string
  try {
    path = decodeURIComponent(url.pathname)
  } catch {
    return { message: `expects UTF-8 behind each %, found ${shown(value)}` }
  }
  if (controlFault(path)) return { message: `expects a file whose path has no control characters, found ${shown(value)}` }
  if (/%2f/i.test(url.pathname)) return { message: `expects / between the folders of a path, not %2F, found ${shown(value)}` }
  if (path.endsWith('/')) return { message: `expects the address of a file, found that of a folder, ${shown(value)}` }
  return undefined
}

/** Where a reboot, or Docker itself, deletes what lies there, or nothing can be kept at all. */
const notForData = ['/dev', '/proc', '/run', '/sys', '/tmp', '/var/lib/docker', '/var/run', '/var/tmp']

/** Docker, Compose, make and the shell all read the path: it has no character that one of them takes for another. */
function directoryFault(value: string): Fault | undefined {
  if (!value.startsWith('/')) return { message: `expects an absolute path, found ${shown(value)}`, ...(value.startsWith('~') && { hint: 'nothing is expanded: write the path itself, without ~' }) }
  const parts = value.split('/').slice(1)
  const odd = /[^A-Za-z0-9._/-]/u.exec(value)?.[0]
  if (odd !== undefined) return { message: `expects a path of letters, digits, dots, dashes and underscores, found ${shown(value)}` }
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return { message: `expects a path without empty parts, . and .., found ${shown(value)}`, ...didYouMean(tidyPath(parts)) }
  if (value.length > 1000) return { message: `expects at most 1000 characters, found ${value.length}` }
  const bad = notForData.find((folder) => `${value}/`.startsWith(`${folder}/`))
  return bad ? { message: `is a folder in ${bad}, where data is not kept`, hint: 'write a folder of a disk, such as /srv/disk1/data' } : undefined
}

/** What is meant by `/srv//data/`; nothing where a part leads upwards. */
function tidyPath(parts: readonly string[]): string | undefined {
  const named = parts.filter((part) => part !== '' && part !== '.')
  return named.length > 0 && !named.includes('..') ? `/${named.join('/')}` : undefined
}

function sha256Fault(value: string): Fault | undefined {
  if (/^[0-9a-f]{64}$/i.test(value)) return undefined
  // Whatever stands there, it may be another 64 digits than those meant.
  const why = `${value.length} ${/^[0-9a-f]*$/i.test(value) ? 'hexadecimal digits' : 'characters, not all of them hexadecimal digits'}`
  return { message: `expects the 64 hexadecimal digits of a SHA-256, found ${why}` }
}
