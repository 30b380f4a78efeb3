/** The built command as a process of its own: its own trust store and its own environment, as in a CI job. */

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Ran } from '../../support/command.ts'
import { repository } from '../../support/repository.ts'
import type { Front } from './front.ts'

/** Runs the command with arguments in a directory; `environment` comes over what leads it to the front. */
export type Program = (cwd: string, argv: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<Ran & { readonly seconds: number }>

/** The command of `npm run build`, led to `front` by a proxy and trusting its certificate by NODE_EXTRA_CA_CERTS. */
export function programBefore(t: Test, front: Front): Program {
  const folder = mkdtempSync(join(tmpdir(), 'stack-test-trust-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  writeFileSync(join(folder, 'cert.pem'), front.trust)
  return (cwd, argv, environment = {}) => new Promise((resolve, reject) => {
    const begun = Date.now()
    const child = spawn(process.execPath, [join(repository, 'dist/main.js'), ...argv], {
      cwd, env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem'), ...front.environment, ...environment }, stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text })
    child.once('error', reject)
    child.once('close', (code) => { resolve({ code: code ?? -1, out, err, seconds: (Date.now() - begun) / 1000 }) })
  })
}
