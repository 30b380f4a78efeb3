/** `config/new-key`: tells init for an hour that the generator has made the signer key, so that no other signer can have it. */

import { renameSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from '../problem.ts'
import { diskProblem, makeDirectory, writeBeside } from './disk.ts'

/** Writes it for the host whose part of the directory is `home` (with a slash at its end). */
export function markNewKey(directory: string, home: string, publicKey: string): readonly Problem[] {
  const path = `${home}config/new-key`
  try {
    makeDirectory(join(directory, `${home}config`), 0o755)
    renameSync(writeBeside(join(directory, path), `${publicKey} ${Math.floor(Date.now() / 1000)}\n`, 0o644), join(directory, path))
    return []
  } catch (cause) {
    return [diskProblem(cause, path, 'written')]
  }
}
