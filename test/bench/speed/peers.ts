/** Generators that others use, installed for the time of the bench, each with its smallest real job. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Candidate } from './measure.ts'

export const createVite = 'create-vite@9.3.0'
const packages = [createVite, 'hygen@6.2.11', 'plop@4.0.5', 'projen@0.103.25']

const hygenTemplate = `---
to: app/<%= name %>.yml
---
services:
  <%= name %>:
    image: example
`

const plopfile = `export default function (plop) {
  plop.setGenerator('app', { prompts: [], actions: [{ type: 'add', path: 'app/compose.yml', template: 'services:\\n  app:\\n    image: example\\n' }] })
}
`

/** Installs the peers below `scratch` from npm's registry; throws where it cannot be asked. */
export function peers(scratch: string): readonly Candidate[] {
  mkdirSync(scratch)
  writeFileSync(join(scratch, 'package.json'), '{"private":true,"type":"module"}\n')
  const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--save-exact', ...packages], { cwd: scratch, encoding: 'utf8' })
  if (installed.status !== 0) throw new Error(`the peers cannot be installed: ${installed.stderr}`)
  mkdirSync(join(scratch, '_templates/app/new'), { recursive: true })
  writeFileSync(join(scratch, '_templates/app/new/compose.ejs.t'), hygenTemplate)
  writeFileSync(join(scratch, 'plopfile.js'), plopfile)
  const emptied = (name: string) => () => {
    rmSync(join(scratch, name), { recursive: true, force: true })
    mkdirSync(join(scratch, name))
  }
  const bin = (path: string, ...words: readonly string[]) => [process.execPath, join(scratch, 'node_modules', path), ...words]
  const vite = { cwd: join(scratch, 'vite'), prepare: emptied('vite') }
  return [
    { name: 'create-vite 9.3.0: the vanilla template', argv: bin('create-vite/index.js', 'app', '--template', 'vanilla', '--no-interactive'), ...vite },
    { name: 'create-vite 9.3.0: --help', argv: bin('create-vite/index.js', '--help'), ...vite },
    { name: 'hygen 6.2.11: one file', argv: bin('hygen/dist/bin.js', 'app', 'new', '--name', 'compose'), cwd: scratch, prepare: emptied('app') },
    { name: 'plop 4.0.5: one file', argv: bin('plop/bin/plop.js', 'app'), cwd: scratch, prepare: emptied('app') },
    { name: 'projen 0.103.25: an empty project', argv: bin('projen/bin/projen', 'new', 'project', '--no-git', '--no-post'), cwd: join(scratch, 'projen'), prepare: emptied('projen') },
  ]
}
