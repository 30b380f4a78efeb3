/**
 * Other versions of Node.js. Each is one program file, kept in the system's temporary folder between runs. This file is JavaScript,
 * because the oldest promised Node.js runs it.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The oldest Node.js that the command promises to run on, and newer ones. */
export const promisedNodes = ['20.19.0', '22.23.3', '24.22.3']

/** Runs the tests if the installed Node.js is too old. */
export const suiteNode = '24.22.3'

const cache = join(tmpdir(), `create-stacks-signer-stack-nodes-${process.getuid?.() ?? ''}`)

/**
 * The program's path, or why it cannot be installed. npm installs the package of the platform, with the settings of npm.
 * @param {string} version
 * @returns {{ readonly path: string } | { readonly missing: string }}
 */
export function nodeOf(version) {
  const path = join(cache, version)
  if (!existsSync(path)) {
    mkdirSync(cache, { recursive: true })
    const folder = mkdtempSync(join(cache, '.new-'))
    try {
      const name = `node-${process.platform}-${process.arch}`
      const ran = spawnSync('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`], { cwd: folder, encoding: 'utf8' })
      if (ran.status !== 0) return { missing: `${name}@${version} cannot be installed: ${ran.stderr || String(ran.error)}` }
      // One rename, so that another run at the same time finds the whole program or nothing.
      renameSync(join(folder, 'node_modules', name, 'bin/node'), path)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const said = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim()
  return said === `v${version}` ? { path } : { missing: `${path} is not Node.js ${version} but ${String(said)}` }
}
