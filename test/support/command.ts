/** Runs the command as a function, in a given directory. */

import { chmodSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../generator/cli/run.ts'
import { repository } from './repository.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

export async function command(cwd: string, argv: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  let out = ''
  let err = ''
  // An answer file that may hold a key must have this mode.
  for (const word of argv) if (word.endsWith('.env') && lstatSync(join(cwd, word), { throwIfNoEntry: false })?.isFile()) chmodSync(join(cwd, word), 0o600)
  const code = await run(argv, {
    cwd,
    environment,
    packageRoot: repository,
    version: '0.1.0',
    stdout: (text) => { out += text },
    stderr: (text) => { err += text },
  })
  return { code, out, err }
}

/** A key that tests may print. Nobody uses it. */
export const testKey = '753b7cc01a1a2e86221266a154af739463fce51219d97e4f856cd7200c3bd2a601'

/** The same for an sBTC signer. Its public key is in the set of examples/sbtc.env. */
export const sbtcTestKey = '756cbb32680f8e56b3c2ebc0e2ec51d00c76e2e258387b03c808e3cb15918f72'
