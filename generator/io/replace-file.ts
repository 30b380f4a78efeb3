/** Replaces the text of one file of the user's own: whole or not at all, with its rights, through a link if it is one. */

import { realpathSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { error, type Problem } from '../problem.ts'
import { diskProblem, sweepLeftovers, syncDirectory, writeBeside } from './disk.ts'
import { readRegularText } from './regular-file.ts'

/** Writes `after` where `before` stands; a file that holds anything else by now is left alone. `name` is shown. */
export function replaceFile(path: string, name: string, before: string, after: string): readonly Problem[] {
  if (before === after) return []
  try {
    const file = realpathSync(path)
    sweepLeftovers(dirname(file))
    const read = readRegularText(file, { links: 'refuse' })
    if (!('text' in read) || read.text !== before) return [error('changed-meanwhile', `${name} was changed while this ran`, undefined, 'run again')]
    const temporary = writeBeside(file, after, statSync(file).mode & 0o7777)
    try {
      renameSync(temporary, file)
    } catch (cause) {
      unlinkSync(temporary)
      throw cause
    }
    syncDirectory(dirname(file))
    return []
  } catch (cause) {
    return [diskProblem(cause, name, 'written')]
  }
}
