/** npm as a machine has it that never saw this package: its own home, cache, prefix and settings, and one registry. */

import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface NpmCall {
  readonly cwd: string
  /** Further lines of the user's .npmrc. */
  readonly npmrc?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A home that earlier calls have used, with its cache; a new one otherwise. */
  readonly home?: string
}

/** A new home below `root`: nothing is cached there, and no setting of this machine is known there. */
export function newHome(root: string, registry: string, npmrc: readonly string[] = []): string {
  const home = mkdtempSync(join(root, 'home-'))
  mkdirSync(join(home, 'prefix'))
  const lines = [`registry=${registry}`, `cache=${join(home, 'cache')}`, `prefix=${join(home, 'prefix')}`, 'update-notifier=false', 'audit=false', 'fund=false', ...npmrc]
  writeFileSync(join(home, '.npmrc'), `${lines.join('\n')}\n`)
  return home
}

/** Runs a program of npm in `home`; the environment is that of a plain shell, with none of the settings the tests run under. */
export async function inHome(home: string, command: 'npm' | 'npx' | 'node', words: readonly string[], call: NpmCall): Promise<Ran> {
  return ran(command, words, call.cwd, { PATH: process.env['PATH'] ?? '', HOME: home, npm_config_userconfig: join(home, '.npmrc'), ...call.env })
}

export function ran(command: string, words: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const texts = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => { texts.out += text })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { texts.err += text })
    child.on('error', reject)
    child.on('close', (code) => { resolve({ code, ...texts }) })
  })
}

/**
 * A folder outside this checkout, removed when `t` ends: below a package.json of the package's own name npm would look
 * for the command there.
 */
export function outside(t: Test, name = ''): string {
  const base = mkdtempSync(join(realpathSync(tmpdir()), 'stack-package-'))
  t.teardown(() => { rmSync(base, { recursive: true, force: true }) })
  const folder = join(base, name)
  mkdirSync(folder, { recursive: true })
  return folder
}
