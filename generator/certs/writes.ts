/** What is to be written, in the order in which it must be: a run that ends after any of them leaves pairs that match. */

import { createPublicKey, type KeyObject } from 'node:crypto'
import { issueLeaf, type Chance, type Issuer } from './issue.ts'
import type { LeafState } from './inspect.ts'
import { pendingKey, type CertPlaces } from './places.ts'
import { publicHalf } from './read.ts'

export type CertWrite =
  /** Fails where something stands already. */
  | { readonly kind: 'add'; readonly path: string; readonly text: string; readonly secret: boolean }
  | { readonly kind: 'replace'; readonly path: string; readonly text: string; readonly secret: boolean }
  | { readonly kind: 'move'; readonly from: string; readonly path: string }

export interface LeafOrder {
  readonly leaf: LeafState
  readonly issuer: Issuer
  readonly chance: Chance
  readonly now: Date
  readonly newKey: boolean
}

/**
 * A certificate for a leaf. With its present key, where there is one, so that the certificate is the only file that
 * changes: nothing can then be caught with one half of a new pair. The key need not be here for that.
 */
export async function leafWrites({ leaf, issuer, chance, now, newKey }: LeafOrder): Promise<readonly CertWrite[]> {
  const { place, commonName, chain, key } = leaf
  const issue = (publicKey: KeyObject) => issueLeaf({ issuer, commonName, hosts: place.hosts, publicKey, serial: chance.serial(), now })
  const certificate = async (publicKey: KeyObject): Promise<CertWrite> => ({
    kind: leaf.faults.some(({ code, file }) => code === 'missing' && file === place.certificate) ? 'add' : 'replace', path: place.certificate, text: await issue(publicKey), secret: false,
  })
  const present = key ?? chain?.[0].publicKey
  if (!newKey && present) {
    const swapped = leaf.faults.some(({ code }) => code === 'half-swapped')
    return swapped && leaf.pending
      ? [moveKey(place.key), await certificate(publicHalf(leaf.pending))]
      : [await certificate(publicHalf(present))]
  }
  // A key that a killed run has left waiting is as good as another.
  const waits = leaf.pending
  const fresh = waits ? undefined : chance.key()
  const publicKey = waits ? publicHalf(waits) : createPublicKey(fresh!)
  const hasKey = !leaf.faults.some(({ code, file }) => code === 'no-key' && file === place.key)
  // Where there is no pair to be kept whole, the key can take its place at once.
  const waiting = hasKey || chain !== undefined || waits !== undefined
  return [
    ...(fresh === undefined ? [] : [{ kind: 'add', path: waiting ? pendingKey(place.key) : place.key, text: fresh, secret: true } as const]),
    await certificate(publicKey),
    ...(waiting ? [moveKey(place.key)] : []),
  ]
}

export function moveKey(path: string): CertWrite {
  return { kind: 'move', from: pendingKey(path), path }
}

/** Every copy of the bundle that does not say `text` yet. */
export function bundleWrites(places: CertPlaces, files: ReadonlyMap<string, string>, text: string): readonly CertWrite[] {
  return places.ca.filter((path) => files.get(path) !== text)
    .map((path) => ({ kind: files.has(path) ? 'replace' : 'add', path, text, secret: false }))
}
