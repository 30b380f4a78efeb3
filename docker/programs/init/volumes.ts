/**
 * What volumes hold, and whose it is. Others write to some of them, and init is root: each folder is held open, and what is in
 * it is reached through it, so that a link leads nowhere.
 */

import { chmodSync, chownSync, lchownSync, lstatSync, statSync, type Stats } from 'node:fs'
import { basename, dirname } from 'node:path'
import { dataMarker } from '../../../generator/catalogue/container.ts'
import type { Consumer, DataVolume } from '../../../generator/stack-file/schema.ts'
import { errorCode } from '../../../generator/io/disk.ts'
import { entriesOf, entryOf, inFolder, inSubfolder, makeFolder, readContent, removeTree, writeAtomically, type Owner } from '../shared/files.ts'
import { OperatorError } from '../shared/program.ts'
import type { Content } from './contents.ts'

type Say = (line: string) => void

/** The modes of a folder while it changes, and afterwards: for its user alone, or for everybody. */
const secret = { meanwhile: 0o700, afterwards: 0o500 }
const shared = { meanwhile: 0o755, afterwards: 0o555 }

/** Makes the volume at `path` hold what is wanted and what is `kept`, and nothing else. */
export function prepareConfig(path: string, owner: Owner, wanted: ReadonlyMap<string, Content>, kept: readonly string[], say: Say, { meanwhile, afterwards } = secret): void {
  const folders = [...new Set([...wanted.keys()].flatMap(foldersAbove))].sort()
  const names = new Set([...wanted.keys(), ...folders, ...kept])
  inFolder(path, (place) => {
    give(place, owner, meanwhile)
    for (const folder of folders) makeFolder(`${path}/${folder}`, owner)
    for (const [name, content] of [...wanted].sort(([a], [b]) => (a < b ? -1 : 1))) say(`${name} ${put(`${path}/${name}`, content, owner) ? 'written' : 'unchanged'}`)
    for (const folder of ['', ...folders]) inFolder(`${path}/${folder}`, (inner) => { sweep(inner, folder, names, say) })
    for (const folder of folders) inFolder(`${path}/${folder}`, (inner) => { give(inner, owner, 0o500) })
    give(place, owner, afterwards)
  })
}

/** The volume of the programs, which all containers read. */
export function preparePrograms(path: string, owner: Owner, wanted: ReadonlyMap<string, Content>, say: Say): void {
  prepareConfig(path, owner, wanted, [], say, shared)
}

/** The folder itself; what is inside only where the volume is the user's own: chain data has hundreds of gigabytes. */
export function prepareData(path: string, owner: Owner, { name, uid, gid, data }: Consumer & { readonly data: DataVolume }, say: Say): void {
  inFolder(path, (place) => {
    give(place, owner, Number.parseInt(data.mode, 8))
    say(`${data.directory?.path ?? data.path} belongs to ${uid}:${gid}`)
    if (data.content === 'own') {
      giveContent(place, '', owner, say)
      return
    }
    for (const entry of entriesOf(place).filter((one) => `${one}` !== dataMarker)) {
      const found = lstatSync(entryOf(place, entry), { throwIfNoEntry: false })
      if (found && found.uid !== owner.uid) say(`note: ${data.path}/${entry} belongs to user ${found.uid}; if ${name} cannot write to it, stop the stack and chown -R it to ${uid}:${gid}`)
    }
  })
}

/** Folders in folders beyond this are no program's. */
const deepest = 100

/** A restored backup often belongs to root. Links are given away themselves, never what they point to. */
function giveContent(place: string, folder: string, owner: Owner, say: Say, depth = 0): void {
  if (depth > deepest) throw new OperatorError(`there are more than ${deepest} folders in each other, from ${folder.slice(0, 100)} on; remove them`)
  for (const entry of entriesOf(place)) {
    try {
      const found = lstatSync(entryOf(place, entry))
      if (!isOwned(found, owner)) {
        lchownSync(entryOf(place, entry), owner.uid, owner.gid)
        say(`${folder}${entry} given to ${owner.uid}:${owner.gid}`)
      }
      if (found.isDirectory()) inSubfolder(place, entry, (inner) => { giveContent(inner, `${folder}${entry}/`, owner, say, depth + 1) })
    } catch (error) {
      // A running program makes and removes files, and what was a folder may be a link now.
      if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '')) throw error
    }
  }
}

/** True where it had to be written. */
function put(path: string, content: Content, owner: Owner): boolean {
  return inFolder(dirname(path), (place) => {
    const name = basename(path)
    const found = lstatSync(entryOf(place, name), { throwIfNoEntry: false })
    if (found?.isFile() && isOwned(found, owner) && (found.mode & 0o7777) === content.mode && found.size === content.bytes.length
      && readContent(path, content.bytes.length).equals(content.bytes)) return false
    if (found?.isDirectory()) removeTree(place, name)
    writeAtomically(path, content.bytes, { mode: content.mode, owner })
    return true
  })
}

/** Removes what does not belong into one folder of a volume. */
function sweep(place: string, folder: string, names: ReadonlySet<string>, say: Say): void {
  for (const entry of entriesOf(place)) {
    const name = folder ? `${folder}/${entry}` : `${entry}`
    if (names.has(name)) continue
    removeTree(place, entry)
    say(`${name} removed`)
  }
}

/** The folders that a file lies in, the outer one first. */
function foldersAbove(name: string): readonly string[] {
  const parts = name.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

/** `place` is open, and a path to the folder itself. */
function give(place: string, owner: Owner, mode: number): void {
  const found = statSync(place)
  if (!isOwned(found, owner)) chownSync(place, owner.uid, owner.gid)
  if ((found.mode & 0o7777) !== mode) chmodSync(place, mode)
}

function isOwned(found: Stats, owner: Owner): boolean {
  return found.uid === owner.uid && found.gid === owner.gid
}
