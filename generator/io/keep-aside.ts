/** Keeps what `--force` is about to overwrite as NAME.orig, NAME.orig.1 and so on. */

import { linkSync, lstatSync, renameSync } from 'node:fs'
import type { TreeEntry } from '../changes/compare.ts'
import { errorCode } from './disk.ts'
import { readRegularText } from './regular-file.ts'

/**
 * Gives the file a second name, so that it never is absent; where the file system cannot, moves it. An older copy is
 * never overwritten; one of the same bytes, which a killed run may have left, will do.
 */
export function keepAside(path: string, entry: TreeEntry): void {
  for (let number = 0; ; number += 1) {
    const kept = `${path}.orig${number === 0 ? '' : `.${number}`}`
    if (!lstatSync(kept, { throwIfNoEntry: false })) {
      // Text alone is linked: a link of a link is another thing on each system.
      if (entry.kind === 'file' || entry.kind === 'not-text') linkOrMove(path, kept)
      else renameSync(path, kept)
      return
    }
    if (entry.kind === 'file' && holds(kept, entry.content)) return
  }
}

function linkOrMove(path: string, kept: string): void {
  try {
    linkSync(path, kept)
  } catch (cause) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV'].includes(errorCode(cause) ?? '')) throw cause
    renameSync(path, kept)
  }
}

function holds(path: string, content: string): boolean {
  const read = readRegularText(path, { links: 'refuse' })
  return 'text' in read && read.text === content
}
