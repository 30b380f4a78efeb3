/**
 * A directory that stays the one it was when it was opened. Each level is opened without following a link, and what is written
 * then goes through the open directory: whoever swaps a level for a link meanwhile redirects nothing.
 */

import { chmodSync, closeSync, constants, existsSync, fstatSync, lstatSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { platform } from 'node:process'
import { errorCode, makeDirectory, syncDirectory } from './disk.ts'

/** Opens a directory as a place alone, for which it need not be readable. Node.js does not name it; Linux has this number everywhere. */
export const O_PATH = 0o10000000
const { O_DIRECTORY, O_NOFOLLOW } = constants

/** The path without links, as it is now. What is not there yet stands in what is. */
export function realPath(path: string): string {
  return existsSync(path) || dirname(path) === path ? realpathSync(path) : join(realPath(dirname(path)), basename(path))
}

/**
 * Calls `action` with the directory `way` below `root`, a real path; both are made if need be, the last level with `mode`.
 * Throws ELOOP where a level is a link.
 */
export function inDirectory<T>(root: string, way: string, mode: number, action: (place: string) => T): T {
  const path = join(root, way)
  return platform === 'linux' && existsSync('/proc/self/fd') ? throughHandle(path, mode, action) : lookedAt(path, mode, action)
}

function throughHandle<T>(path: string, mode: number, action: (place: string) => T): T {
  const handle = openFolder(path, (above, name, last) => openLevel(above, name, last ? mode : 0o755))
  try {
    return action(`/proc/self/fd/${handle}/.`)
  } finally {
    closeSync(handle)
  }
}

/** The descriptor of a folder as a place alone. `path` is absolute; each level is opened in the one above by `open`, which follows no link. */
export function openFolder(path: string, open: (above: string, name: string, last: boolean) => number = openPlace): number {
  const parts = path.split(sep).filter((part) => part !== '')
  let handle = openSync('/', O_PATH | O_DIRECTORY)
  try {
    for (const [index, part] of parts.entries()) {
      const next = open(`/proc/self/fd/${handle}`, part, index === parts.length - 1)
      const above = handle
      handle = next
      closeSync(above)
    }
    return handle
  } catch (error) {
    closeSync(handle)
    throw error
  }
}

function openPlace(above: string, name: string): number {
  return openSync(join(above, name), O_PATH | O_DIRECTORY | O_NOFOLLOW)
}

function openLevel(above: string, name: string, mode: number): number {
  const path = join(above, name)
  const open = () => openPlace(above, name)
  try {
    return open()
  } catch (cause) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw linkError(name)
    if (errorCode(cause) !== 'ENOENT') throw cause
  }
  mkdirSync(path, { mode })
  const made = open()
  // A strict umask takes rights away that containers need.
  const now = fstatSync(made).mode & 0o7777
  if ((now & mode) !== mode) chmodSync(`/proc/self/fd/${made}/.`, now | mode)
  syncDirectory(`${above}/.`)
  return made
}

function linkError(name: string): Error {
  return Object.assign(new Error(`${name} is a symbolic link`), { code: 'ELOOP' })
}

/** Where the system has no such paths: a look before and one after. A link that comes and goes in between is not seen. */
function lookedAt<T>(path: string, mode: number, action: (place: string) => T): T {
  makeDirectory(path, mode)
  const check = () => { if (realpathSync(path) !== path) throw linkError(path) }
  check()
  const done = action(path)
  check()
  return done
}
