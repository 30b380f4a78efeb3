/** Values of node-config.toml that a release decodes and then refuses at its start: what a network allows, ranges and forms. */

import { isIPv4, isIPv6 } from 'node:net'
import { isPublicKey } from '../public-key.ts'
import type { Network } from './networks.ts'
import data from './data/refused-values.json' with { type: 'json' }
import { compareVersions, type Release } from './releases.ts'

interface Rule {
  readonly section: string
  readonly keys: readonly string[]
  readonly network?: string
  /** The values that are taken; `fold` is the same without case. */
  readonly only?: readonly string[]
  readonly fold?: readonly string[]
  readonly least?: number
  readonly most?: number
  readonly form?: string
  /** The release's own words. */
  readonly reason: string
  readonly since: string
}

export interface Refusal {
  readonly reason: string
  /** Continues "expects …"; absent where the key may have no value at all. */
  readonly expects?: string
}

const rules: readonly Rule[] = data

/** Why this node refuses the text of a key on this network; undefined where no reason is known. */
export function refusedValue({ version }: Release, network: Network, section: string, key: string, text: string): Refusal | undefined {
  const rule = rules.find((one) => one.section === section && one.keys.includes(key) && (one.network ?? network) === network
    && compareVersions(version, one.since) >= 0 && !allows(one, text))
  if (!rule) return undefined
  const expects = expectation(rule)
  return { reason: `${rule.reason.replaceAll('{key}', key)}${rule.network === 'mainnet' && !/mainnet/.test(rule.reason) ? ' on mainnet' : ''}`, ...(expects && { expects }) }
}

function allows({ only, fold, least, most, form }: Rule, text: string): boolean {
  if (only) return only.includes(text)
  if (fold) return fold.includes(text.toLowerCase())
  // What is no number is refused for that alone.
  if (least !== undefined || most !== undefined) return !/^-?[0-9]+$/.test(text) || (BigInt(text) >= (least ?? 0) && (most === undefined || BigInt(text) <= most))
  return forms[form!]!.test(text)
}

function expectation({ only, fold, least, most, form }: Rule): string | undefined {
  const values = only ?? fold
  if (values) return values.length > 0 ? values.join(' or ') : undefined
  if (form) return forms[form]!.expects
  return most === undefined ? `a number of at least ${least}` : `a number from ${least ?? 0} to ${most}`
}

const forms: Readonly<Record<string, { readonly expects: string; readonly test: (text: string) => boolean }>> = {
  'magic-bytes': { expects: 'two ASCII characters', test: (text) => /^[\0-\x7f]{2}$/.test(text) },
  hash: { expects: '64 hex digits', test: (text) => /^[0-9a-fA-F]{64}$/.test(text) },
  'wallet-name': { expects: 'letters, digits, dots, dashes, underscores and slashes, and no two dots in a row', test: (text) => text.trim() === '' || (/^[\w./-]+$/.test(text) && !text.includes('..')) },
  'socket-address': { expects: 'ADDRESS:PORT, where ADDRESS is an IP address', test: isSocketAddress },
  'host-and-port': { expects: 'HOST:PORT', test: isHostPort },
  'hosts-and-ports': { expects: 'a list of HOST:PORT, separated by commas', test: (text) => parts(text).every(isHostPort) },
  'bootstrap-nodes': {
    expects: 'a list of PUBKEY@HOST:PORT, separated by commas', test: (text) => parts(text).every(isPeer),
  },
  'data-url': { expects: 'an http:// or https:// URL without login, query and fragment, of at most 128 characters', test: isDataUrl },
  contract: { expects: 'ADDRESS.CONTRACT', test: isContract },
  principal: { expects: 'a Stacks address or ADDRESS.CONTRACT', test: (text) => isAddress(text) || isContract(text) },
  addresses: { expects: 'a list of Stacks addresses, separated by commas', test: (text) => text.split(',').every(isAddress) },
  'transaction-types': { expects: 'a list of TokenTransfer, SmartContract and ContractCall, separated by commas', test: (text) => text.split(',').every((one) => ['TokenTransfer', 'SmartContract', 'ContractCall'].includes(one)) },
  json: { expects: 'JSON', test: isJson },
}

/** As the node splits its lists of nodes: it passes over empty parts, and takes blanks for a part of a name. */
function parts(text: string): readonly string[] {
  return text.split(',').filter((one) => one !== '')
}

function isPeer(text: string): boolean {
  const [, key = '', place] = /^(0[23][0-9a-fA-F]{64}|04[0-9a-fA-F]{128})@([^@]*)$/.exec(text) ?? []
  return place !== undefined && isPublicKey(key) && isHostPort(place)
}

function isSocketAddress(text: string): boolean {
  const [, six, four, port] = /^(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? []
  return Number(port) <= 65535 && (six === undefined ? isIPv4(four!) : isIPv6(six))
}

function isHostPort(text: string): boolean {
  const [, host, port] = /^([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\.?):(\d{1,5})$/.exec(text) ?? []
  return isSocketAddress(text) || (host !== undefined && Number(port) <= 65535)
}

function isDataUrl(text: string): boolean {
  if (text.length > 128 || !/^https?:\/\/[a-zA-Z0-9._~:/[\]@!$&'()*+,;%=-]+$/.test(text) || !URL.canParse(text)) return false
  const { username, password, hostname } = new URL(text)
  return username === '' && password === '' && hostname !== ''
}

function isAddress(text: string): boolean {
  return /^S[0-9A-HJKMNP-TV-Z]{26,40}$/.test(text)
}

function isContract(text: string): boolean {
  const at = text.indexOf('.')
  return at > 0 && isAddress(text.slice(0, at)) && /^[a-zA-Z][a-zA-Z0-9_-]{0,39}$/.test(text.slice(at + 1))
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
