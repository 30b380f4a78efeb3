/** What is wrong with a certificate for its place. Nothing here asks where it comes from. */

import { isIP } from 'node:net'
import { day } from './issue.ts'
import type { LeafPlace } from './places.ts'
import { isIssuedBy, keyWeakness, samePair, type Certificate, type Read } from './read.ts'
import type { KeyObject } from 'node:crypto'

export type FaultCode =
  | 'missing' | 'unreadable' | 'expired' | 'not-yet-valid' | 'wrong-name' | 'wrong-common-name' | 'untrusted' | 'wrong-usage' | 'weak'
  | 'no-key' | 'unreadable-key' | 'other-key' | 'half-swapped'

export interface Fault {
  readonly code: FaultCode
  readonly file: string
  /** Continues the file's name. */
  readonly message: string
}

/** A leaf is renewed when it has fewer days left. */
export const dueDays = 30

/** The end of the shorter-lived half of a day counts as that day. */
export function daysLeft(certificate: Certificate, now: Date): number {
  return Math.floor((certificate.notAfter.getTime() - now.getTime()) / day)
}

const serverAuth = '1.3.6.1.5.5.7.3.1'
const clientAuth = '1.3.6.1.5.5.7.3.2'

export interface LeafExpectation {
  readonly place: LeafPlace
  readonly commonName: string
  /** Names that it must carry. */
  readonly names: readonly string[]
  /** What each host trusts. */
  readonly bundles: readonly { readonly file: string; readonly certificates: readonly Certificate[] }[]
  readonly now: Date
}

/** The faults of a leaf's file: the leaf comes first, certificates between it and the authority after it. */
export function leafFaults(chain: readonly [Certificate, ...Certificate[]], { place, commonName, names, bundles, now }: LeafExpectation): readonly Fault[] {
  const [leaf] = chain
  const fault = (code: FaultCode, message: string): Fault => ({ code, file: place.certificate, message })
  const missing = names.filter((name) => !carries(leaf, name))
  return [
    ...dateFaults(leaf, place.certificate, now),
    ...(missing.length > 0 ? [fault('wrong-name', `is not for ${missing.join(', ')}, but for ${leaf.names.join(', ') || 'no name at all'}`)] : []),
    ...(leaf.commonName === commonName ? [] : [fault('wrong-common-name', `has the common name ${JSON.stringify(leaf.commonName)}, not ${commonName}, by which the other end knows it`)]),
    ...usageFaults(leaf).map((message) => fault('wrong-usage', message)),
    ...chain.flatMap(weaknesses).map((message) => fault('weak', message)),
    ...bundles.flatMap(({ file, certificates }) => {
      const found = pathTo(leaf, chain.slice(1), certificates, now)
      return found.fault === undefined ? [] : [fault('untrusted', found.fault.replace('BUNDLE', file))]
    }),
  ]
}

/** The faults of one copy of the bundle: what it holds must be able to vouch for leaves. */
export function bundleFaults(bundle: readonly Certificate[], file: string, now: Date): readonly Fault[] {
  const fault = (code: FaultCode, message: string): Fault => ({ code, file, message })
  const named = (certificate: Certificate, message: string) => (bundle.length > 1 ? `: ${certificate.commonName || 'a certificate without a name'} ${message}` : message)
  // One that has run out does no harm beside one that has not; a leaf of its own says so itself.
  const dead = bundle.every((certificate) => dateFaults(certificate, file, now).length > 0)
  return bundle.flatMap((certificate) => [
    ...(certificate.authority ? [] : [fault('wrong-usage', named(certificate, 'is no authority\'s certificate'))]),
    ...(certificate.authority && certificate.keyUsage?.keyCertSign === false ? [fault('wrong-usage', named(certificate, 'may not sign certificates (key usage)'))] : []),
    ...weaknesses(certificate).map((message) => fault('weak', named(certificate, message))),
    ...(dead ? dateFaults(certificate, file, now) : []).map((one) => ({ ...one, message: named(certificate, one.message) })),
  ])
}

