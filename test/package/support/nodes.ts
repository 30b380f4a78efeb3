/** Other versions of Node.js, each the one file of its program, kept in the system's temporary folder between runs. */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const cache = join(tmpdir(), 'create-stacks-signer-stack-nodes')

/** The program's path, or why it cannot be had. The package of the platform is installed by npm, with npm's own settings. */
export function nodeOf(version: string): { readonly path: string } | { readonly missing: string } {
  const path = join(cache, version)
  if (!existsSync(path)) {
    mkdirSync(cache, { recursive: true })
    const folder = mkdtempSync(join(cache, '.new-'))
    try {
      const name = `node-${process.platform}-${process.arch}`
      const ran = spawnSync('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`], { cwd: folder, encoding: 'utf8' })
      if (ran.status !== 0) return { missing: `${name}@${version} cannot be had: ${ran.stderr || String(ran.error)}` }
      // At once, so that another run at the same time finds it whole or not at all.
      renameSync(join(folder, 'node_modules', name, 'bin/node'), path)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const said = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.trim()
  return said === `v${version}` ? { path } : { missing: `${path} is not Node.js ${version} but ${String(said)}` }
}
