/** The certificates that a run of generating makes. Decided before anything is written, stored before any generated file. */

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { makeMissing } from '../certs/first.ts'
import type { Chance } from '../certs/issue.ts'
import type { CertPlaces } from '../certs/places.ts'
import { applyCertWrites, readCertFiles } from '../io/cert-store.ts'
import type { Problem, Result } from '../problem.ts'

export interface SettledCertificates {
  /** What `store` will have made, a line each. */
  readonly made: readonly string[]
  /** Writes what is new; an existing file is never touched. */
  readonly store: () => readonly Problem[]
}

/** The system's own chance. */
export const systemChance: Chance = {
  serial: () => randomBytes(16).toString('hex'),
  key: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
}

/**
 * Makes what `generated` misses, judges what `provided` gives. The directory's own files are the record: a clone without
 * `secrets/` has the certificates, and nothing is invented beside them.
 */
export async function settleCertificates(
  directory: string, stackName: string, places: CertPlaces, mode: 'generated' | 'provided', options: { readonly now: Date; readonly writes: boolean },
): Promise<Result<SettledCertificates>> {
  const files = readCertFiles(directory, places)
  if (!files.value) return { problems: files.problems }
  const made = await makeMissing(files.value, { stackName, places, mode, now: options.now }, systemChance, options.writes)
  const problems = [...files.problems, ...made.problems]
  if (!made.value) return { problems }
  const { notes, writes } = made.value
  return { value: { made: notes, store: () => applyCertWrites(directory, places, writes) }, problems }
}
