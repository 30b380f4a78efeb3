/** Whether a file that holds a secret is kept from others: by its mode, and out of git. */

import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { env, getBuiltinModule, platform } from 'node:process'

export type GitState = 'outside' | 'ignored' | 'tracked' | 'untracked' | 'unknown'

/** The mode where others than the owner may read the file. What is no regular file, as a pipe, has no mode that says so. */
export function openMode(path: string): string | undefined {
  const { mode } = statSync(path)
  const open = platform !== 'win32' && statSync(path).isFile() && (mode & 0o077) !== 0
  return open ? `0${(mode & 0o777).toString(8)}` : undefined
}

/** What git would do with the file; `unknown` where git is not here or refuses to say. Git is only asked where a work tree begins above. */
export function gitState(path: string): GitState {
  if (!statSync(path).isFile()) return 'outside'
  const file = realpathSync(path)
  if (!inWorkTree(dirname(file))) return 'outside'
  switch (git(file, ['check-ignore', '--quiet', '--', `./${basename(file)}`])) {
    case 0: return 'ignored'
    case 1: return git(file, ['ls-files', '--error-unmatch', '--', `./${basename(file)}`]) === 0 ? 'tracked' : 'untracked'
    default: return 'unknown'
  }
}

function inWorkTree(directory: string): boolean {
  if (existsSync(join(directory, '.git'))) return true
  return dirname(directory) !== directory && inWorkTree(dirname(directory))
}

/** The repository's own settings must not start a program, and no variable name another one. Loaded where it is needed: few runs are. */
function git(file: string, words: readonly string[]): number | null {
  const { spawnSync } = getBuiltinModule('node:child_process')
  const environment = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_')))
  return spawnSync('git', ['-c', 'core.fsmonitor=false', ...words], { cwd: dirname(file), env: environment, stdio: 'ignore' }).status
}
