/**
 * What happens around a double, and not by its own doing: a test puts it as JSON into `world.json` in the program's data
 * directory and may change it at any time. Without the file the world is as the defaults say.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJson } from './http.ts'

/** Reads the world below `directory`, anew at each call; a key that is none of `usual` throws. */
export function worldIn<T extends object>(directory: string, usual: T): () => T {
  return () => {
    let text = '{}'
    try {
      text = readFileSync(join(directory, 'world.json'), 'utf8')
    } catch {
      return usual
    }
    // Half a file is no world: what was planted before it was written out is read at the next call.
    const found = parseJson(text)
    if (typeof found !== 'object' || found === null) return usual
    const unknown = Object.keys(found).find((key) => !Object.hasOwn(usual, key))
    if (unknown !== undefined) throw new Error(`world.json: there is no ${unknown}`)
    return { ...usual, ...found }
  }
}
