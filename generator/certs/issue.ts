/** Makes certificates: ECDSA P-256 throughout. Keys, serial numbers and the time are given. */

import { createHash, createPrivateKey, createPublicKey, webcrypto, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { library, type Library } from './library.ts'
import { authorityCommonName } from './places.ts'

export const day = 86_400_000
export const authorityDays = 3650
export const leafDays = 397

/** Chance, as the modules of this folder see it. */
export interface Chance {
  /** 128 random bits as hexadecimal digits. */
  readonly serial: () => string
  /** A new P-256 private key as PKCS#8 PEM. */
  readonly key: () => string
}

export interface Issuer {
  /** The authority's certificate and private key, both PEM. */
  readonly certificate: string
  readonly key: string
}

const p256 = { name: 'ECDSA', namedCurve: 'P-256' } as const

/** A self-signed authority that can issue leaves and nothing else. Returns its certificate as PEM. */
export async function issueAuthority({ stackName, key, serial, now }: {
  readonly stackName: string; readonly key: string; readonly serial: string; readonly now: Date
}): Promise<string> {
  const x509 = await library()
  const signer = createPrivateKey(key)
  const spki = publicBytes(createPublicKey(signer))
  const name = [{ CN: [authorityCommonName(stackName, keyId(spki))] }]
  const { KeyUsageFlags: usage } = x509
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject: name,
    issuer: name,
    ...validity(now, authorityDays),
    publicKey: spki,
    signingKey: await signingKey(signer),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(usage.keyCertSign | usage.cRLSign, true),
      new x509.SubjectKeyIdentifierExtension(keyId(spki)),
    ],
  })
  return pem(made)
}

/** A leaf for both ends of a TLS connection. It never outlives its authority. `publicKey` is anything of the key pair. */
export async function issueLeaf({ issuer, commonName, hosts, publicKey, serial, now }: {
  readonly issuer: Issuer; readonly commonName: string; readonly hosts: readonly string[]
  readonly publicKey: KeyObject; readonly serial: string; readonly now: Date
}): Promise<string> {
  const x509 = await library()
  const authority = new x509.X509Certificate(issuer.certificate)
  const spki = publicBytes(publicKey)
  const { notBefore, notAfter } = validity(now, leafDays)
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject: [{ CN: [commonName] }],
    issuer: authority.subjectName,
    notBefore: later(notBefore, authority.notBefore),
    notAfter: earlier(notAfter, authority.notAfter),
    publicKey: spki,
    signingKey: await signingKey(createPrivateKey(issuer.key)),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host }))),
      new x509.SubjectKeyIdentifierExtension(keyId(spki)),
      new x509.AuthorityKeyIdentifierExtension(authority.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId ?? keyId(authority.publicKey.rawData)),
    ],
  })
  return pem(made)
}

/** From an hour ago, for clocks that go slow, in whole seconds, which is what a certificate can hold. */
function validity(now: Date, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const second = Math.floor(now.getTime() / 1000) * 1000
  return { notBefore: new Date(second - 3_600_000), notAfter: new Date(second + days * day) }
}

const earlier = (a: Date, b: Date): Date => (a < b ? a : b)
const later = (a: Date, b: Date): Date => (a > b ? a : b)

/** The digest of the whole public key structure: any choice is good that both ends of a link make alike. */
function keyId(spki: ArrayBuffer): string {
  return createHash('sha256').update(Buffer.from(spki)).digest('hex').slice(0, 40)
}

function publicBytes(key: KeyObject): ArrayBuffer {
  const bytes = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' })
  return new Uint8Array(bytes).buffer
}

function signingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const bytes = key.export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', bytes, p256, false, ['sign'])
}

function pem(certificate: InstanceType<Library['X509Certificate']>): string {
  return `${certificate.toString('pem').trim()}\n`
}
