/** Which test files run, and in what order. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../support/repository.ts'

/** Seconds that each file took when the times were recorded, by its path below the repository. */
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

/** The longest first, and those without a recorded time before them. */
export function longestFirst(files: readonly string[], times: Times): readonly string[] {
  const seconds = (file: string) => times[file] ?? Infinity
  return [...files].sort((a, b) => (seconds(a) === seconds(b) ? (a < b ? -1 : 1) : seconds(a) < seconds(b) ? 1 : -1))
}

/** These files bring stacks up: they wait for an engine more than they compute. */
export function waitsForEngine(file: string): boolean {
  return /^test\/(engines|duty)\//.test(file)
}
