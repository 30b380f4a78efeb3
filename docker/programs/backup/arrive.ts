/** `backup arrive`: hands the newest dump that `fetch` has brought back to sbtc-backup, into a folder of its scratch volume. Init alone sees both volumes. */

import { lstatSync } from 'node:fs'
import { paths, users } from '../../../generator/catalogue/container.ts'
import { dumpEnds } from '../shared/dumps.ts'
import { copyFile, inFile, inFolder, makeFolder, removeTree } from '../shared/files.ts'
import { ownerOf } from '../shared/owner.ts'
import { OperatorError, type Io } from '../shared/program.ts'
import type { Root } from '../shared/root.ts'
import { dumpFolder, newestDump } from './dumps.ts'
import { files } from './places.ts'

const arrived = 'fetched'

export function arrive(root: Root, io: Io): number {
  const source = root(`${files.fetched}/${dumpFolder}`)
  const name = newestDump(source)
  if (name === undefined) throw new OperatorError('what was brought back holds no dump')
  const [work, owner] = [root(paths.sbtcBackupWork), ownerOf(users.sbtcBackup, io)]
  const clear = () => { inFolder(work, (place) => { if (lstatSync(`${place}/${arrived}`, { throwIfNoEntry: false })) removeTree(place, arrived) }) }
  clear()
  makeFolder(`${work}/${arrived}`, owner)
  try {
    for (const end of [dumpEnds.manifest, dumpEnds.dump]) {
      inFile(`${source}/${name}${end}`, (brought) => { copyFile(brought, `${work}/${arrived}/${name}${end}`, { mode: 0o600, owner }) })
    }
  } catch (error) {
    clear()
    throw error
  }
  inFolder(root(paths.backupData), (place) => { removeTree(place, 'restore') })
  io.say(name)
  return 0
}
