/**
 * `backup restore`: puts the database that `fetch` has brought back into the signer's volume. What stood there is set aside, never deleted.
 * First of all the marker gets its place: a signer that finds a database of before must first make sure that nobody has signed since.
 */

import { linkSync, lstatSync, readdirSync, renameSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { paths, users } from '../../../generator/catalogue/container.ts'
import { copyFile, hashOfOpen, inFile, inFolder, inSubfolder, makeFolder, readJsonObject, removeTree, syncFolder, writeJson, type Owner } from '../shared/files.ts'
import { guardFiles } from '../shared/guarded.ts'
import { ownerOf } from '../shared/owner.ts'
import { OperatorError, type Io } from '../shared/program.ts'
import type { Root } from '../shared/root.ts'
import { timestamp } from '../shared/time.ts'
import { parts, sqlite, sqliteCode } from './database.ts'
import { database, files, systemFault, type Described } from './places.ts'

export function restore(root: Root, io: Io): number {
  try {
    return putBack(root, io)
  } catch (error) {
    const fault = systemFault(error)
    throw fault === undefined ? error : new OperatorError(`${fault}; what is in place now: ${readdirSync(root(paths.signerData)).sort().join(', ')}`)
  }
}

function putBack(root: Root, io: Io): number {
  const fetched = readJsonObject(root(`${files.fetched}/fetched.json`))
  const noted = fetched['database'] as Described | null | undefined
  if (!noted) throw new OperatorError('there is no database to put back: make restore brings one')
  const owner = ownerOf(users.stacksSigner, io)
  const place = root(paths.signerData)
  const check = (file: number) => { if (hashOfOpen(file) !== noted.sha256) throw new OperatorError('what was brought back is not what was checked: run make restore again') }
  const release = holdDatabase(place)
  try {
    const aside = inFile(root(`${files.fetched}/current/${database}`), (source) => {
      check(source)
      writeJson(root(guardFiles.restored), { at: timestamp(), snapshot: fetched['snapshot'], made: fetched['made'], height: noted.height }, { owner })
      return copyFile(source, `${place}/${database}`, { mode: 0o600, owner }, (written) => {
        // The program that fetched it can still write to the source, so the copy is checked too.
        check(written)
        return setAside(place, owner)
      })
    })
    inFolder(root(paths.backupData), (data) => { removeTree(data, 'restore') })
    io.say(`backup: the database of ${String(fetched['made'])} is in place${aside === undefined ? '' : `; what stood there is in ${aside}/ of the volume`}`)
    return 0
  } finally {
    release()
  }
}

/**
 * Takes SQLite's lock on the database until the returned function is called; throws where a program has it open. In WAL mode the
 * exclusive locking mode fails while another program has the database open, in other modes BEGIN EXCLUSIVE fails while one uses it. SQLite
 * opens it under another name, in a folder of root's. By its own name it would follow a link, and on closing write the log into the database.
 */
function holdDatabase(place: string): () => void {
  const name = '.held'
  const release = (opened?: DatabaseSync) => {
    opened?.close()
    inFolder(place, (volume) => { if (lstatSync(`${volume}/${name}`, { throwIfNoEntry: false })) removeTree(volume, name) })
  }
  release()
  const found = inFolder(place, (volume) => lstatSync(`${volume}/${database}`, { throwIfNoEntry: false }))
  if (!found) return () => undefined
  makeFolder(`${place}/${name}`, { uid: process.geteuid!(), gid: process.getegid!() })
  let opened: DatabaseSync | undefined
  try {
    inFolder(place, (volume) => inSubfolder(volume, name, (held) => {
      linkSync(`${volume}/${database}`, `${held}/${database}`)
      if (!lstatSync(`${held}/${database}`).isFile()) throw new OperatorError(`${database} in the signer's volume is a link, or not a regular file`)
    }))
    opened = new DatabaseSync(`${place}/${name}/${database}`)
    opened.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    // A database that is no such thing any more is one to be replaced.
    if (sqliteCode(error) !== sqlite.notDatabase && sqliteCode(error) !== sqlite.corrupt) {
      release(opened)
      throw sqliteCode(error) === sqlite.busy ? new OperatorError('a program has the signer\'s database open: make stop S=stacks-signer') : error
    }
  }
  return () => { release(opened) }
}

/** The name of the folder that what stood there was moved to; undefined where nothing did. Nothing is deleted. */
function setAside(place: string, owner: Owner): string | undefined {
  const name = `before-restore-${timestamp().replace(/[-:]/g, '')}`
  return inFolder(place, (volume) => {
    const there = parts.map((part) => `${database}${part}`).filter((file) => lstatSync(`${volume}/${file}`, { throwIfNoEntry: false }))
    if (there.length === 0) return undefined
    makeFolder(`${place}/${name}`, owner)
    inSubfolder(volume, name, (aside) => {
      for (const file of there) renameSync(`${volume}/${file}`, `${aside}/${file}`)
      syncFolder(aside)
    })
    return name
  })
}
