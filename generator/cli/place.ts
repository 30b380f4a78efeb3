/** Where a run reads and writes. */

import system, { type PlatformPath } from 'node:path'

/** The answer file as it was named, its path, and the output directory. */
export interface Place {
  readonly file: string
  readonly path: string
  readonly directory: string
  /** The directory as messages show it. */
  readonly shownDirectory: string
  /** There is no such file yet: the answers were typed in. They may hold secrets, and the directory gets their copy. */
  readonly typed?: true
}

/** `paths` is the system's own way with paths; tests put another's in its place. */
export function placeOf(answers: string | undefined, directory: string | undefined, cwd: string, paths: PlatformPath = system): Place {
  const file = answers ?? 'answers.env'
  const path = paths.resolve(cwd, file)
  return {
    file, path,
    directory: directory === undefined ? paths.dirname(path) : paths.resolve(cwd, directory),
    shownDirectory: directory ?? paths.dirname(file),
  }
}
