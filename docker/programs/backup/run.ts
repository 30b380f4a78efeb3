/**
 * Backs up the signer's database, the dumps of an sBTC signer, and the sealed secrets.
 *
 *   backup copy [--now]      copies the signer's database once a day; it has no network, and of the signer's volume it can only read
 *   backup store [--now]     stores each new copy and each new dump with restic, and verifies it
 *   backup health            whether the service of this container is alive
 *   backup list              lists the stored backups
 *   backup fetch [SNAPSHOT]  brings a backup back for restore or arrive: the newest verified one, or the one whose id begins so
 *   backup drill             brings the newest one back into a scratch volume, and checks it
 *
 * In a container of init:
 *
 *   backup seal              encrypts a tar of secrets/ to the operator's age recipients; the tar is on standard input
 *   backup check             opens what a drill has brought back; an age identity is on standard input
 *   backup restore           puts the database that fetch has brought back into the signer's volume
 *   backup arrive            hands the newest dump that fetch has brought back to sbtc-backup, and prints its name
 */

import { healthOf } from '../shared/alive.ts'
import { OperatorError, type Io, type Run } from '../shared/program.ts'
import { rootOf, type Root } from '../shared/root.ts'
import { arrive } from './arrive.ts'
import { copy } from './copy.ts'
import { drill, fetch, list } from './fetch.ts'
import { systemFault } from './places.ts'
import { restore } from './restore.ts'
import { check, seal } from './secrets.ts'
import { store } from './store.ts'

/** `word` is what follows the command; undefined where nothing does. */
type Command = (root: Root, io: Io, word: string | undefined) => number | Promise<number>

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['copy', copy], ['store', store], ['list', list], ['fetch', fetch], ['drill', drill], ['seal', seal], ['check', check], ['restore', restore], ['arrive', arrive],
  ['health', (_, io) => healthOf(io)],
])

export const run: Run = async ([name = '', word, ...more], io) => {
  const command = commands.get(name)
  if (!command || more.length > 0) throw new OperatorError(`say one of ${[...commands.keys()].join(', ')}`)
  try {
    return await command(rootOf(io), io, word)
  } catch (error) {
    const fault = systemFault(error)
    throw fault === undefined ? error : new OperatorError(fault)
  }
}
