/** The package in a registry of its own, and users who have never seen it. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { inHome, newHome, outside, type Ran } from './npm.ts'
import { packed } from './packed.ts'
import { startRegistry } from './registry.ts'

export interface User {
  /** Holds answers.env, and nothing else. */
  readonly cwd: string
  readonly home: string
  /** Runs `npm …` or `npx …`, words parted by blanks. */
  run(line: string, env?: Readonly<Record<string, string>>): Promise<Ran>
}

/** Publishes the package, and returns what makes a user with these lines in the .npmrc. All is gone when `t` ends. */
export async function published(t: Test): Promise<(t: Test, npmrc?: readonly string[]) => User> {
  const root = outside(t)
  const registry = await startRegistry(join(root, 'registry'))
  t.teardown(() => { registry.stop() })
  const { path } = await packed(root)
  const { code, err } = await inHome(newHome(root, registry.url, [registry.login]), 'npm', ['publish', '--registry', registry.url, path], { cwd: root })
  if (code !== 0) throw new Error(`npm publish failed: ${err}`)
  return (t, npmrc = []) => {
    const cwd = outside(t)
    writeFileSync(join(cwd, 'answers.env'), 'STACK_NAME=s1\nNETWORK=testnet\nSIGNER_KEY=generate\n')
    const home = newHome(root, registry.url, npmrc)
    const run = (line: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> => {
      const [program, ...words] = line.split(' ')
      return inHome(home, program as 'npm' | 'npx', ['--registry', registry.url, ...words], { cwd, env })
    }
    return { cwd, home, run }
  }
}
