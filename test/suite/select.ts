/** Selects the test files to run, and orders them. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../support/repository.ts'

/** How many seconds each file took when the times were recorded, by its path in the repository. */
export type Times = Readonly<Record<string, number>>

export const timesFile = join(repository, 'test/suite/times.json')

export function recordedTimes(): Times {
  return JSON.parse(readFileSync(timesFile, 'utf8')) as Times
}

/** Every test file whose path contains one of `names`; all of them for no name. Throws for a name that no path contains. */
export function selectFiles(names: readonly string[]): readonly string[] {
  const all = readdirSync(join(repository, 'test'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.test.ts')).map((path) => `test/${path}`).sort()
  for (const name of names) {
    if (!all.some((file) => file.includes(name))) throw new Error(`no test file has "${name}" in its path`)
  }
  return all.filter((file) => names.length === 0 || names.some((name) => file.includes(name)))
}

/** Files without a recorded time first, then the longest ones. */
export function longestFirst(files: readonly string[], times: Times): readonly string[] {
  const seconds = (file: string) => times[file] ?? Infinity
  return [...files].sort((a, b) => (seconds(a) === seconds(b) ? (a < b ? -1 : 1) : seconds(a) < seconds(b) ? 1 : -1))
}

/** Whether a file starts stacks. Such a file waits for the engine more than it computes. */
export function waitsForEngine(file: string): boolean {
  return /^test\/(engines|duty)\//.test(file)
}
