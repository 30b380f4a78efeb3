/** Where certificates and keys stand below the output directory, and for whom they are made. */

import { createHash } from 'node:crypto'
import { isIP } from 'node:net'

export type LeafName = 'node-tls' | 'signer-tls'

export interface LeafPlace {
  readonly name: LeafName
  readonly certificate: string
  readonly key: string
  /** Names and addresses that a certificate made here carries; the first is the sidecar's own. */
  readonly hosts: readonly string[]
  /** The one of them that the other end asks for and verifies. */
  readonly wireName: string
}

/** Relative paths, with `/` between the parts. */
export interface CertPlaces {
  /** Copies of one bundle; the first is what the operator is shown. */
  readonly ca: readonly string[]
  readonly leaves: readonly LeafPlace[]
  readonly authorityKey: string
}

export interface PlacesInput {
  readonly topology: 'single' | 'split'
  readonly nodeHost?: string | undefined
  readonly signerHost?: string | undefined
}

/** With split, each host's directory holds its own leaf alone, and the authority's key lies in neither. */
export function certPlaces({ topology, nodeHost, signerHost }: PlacesInput): CertPlaces {
  const leaf = (name: LeafName, home: string, host: string | undefined): LeafPlace => ({
    name,
    certificate: `${home}certs/${name}.pem`,
    key: `${home}secrets/${name}-key`,
    hosts: [...new Set([name, ...(host ? [plainHost(host)] : [])])],
    wireName: wireName(name, topology === 'split' ? host : undefined),
  })
  const homes = topology === 'split' ? { node: 'node-host/', signer: 'signer-host/' } : { node: '', signer: '' }
  return {
    ca: [...new Set(['', homes.node, homes.signer])].map((home) => `${home}certs/ca.pem`),
    leaves: [leaf('node-tls', homes.node, nodeHost), leaf('signer-tls', homes.signer, signerHost)],
    authorityKey: 'secrets/tls-ca-key',
  }
}

/** The name under which a sidecar is verified: nginx compares names alone, so one with a bare address is known by its own. */
export function wireName(leaf: LeafName, host: string | undefined): string {
  const plain = host ? plainHost(host) : ''
  return plain === '' || isIP(plain) !== 0 ? leaf : plain
}

/** Where a key waits that is to take the place of the one at `path`. */
export function pendingKey(path: string): string {
  return `${path}.next`
}

/** The directory of one host's part, with its slash, or '' where there is but one. */
export function homeOf(path: string): string {
  const depth = path.split('/').length
  return depth > 2 ? `${path.split('/').slice(0, depth - 2).join('/')}/` : ''
}

/** The common name of a sidecar's certificate, by which the other end knows it. */
export function leafCommonName(leaf: LeafName, stackName: string): string {
  return `${leaf}.${capped(stackName, longestName - leaf.length - 1)}`
}

/** The key's id makes the name of each authority of a stack another one, and of one key always the same. */
export function authorityCommonName(stackName: string, keyId: string): string {
  const end = ` CA ${keyId.slice(0, 8)}`
  return `${capped(stackName, longestName - end.length)}${end}`
}

/** X.509 allows a common name no more characters. */
const longestName = 64

function capped(name: string, room: number): string {
  if (name.length <= room) return name
  return `${name.slice(0, room - 9)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}

/** A host as certificates spell it: without brackets, in small letters. */
function plainHost(host: string): string {
  return host.replace(/^\[|\]$/g, '').toLowerCase()
}
