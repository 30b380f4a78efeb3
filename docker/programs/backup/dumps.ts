/** The sBTC signer's dumps as the backup sees them: read-only, encrypted already by sbtc-backup, beside the copy of the signer's database. */

import { readdirSync, statSync } from 'node:fs'
import { paths } from '../../../generator/catalogue/container.ts'
import { errorCode } from '../../../generator/io/disk.ts'
import { dumpEnds, dumpNumber } from '../shared/dumps.ts'
import { hashOf, inFolder, readJsonObject } from '../shared/files.ts'
import { OperatorError } from '../shared/program.ts'
import type { Root } from '../shared/root.ts'

/** In the backup's volume and in each snapshot. */
export const dumpFolder = 'sbtc'
export const dumpsOf = (root: Root): string => root(`${paths.backupData}/${dumpFolder}`)
/** In milliseconds. sbtc-backup verifies a dump right after it was made, and then removes old ones. A dump goes off the host all the same where that takes longer. */
const verifiedWithin = 900_000

/** The name of the dump with the highest number, which is the newest; undefined in a folder without dumps. */
export function newestDump(folder: string): string | undefined {
  const numbered = fileNames(folder).flatMap((file) => {
    const name = file.slice(0, -dumpEnds.dump.length)
    const number = file.endsWith(dumpEnds.dump) ? dumpNumber(name) : undefined
    return number === undefined ? [] : [{ name, number }]
  })
  return numbered.toSorted((a, b) => a.number - b.number).at(-1)?.name
}

function fileNames(folder: string): readonly string[] {
  try {
    return inFolder(folder, (place) => readdirSync(place))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

/** Whether there is a newer dump than `stored`, and nobody is about to change the folder. */
export function dumpWaits(root: Root, stored: unknown): boolean {
  const name = newestDump(dumpsOf(root))
  if (name === undefined || name === stored) return false
  const age = (end: string) => statSync(`${dumpsOf(root)}/${name}${end}`, { throwIfNoEntry: false })?.mtimeMs
  const made = age(dumpEnds.dump)
  return age(dumpEnds.verdict) !== undefined || (made !== undefined && Date.now() - made > verifiedWithin)
}

/** What the repository must give back for a dump: what its manifest was written for. */
export function dumpHashes(root: Root, name: string): Readonly<Record<string, unknown>> {
  const path = `${dumpsOf(root)}/${name}`
  return { [`/${dumpFolder}/${name}${dumpEnds.dump}`]: manifestHash(path), [`/${dumpFolder}/${name}${dumpEnds.manifest}`]: hashOf(`${path}${dumpEnds.manifest}`) }
}

/** Compares the newest dump that was brought back with its manifest. Returns its name; undefined without one. */
export function checkDump(folder: string): string | undefined {
  const name = newestDump(folder)
  if (name !== undefined && hashOf(`${folder}/${name}${dumpEnds.dump}`) !== manifestHash(`${folder}/${name}`)) throw new OperatorError(`${name} comes back other than it was made`)
  return name
}

function manifestHash(path: string): unknown {
  return readJsonObject(`${path}${dumpEnds.manifest}`)['sha256']
}
