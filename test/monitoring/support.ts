/** Runs the programs that read what is made here. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'

export { needs } from '../docker/tools.ts'

/** Writes the files into a folder of the test; returns its path. */
export function put(t: Test, files: Readonly<Record<string, string>>): string {
  const root = t.testdir({})
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

/** Ends with 0, or the test shows what the program said. */
export function accepts(t: Test, program: string, argv: readonly string[], what: string): string {
  const ran = spawnSync(program, argv, { encoding: 'utf8' })
  const said = `${ran.stdout}${ran.stderr}`
  t.equal(ran.status, 0, `${what}\n${ran.status === 0 ? '' : said}`)
  return said
}
