/** A place to type a block of a document: a home with the examples and a key, and a folder of programs for PATH. */

import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { testKey } from '../support/command.ts'
import { repository } from '../support/repository.ts'

export interface Place {
  /** The operator's home, where blocks are typed. It has `mainnet.env`, `split.env` and the key as `signer.key`. */
  readonly home: string
  /** A folder of programs that comes first in PATH. */
  readonly programs: string
}

export interface Typed {
  readonly code: number | null
  /** stdout and stderr together. */
  readonly output: string
}

export function makePlace(t: Test, programs: string): Place {
  const home = t.testdir({})
  for (const name of ['mainnet', 'split']) cpSync(join(repository, `examples/${name}.env`), join(home, `${name}.env`))
  writeFileSync(join(home, 'signer.key'), `${testKey}\n`, { mode: 0o600 })
  return { home, programs }
}

/** Types `block` into a shell in `cwd`. The shell stops at the first failure. Asynchronous, because a server of the test may have to answer. */
export function typeBlock(place: Place, cwd: string, block: string, environment: Readonly<Record<string, string>> = {}): Promise<Typed> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-euc', block], {
      cwd, stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: `${place.programs}:${process.env['PATH']}`, HOME: place.home, LANG: 'C.UTF-8', npm_config_cache: npmCache(), npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false', ...environment },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
    child.once('error', reject)
    child.once('close', (code) => { resolve({ code, output }) })
  })
}

/** The npm cache of the user who runs the tests. Otherwise npm would download every package again. */
function npmCache(): string {
  return process.env['npm_config_cache'] ?? join(homedir(), '.npm')
}

/** Types the commands that a recipe expects to have run. Throws if one fails. */
export async function prepare(place: Place, commands: string, environment: Readonly<Record<string, string>> = {}): Promise<void> {
  const { code, output } = await typeBlock(place, place.home, commands, environment)
  if (code !== 0) throw new Error(`${commands}: ${code}\n${output}`)
}

/** The commands of the first recipe: a mainnet stack in `my-signer`. */
export const mainnetStack = [
  'mkdir -m 700 my-signer my-signer/secrets', 'install -m 600 signer.key my-signer/secrets/signer-private-key',
  'npm create stacks-signer-stack@latest -- mainnet.env my-signer',
].join('\n')

export function writeTree(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

export const text = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8')
