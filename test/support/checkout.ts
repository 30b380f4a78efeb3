/** A temporary copy of the repository with the command built from its sources, like a new checkout. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from './repository.ts'

/** What the copy leaves out: folders that the command does not need, and folders that a clone does not have. */
const left = new Set(['.git', '.tap', 'build', 'dist', 'node_modules', 'test'])

/** Copies the sources to `directory`. Nothing is installed there. */
export function copyCheckout(directory: string): void {
  mkdirSync(directory, { recursive: true })
  for (const name of readdirSync(repository)) if (!left.has(name)) cpSync(join(repository, name), join(directory, name), { recursive: true })
}

/**
 * Builds the command in a checkout below `root`. Returns a folder for the front of PATH. Its `npm` runs that command for `npm create
 * stacks-signer-stack@latest`, and the real npm for everything else.
 */
export function builtCheckout(root: string): string {
  const checkout = join(root, 'checkout')
  copyCheckout(checkout)
  symlinkSync(join(repository, 'node_modules'), join(checkout, 'node_modules'))
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: checkout, encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`the command was not built: ${built.stderr}`)
  const programs = join(root, 'programs')
  mkdirSync(programs)
  writeFileSync(join(programs, 'npm'), npmShim(join(checkout, 'dist/main.js')))
  chmodSync(join(programs, 'npm'), 0o755)
  return programs
}

/** As npm does: words after `--` are for the command. npm reads options before `--` itself, so the README must write `--`. */
function npmShim(main: string): string {
  return [
    '#!/bin/sh',
    'if [ "$1 $2" = "create stacks-signer-stack@latest" ]; then',
    '  shift 2',
    '  [ $# = 0 ] || [ "$1" = -- ] || { echo "npm create wants -- before $1" >&2; exit 97; }',
    '  [ $# = 0 ] || shift',
    `  npm_command=init exec "${process.execPath}" "${main}" "$@"`,
    'fi',
    'IFS=:',
    'for folder in $PATH; do',
    '  [ "$folder/npm" = "$0" ] || [ ! -x "$folder/npm" ] || exec "$folder/npm" "$@"',
    'done',
    'exit 127',
    '',
  ].join('\n')
}
