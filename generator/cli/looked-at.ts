/** What a run over a stack that stands has looked at: while none of it is touched, the next run finds the same. */

import { dirname, join } from 'node:path'
import type { Change } from '../changes/compare.ts'
import { manifestPath } from '../changes/manifest.ts'
import { lockPath } from '../io/lock-file.ts'
import { secretNames } from '../io/secret-store.ts'
import type { Stack } from '../stack/model.ts'
import type { Place } from './answer-file.ts'

/** Absolute paths; undefined where something else counts, too: certificates run out, typed answers stand nowhere. */
export function lookedAt({ path, directory, typed }: Place, { tls }: Stack, changes: readonly Change[]): readonly string[] | undefined {
  if (tls || typed || changes.some(({ kind }) => kind !== 'unchanged')) return undefined
  const files = ['answers.env', lockPath, manifestPath, ...secretNames.map((name) => `secrets/${name}`), ...changes.map((change) => change.path)]
  const folders = new Set<string>()
  for (const file of files) for (let at = dirname(file); !folders.has(at); at = dirname(at)) folders.add(at)
  return [path, ...[...folders, ...files].map((one) => join(directory, one))]
}
