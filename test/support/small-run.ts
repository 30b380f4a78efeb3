/** A small output directory, and the order in which a real run writes: secrets, files, manifest. */

import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { compare, type Change } from '../../generator/changes/compare.ts'
import { manifestPath, readManifest, renderManifest } from '../../generator/changes/manifest.ts'
import { applyChanges } from '../../generator/io/apply.ts'
import { readSecrets, storeSecret } from '../../generator/io/secret-store.ts'
import { readTree } from '../../generator/io/tree.ts'
import type { PlannedFile } from '../../generator/plan-types.ts'
import type { Problem, Result } from '../../generator/problem.ts'

const file = (path: string, content: string, mode: PlannedFile['mode'] = 0o644): PlannedFile => ({ path, content, mode })

/** The files that an earlier run has written. */
export const oldFiles: readonly PlannedFile[] = [
  file('Makefile', 'old makefile\n'.repeat(50)), file('README.md', 'the same\n'), file('config/only/gone.conf', 'gone\n'),
  file('config/node.toml', 'old = 1\n'.repeat(50)), file('docker/run.sh', '#!/bin/sh\n'),
]

/** The files that the next run plans. */
export const newFiles: readonly PlannedFile[] = [
  file('Makefile', 'new makefile\n'.repeat(70)), file('README.md', 'the same\n'), file('config/node.toml', 'new = 2\n'.repeat(40)),
  file('docker/run.sh', '#!/bin/sh\n', 0o755), file('docker/deep/er/new.txt', 'new\n'),
]

export const handEdit = 'edited by hand\n'

export const secretValues = { 'signer-mnemonic': 'word '.repeat(24).trim(), 'signer-private-key': `${'5'.repeat(64)}01`, 'auth-token': 'token-that-was-there' } as const

/** Writes the directory of the earlier run. The Makefile was edited afterwards, and one secret exists. */
export function prepare(root: string): void {
  for (const { path, content, mode } of [...oldFiles, renderManifest(oldFiles, '1.0.0')]) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
    chmodSync(join(root, path), mode)
  }
  writeFileSync(join(root, 'Makefile'), handEdit)
  mkdirSync(join(root, 'secrets'), { mode: 0o700 })
  writeFileSync(join(root, 'secrets/auth-token'), `${secretValues['auth-token']}\n`, { mode: 0o600 })
}

/** The changes that the next run would make. */
export function pendingChanges(root: string): Result<readonly Change[]> {
  const path = join(root, manifestPath)
  const manifest = existsSync(path) ? readManifest(readFileSync(path, 'utf8')).value : undefined
  const planned = [...newFiles, renderManifest(newFiles, '1.1.0')]
  const tree = readTree(root, [...planned.map((one) => one.path), ...Object.keys(manifest?.files ?? {})])
  return tree.value ? { value: compare(planned, manifest, tree.value), problems: [] } : { problems: tree.problems }
}

/** The whole run, with --force. */
export async function finishRun(root: string): Promise<readonly Problem[]> {
  const changes = pendingChanges(root)
  if (!changes.value) return changes.problems
  const stored = readSecrets(root)
  if (!stored.value) return stored.problems
  for (const name of ['signer-mnemonic', 'signer-private-key', 'auth-token'] as const) {
    if (stored.value[name] !== undefined) continue
    const problems = storeSecret(root, name, secretValues[name])
    if (problems.length > 0) return problems
  }
  return applyChanges(root, changes.value, { force: true })
}
