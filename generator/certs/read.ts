/** Certificates and keys as they stand in files. Whatever the files hold, reading them never throws. */

import { createPrivateKey, createPublicKey, sign, verify, X509Certificate, type KeyObject } from 'node:crypto'
import type { Library } from './library.ts'

export interface Certificate {
  readonly pem: string
  readonly x509: X509Certificate
  readonly publicKey: KeyObject
  /** '' where it has none. */
  readonly commonName: string
  readonly issuerName: string
  /** DNS names and addresses. */
  readonly names: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  readonly selfSigned: boolean
  readonly authority: boolean
  /** How many authorities may stand between it and a leaf; absent means any number. */
  readonly pathLength?: number
  /** Absent where the certificate says nothing of it, which allows everything. */
  readonly keyUsage?: { readonly digitalSignature: boolean; readonly keyCertSign: boolean }
  readonly extendedUsage?: readonly string[]
  /** Of the certificate's own signature, in small letters; '' where it is not known. */
  readonly signatureHash: string
}

/** Either what was read, or what is wrong with the text. */
export type Read<T> = { readonly value: T; readonly fault?: undefined } | { readonly value?: undefined; readonly fault: string }

const block = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g

/** All certificates of a PEM text, in its order: at least one. A private key among them is a fault, for these files are public. */
export function readCertificates(text: string, library: Library): Read<readonly [Certificate, ...Certificate[]]> {
  const found: Certificate[] = []
  for (const [pem, kind] of text.matchAll(block)) {
    if (kind!.includes('PRIVATE KEY')) return { fault: 'holds a private key, and this file is public' }
    if (kind !== 'CERTIFICATE') return { fault: `holds a ${kind!}, not certificates alone` }
    const read = readOne(pem, library)
    if (!read) return { fault: `holds a certificate that cannot be read (number ${found.length + 1})` }
    found.push(read)
  }
  const [first, ...others] = found
  return first ? { value: [first, ...others] } : { fault: text.trim() === '' ? 'is empty' : 'holds no certificate in PEM' }
}

function readOne(pem: string, library: Library): Certificate | undefined {
  try {
    const x509 = new X509Certificate(pem)
    const detail = new library.X509Certificate(x509.raw)
    const usage = detail.getExtension(library.KeyUsagesExtension)?.usages
    const extended = detail.getExtension(library.ExtendedKeyUsageExtension)?.usages
    const constraints = detail.getExtension(library.BasicConstraintsExtension)
    const pathLength = constraints?.pathLength
    const names = detail.getExtension(library.SubjectAlternativeNameExtension)?.names.items ?? []
    const { digitalSignature, keyCertSign } = library.KeyUsageFlags
    const certificate: Certificate = {
      pem: `${pem}\n`,
      x509,
      publicKey: x509.publicKey,
      commonName: detail.subjectName.getField('CN')[0] ?? '',
      issuerName: detail.issuerName.getField('CN')[0] ?? detail.issuer,
      names: names.filter(({ type }) => type === 'dns' || type === 'ip').map(({ value }) => value),
      notBefore: detail.notBefore,
      notAfter: detail.notAfter,
      selfSigned: issued(x509, x509),
      authority: constraints?.ca === true,
      ...(pathLength !== undefined && { pathLength }),
      ...(usage !== undefined && { keyUsage: { digitalSignature: (usage & digitalSignature) !== 0, keyCertSign: (usage & keyCertSign) !== 0 } }),
      ...(extended !== undefined && { extendedUsage: extended.map(String) }),
      signatureHash: hashOf(detail),
    }
    return Number.isNaN(certificate.notBefore.getTime()) || Number.isNaN(certificate.notAfter.getTime()) ? undefined : certificate
  } catch {
    return undefined
  }
}

function hashOf(detail: InstanceType<Library['X509Certificate']>): string {
  try {
    const { hash } = detail.signatureAlgorithm as { readonly hash?: { readonly name?: string } }
    return (hash?.name ?? '').toLowerCase()
  } catch {
    return ''
  }
}

/** Whether `authority` has signed `certificate`: by name, by key id and by the signature itself. */
export function isIssuedBy(certificate: Certificate, authority: Certificate): boolean {
  return issued(certificate.x509, authority.x509)
}

function issued(certificate: X509Certificate, authority: X509Certificate): boolean {
  try {
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey)
  } catch {
    return false
  }
}

/** A private key that nginx can use without being asked for anything. */
export function readKey(text: string): Read<KeyObject> {
  const kinds = [...text.matchAll(block)].map(([, kind]) => kind!)
  const keys = kinds.filter((kind) => kind.includes('PRIVATE KEY'))
  if (keys.length === 0) return { fault: text.trim() === '' ? 'is empty' : 'holds no private key in PEM' }
  if (keys.length > 1) return { fault: `holds ${keys.length} private keys, not one` }
  if (keys[0] === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type:.*ENCRYPTED/m.test(text)) {
    return { fault: 'is encrypted, and there is nobody to ask for the passphrase' }
  }
  try {
    const key = createPrivateKey(text)
    return works(key) ? { value: key } : { fault: 'holds a damaged private key' }
  } catch {
    return { fault: 'holds a private key that cannot be read' }
  }
}

/** A key file carries its public half too, so damage to the secret half shows in what it signs and nowhere else. */
function works(key: KeyObject): boolean {
  const data = Buffer.from('probe')
  const hash = key.asymmetricKeyType?.startsWith('ed') ? null : 'sha256'
  return verify(hash, data, createPublicKey(key), sign(hash, data, key))
}

/** Whether a key and a certificate, or two keys, are halves of one pair. */
export function samePair(one: KeyObject, other: KeyObject): boolean {
  return publicHalf(one).equals(publicHalf(other))
}

/** The public half of a key of either kind. */
export function publicHalf(key: KeyObject): KeyObject {
  return key.type === 'private' ? createPublicKey(key) : key
}

/** What is too weak, or too unusual for TLS 1.3, in a key; undefined when it is good. */
export function keyWeakness(key: KeyObject): string | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (type === 'rsa' || type === 'rsa-pss') return (details?.modulusLength ?? 0) >= 2048 ? undefined : `its RSA key has ${details?.modulusLength ?? 0} bits, fewer than 2048`
  if (type === 'ec') return ['prime256v1', 'secp384r1', 'secp521r1'].includes(details?.namedCurve ?? '') ? undefined : `its curve ${details?.namedCurve ?? ''} has no place in TLS 1.3`
  if (type === 'ed25519' || type === 'ed448') return undefined
  return `a key of kind ${type ?? 'unknown'} has no place in TLS 1.3`
}
