/** Copies of the dumps in folders elsewhere: a disk of another host, mounted. Each is read back before it gets its name. */

import { existsSync, statSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { dumpEnds } from '../shared/dumps.ts'
import { hashOf } from '../shared/files.ts'
import { OperatorError } from '../shared/program.ts'
import { at } from './programs.ts'
import { beside, fillFile, removeParts, type Dump } from './store.ts'

/** Nothing else tells the mounted folder from the empty one below it on this host's own disk. */
const mark = 'sbtc-backup-target'

/** Copies what is not there yet, the newest first. Returns how many. */
export async function copyDumps(dumps: readonly Dump[], folder: string): Promise<number> {
  return at(folder, async () => {
    if (!existsSync(join(folder, mark))) throw new OperatorError(`${folder} has no file ${mark}: is it mounted? Make the file once, where the copies are to go`)
    removeParts(folder)
    const missing = dumps.filter((dump) => Object.keys(dump.manifest).length > 0 && !isThere(dump, folder)).reverse()
    for (const { path, manifest } of missing) {
      await copy(beside(path, 'manifest'), folder)
      await copy(path, folder, manifest['sha256'])
    }
    return missing.length
  })
}

const isThere = ({ name, manifest }: Dump, folder: string): boolean => statSync(join(folder, `${name}${dumpEnds.dump}`), { throwIfNoEntry: false })?.size === manifest['bytes']

/** What does not have the hash `wanted` gets no name: the original may have gone bad as well as the copy. */
async function copy(path: string, folder: string, wanted?: unknown): Promise<void> {
  await fillFile(join(folder, basename(path)), async (part) => {
    await copyFile(path, part)
    if (wanted !== undefined && hashOf(part) !== wanted) throw new OperatorError(`the copy of ${path} in ${folder} is not what its manifest says`)
  })
}
