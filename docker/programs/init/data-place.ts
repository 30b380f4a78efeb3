/**
 * Where the data of a program lies: in its named volume, or in a folder of the machine. A folder carries a marker, which make
 * data-dirs has written while its disk was there. The config volume of the program holds a record of the folder in use. Both have
 * one random number, so init knows an empty mount point, another disk, the folder of another stack, and data that was left elsewhere.
 */

import { chmodSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { dataMarker, paths } from '../../../generator/catalogue/container.ts'
import type { ConfigVolume, Consumer, DataVolume, StackFile } from '../../../generator/stack-file/schema.ts'
import { entriesOf, inFolder, readText, removeFile, writeAtomically, type Owner } from '../shared/files.ts'
import { withdraw } from '../shared/guarded.ts'
import { OperatorError } from '../shared/program.ts'
import type { Root } from '../shared/root.ts'
import type { Content } from './contents.ts'

export type WithData = Consumer & { readonly config: ConfigVolume; readonly data: DataVolume }

/** The record in the config volume. Its name comes before that of every config, so it is there before one of them is. */
export const placeFile = '.data-place'

/** Data that has to move before its program may start. A volume is named as `volume:NAME`. */
export interface Move { readonly one: WithData; readonly from: string; readonly to: string }

interface Marker { readonly stack: string; readonly name: string; readonly id: string; readonly isMoving: boolean }
interface Place { readonly id: string; readonly answer: string; readonly path: string }

/** The record that belongs beside the config of `one`; undefined for a named volume. Throws where its data is not at hand. */
export function placeRecord(at: Root, stack: StackFile, one: WithData): Content | undefined {
  const move = moveOf(at, stack, one)
  if (move) {
    throw new OperatorError(`the data of ${one.name} is in ${move.from}, and the answers say ${move.to}: make move-data moves it${wayBack(placeOf(at, one))}. `
      + `If it is lost, or you have moved it yourself: make data-accept S=${one.name} CONFIRM=yes`)
  }
  const marker = markerOf(at, stack, one)
  if (!marker || !one.data.directory) return undefined
  if (marker.isMoving && marker.id !== placeOf(at, one)?.id) throw new OperatorError(`${one.data.directory.path} holds a part of moved data: make move-data, with the old place of the data, continues it`)
  return { bytes: Buffer.from(`${marker.id} ${one.data.directory.answer} ${one.data.directory.path}\n`), mode: 0o444 }
}

const wayBack = (place: Place | undefined) => (place ? `, or write ${place.answer}=${place.path} again` : '')

/** What keeps `one` from starting where the answers say; undefined where its data is there, or where it never had any. */
export function moveOf(at: Root, stack: StackFile, one: WithData): Move | undefined {
  const place = placeOf(at, one)
  const { directory } = one.data
  if (!directory) return place && { one, from: place.path, to: 'its named volume' }
  const marker = markerOf(at, stack, one)
  const to = directory.path
  if (place) {
    if (!marker) throw new OperatorError(`${to} has no ${dataMarker}: is its disk mounted? The data of ${one.name} was in ${place.path}. A new folder is prepared by sudo make data-dirs`)
    if (marker.id === place.id) return undefined
    if (place.path !== to) return { one, from: place.path, to }
    throw new OperatorError(`${to} is not the folder that held the data of ${one.name} until now: is the right disk mounted? If that data is lost: make data-accept S=${one.name} CONFIRM=yes`)
  }
  if (!marker) throw new OperatorError(`${to} has no ${dataMarker}: mount its disk, then sudo make data-dirs prepares the folder`)
  return isFilled(at(one.config.path)) ? { one, from: `volume:${directory.volume}`, to } : undefined
}

/** From now on the data of `one` is where the answers say. The old data is not touched, and is not used any more. */
export function acceptPlace(at: Root, stack: StackFile, one: WithData, owner: Owner): void {
  const marker = markerOf(at, stack, one)
  const { directory } = one.data
  if (directory && !marker) throw new OperatorError(`${directory.path} has no ${dataMarker}: mount its disk, then sudo make data-dirs prepares the folder`)
  // Another host: the guard watches again.
  if (one.guarded) withdraw(at)
  inFolder(at(one.config.path), (folder) => {
    chmodSync(folder, 0o700)
    if (marker && directory) writeAtomically(`${at(one.config.path)}/${placeFile}`, `${marker.id} ${directory.answer} ${directory.path}\n`, { mode: 0o444, owner })
    else removeFile(`${at(one.config.path)}/${placeFile}`)
    chmodSync(folder, 0o500)
  })
  if (marker && directory) writeMarker(at, stack, one, { ...marker, isMoving: false })
  else removeFile(at(`${one.data.path}/${dataMarker}`))
}

/** Marks the place of `one` as one that data is being moved to. Throws where something else is in it. */
export function beginMove(at: Root, stack: StackFile, one: WithData): void {
  const marker = markerOf(at, stack, one)
  if (marker?.isMoving) return
  const other = inFolder(at(one.data.path), (place) => entriesOf(place).find((entry) => `${entry}` !== dataMarker))
  if (other) throw new OperatorError(`${one.data.directory?.path ?? `the volume of ${one.name}`} is not empty, and holds ${other}: name an empty one, or remove what is in it`)
  writeMarker(at, stack, one, { stack: stack.stack, name: one.name, id: marker?.id ?? randomBytes(16).toString('hex'), isMoving: true })
}

/** Whether what is mounted at `paths.movedData` is what the record names. */
export function isSource(at: Root, one: WithData): boolean {
  const place = placeOf(at, one)
  return place === undefined || parseMarker(readText(at(`${paths.movedData}/${dataMarker}`)))?.id === place.id
}

function markerOf(at: Root, { stack }: StackFile, one: WithData): Marker | undefined {
  const marker = parseMarker(readText(at(`${one.data.path}/${dataMarker}`)))
  if (marker && (marker.stack !== stack || marker.name !== one.name)) {
    throw new OperatorError(`${one.data.directory?.path ?? `the volume of ${one.name}`} belongs to ${marker.name} of the stack ${marker.stack}; name another folder`)
  }
  return marker
}

function writeMarker(at: Root, stack: StackFile, one: WithData, { id, isMoving }: Marker): void {
  writeAtomically(at(`${one.data.path}/${dataMarker}`), `v1 ${stack.stack} ${one.name} ${id}${isMoving ? ' moving' : ''}\n`, { mode: 0o444 })
}

function parseMarker(text: string): Marker | undefined {
  const [, stack, name, id, moving] = /^v1 ([a-z0-9_-]+) ([a-z-]+) ([0-9a-f]{32})( moving)?\n$/.exec(text) ?? []
  return stack && name && id ? { stack, name, id, isMoving: moving !== undefined } : undefined
}

function placeOf(at: Root, { config }: WithData): Place | undefined {
  const [, id, answer, path] = /^([0-9a-f]{32}) ([A-Z_]+) (\/\S+)\n$/.exec(readText(at(`${config.path}/${placeFile}`))) ?? []
  return id && answer && path ? { id, answer, path } : undefined
}

/** Whether init has filled this config volume before. */
function isFilled(path: string): boolean {
  return inFolder(path, (place) => entriesOf(place).length > 0)
}