/** The faults of a leaf's key; `pending` is the one that waits beside it. */
export function keyFaults(leaf: Certificate | undefined, place: LeafPlace, key: Read<KeyObject> | undefined, pending: Read<KeyObject> | undefined): readonly Fault[] {
  const fault = (code: FaultCode, message: string): Fault => ({ code, file: place.key, message })
  const weakness = key?.value && keyWeakness(key.value)
  const weak = weakness === undefined ? [] : [fault('weak', `is too weak: ${weakness}`)]
  if (leaf && key?.value && samePair(key.value, leaf.publicKey)) return weak
  if (leaf && pending?.value && samePair(pending.value, leaf.publicKey)) {
    return [fault('half-swapped', `has not yet made room for the new key, to which ${place.certificate} belongs already`)]
  }
  if (!key) return [fault('no-key', 'is not here')]
  if (!key.value) return [fault('unreadable-key', key.fault)]
  if (!leaf) return weak
  return [...weak, fault('other-key', `is not the key of ${place.certificate}`)]
}

function carries(leaf: Certificate, name: string): boolean {
  const found = isIP(name) === 0 ? leaf.x509.checkHost(name, { subject: 'never' }) : leaf.x509.checkIP(name)
  return found !== undefined
}

function dateFaults({ notBefore, notAfter }: Certificate, file: string, now: Date): readonly Fault[] {
  if (notAfter <= now) return [{ code: 'expired', file, message: `ran out on ${date(notAfter)}` }]
  if (notBefore > now) return [{ code: 'not-yet-valid', file, message: `is not valid before ${date(notBefore)}` }]
  return []
}

export function date(when: Date): string {
  return when.toISOString().slice(0, 10)
}

/** Each sidecar is a server to the other and its client. */
function usageFaults({ authority, keyUsage, extendedUsage }: Certificate): readonly string[] {
  const missing = extendedUsage === undefined ? [] : [
    ...(extendedUsage.includes(serverAuth) ? [] : ['serverAuth']),
    ...(extendedUsage.includes(clientAuth) ? [] : ['clientAuth']),
  ]
  return [
    ...(authority ? ['is an authority\'s certificate, not a host\'s'] : []),
    ...(keyUsage?.digitalSignature === false ? ['may not be used for digital signatures (key usage), which TLS 1.3 needs'] : []),
    ...(missing.length > 0 ? [`may not be used for ${missing.join(' and ')} (extended key usage); it needs both serverAuth and clientAuth`] : []),
  ]
}

function weaknesses({ publicKey, signatureHash, selfSigned }: Certificate): readonly string[] {
  const weakness = keyWeakness(publicKey)
  return [
    ...(weakness === undefined ? [] : [`is too weak: ${weakness}`]),
    // Nobody relies on what an authority says of itself.
    ...(!selfSigned && /^(sha-?1|md[245])\b/.test(signatureHash) ? [`is signed with ${signatureHash.toUpperCase()}, which is broken`] : []),
  ]
}

/** nginx trusts self-signed certificates alone, and follows no more than this many steps to one. */
const longestPath = 4

/** Whether a chain leads from the leaf to a self-signed certificate of the bundle; if not, how far it comes. */
function pathTo(leaf: Certificate, between: readonly Certificate[], bundle: readonly Certificate[], now: Date): { readonly fault?: string } {
  let best = `is not issued by any authority of BUNDLE, but by ${leaf.issuerName || 'nobody with a name'}`
  const walk = (from: Certificate, depth: number): boolean => {
    for (const authority of [...bundle, ...between]) {
      if (!authority.authority || authority.keyUsage?.keyCertSign === false || !isIssuedBy(from, authority)) continue
      const name = authority.commonName || 'its authority'
      if (authority.pathLength !== undefined && depth - 1 > authority.pathLength) best = `is issued through ${name}, which allows no authority below itself`
      else if (authority.notAfter <= now || authority.notBefore > now) best = `is issued by ${name}, which is not valid now`
      else if (authority.selfSigned && bundle.includes(authority)) return true
      else if (authority.selfSigned) best = `is issued by ${name}, which BUNDLE does not hold`
      else if (depth < longestPath && walk(authority, depth + 1)) return true
      else if (best.startsWith('is not issued')) best = `is issued by ${name}, whose own authority BUNDLE does not hold; it must hold the self-signed one`
    }
    return false
  }
  return walk(leaf, 1) ? {} : { fault: best }
}
