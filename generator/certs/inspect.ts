/** What the files of a stack's TLS amount to: which authority, which leaves, and what is wrong with each. */

import type { KeyObject } from 'node:crypto'
import { bundleFaults, daysLeft, keyFaults, leafFaults, type Fault } from './check.ts'
import { library } from './library.ts'
import { leafCommonName, pendingKey, type CertPlaces, type LeafPlace } from './places.ts'
import { readCertificates, readKey, samePair, type Certificate, type Read } from './read.ts'

/** The texts found, by path; what is not there has no entry. */
export type CertFiles = ReadonlyMap<string, string>

export interface Setting {
  readonly stackName: string
  readonly places: CertPlaces
  readonly mode: 'generated' | 'provided'
  readonly now: Date
}

export interface Bundle {
  readonly file: string
  readonly certificates: readonly [Certificate, ...Certificate[]]
}

export interface LeafState {
  readonly place: LeafPlace
  readonly commonName: string
  readonly chain?: readonly [Certificate, ...Certificate[]]
  readonly key?: KeyObject
  /** A key that waits to take the place of `key`. */
  readonly pending?: KeyObject
  readonly faults: readonly Fault[]
}

export interface State {
  readonly bundles: readonly Bundle[]
  /** What all bundles together hold, each once. */
  readonly authorities: readonly Certificate[]
  /** The authority whose key is here, and the one that is to follow it. */
  readonly own?: Certificate
  readonly next?: Certificate
  readonly ownKey?: KeyObject
  readonly nextKey?: KeyObject
  readonly leaves: readonly LeafState[]
  /** Of the bundles and of the authority's key; those of a leaf stand with the leaf. */
  readonly faults: readonly Fault[]
}

/** The copies of the bundle that must be there: what an organisation provides stands on the hosts alone. */
export function bundleFiles(places: CertPlaces, mode: Setting['mode']): readonly string[] {
  if (mode === 'generated') return places.ca
  const homes = places.leaves.map(({ certificate }) => folder(certificate))
  return places.ca.filter((file) => homes.includes(folder(file)))
}

export async function inspect(files: CertFiles, setting: Setting): Promise<State> {
  const x509 = await library()
  const { places, mode, now } = setting
  const faults: Fault[] = []
  const bundles: Bundle[] = []
  for (const file of bundleFiles(places, mode)) {
    const text = files.get(file)
    if (text === undefined) {
      faults.push({ code: 'missing', file, message: 'is missing' })
      continue
    }
    const read = readCertificates(text, x509)
    if (read.value) bundles.push({ file, certificates: read.value })
    else faults.push({ code: 'unreadable', file, message: read.fault })
  }
  faults.push(...bundles.flatMap(({ file, certificates }) => bundleFaults(certificates, file, now)))
  const authorities = distinct(bundles.flatMap(({ certificates }) => certificates))
  const ownKey = mode === 'generated' ? readIf(files, places.authorityKey) : undefined
  const nextKey = mode === 'generated' ? readIf(files, pendingKey(places.authorityKey)) : undefined
  const own = ownKey?.value && authorities.find((one) => samePair(one.publicKey, ownKey.value))
  const next = nextKey?.value && authorities.find((one) => samePair(one.publicKey, nextKey.value))
  faults.push(...authorityKeyFaults(places.authorityKey, ownKey, own, authorities))
  if (nextKey?.fault !== undefined) faults.push({ code: 'unreadable-key', file: pendingKey(places.authorityKey), message: nextKey.fault })
  return {
    bundles, authorities, faults,
    ...(own && { own }), ...(next && { next }),
    ...(ownKey?.value && { ownKey: ownKey.value }), ...(nextKey?.value && { nextKey: nextKey.value }),
    leaves: places.leaves.map((place) => leafState(place)),
  }

  function leafState(place: LeafPlace): LeafState {
    const commonName = leafCommonName(place.name, setting.stackName)
    const names = mode === 'generated' ? place.hosts : [place.wireName]
    const text = files.get(place.certificate)
    const read = text === undefined ? undefined : readCertificates(text, x509)
    const chain = read?.value
    const key = readIf(files, place.key)
    const pending = readIf(files, pendingKey(place.key))
    return {
      place, commonName,
      ...(chain && { chain }), ...(key?.value && { key: key.value }), ...(pending?.value && { pending: pending.value }),
      faults: [
        ...(text === undefined ? [{ code: 'missing', file: place.certificate, message: 'is missing' } as const] : []),
        ...(read?.fault === undefined ? [] : [{ code: 'unreadable', file: place.certificate, message: read.fault } as const]),
        ...(chain ? leafFaults(chain, { place, commonName, names, bundles, now }) : []),
        ...keyFaults(chain?.[0], place, key, pending),
      ],
    }
  }
}

/** The days a leaf has left; undefined where there is none that can be read. */
export function leafDaysLeft({ chain }: LeafState, now: Date): number | undefined {
  return chain && daysLeft(chain[0], now)
}

function authorityKeyFaults(file: string, key: Read<KeyObject> | undefined, own: Certificate | undefined, authorities: readonly Certificate[]): readonly Fault[] {
  if (key?.fault !== undefined) return [{ code: 'unreadable-key', file, message: key.fault }]
  if (key && key.value.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return [{ code: 'weak', file, message: 'is no P-256 key, and with no other are certificates made here' }]
  if (!key || own || authorities.length === 0) return []
  return [{ code: 'other-key', file, message: `is the key of none of the authorities in the bundle (${authorities.map(({ commonName }) => commonName || '?').join(', ')})` }]
}

function readIf(files: CertFiles, path: string): Read<KeyObject> | undefined {
  const text = files.get(path)
  return text === undefined ? undefined : readKey(text)
}

/** Each certificate once, in the order of its first appearance. */
export function distinct(certificates: readonly Certificate[]): readonly Certificate[] {
  return [...new Map(certificates.map((one) => [one.x509.fingerprint256, one])).values()]
}

function folder(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}
