/** A package registry on this machine alone: it asks no other registry, and nothing of it is left when the tests end. */

import { fork } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Registry {
  /** With a slash at its end. */
  readonly url: string
  /** The line of an .npmrc by which its one user publishes. */
  readonly login: string
  stop(): void
}

/** Starts it with its storage in `folder`, which must not exist, and makes its user. */
export async function startRegistry(folder: string): Promise<Registry> {
  mkdirSync(folder)
  const config = join(folder, 'config.yaml')
  // No `proxy` and no `uplinks`: what was not published here is not found.
  writeFileSync(config, JSON.stringify({
    storage: join(folder, 'storage'),
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    web: { enable: false },
    packages: { '**': { access: '$all', publish: '$authenticated' } },
    log: { type: 'file', path: join(folder, 'log'), level: 'warn' },
  }))
  const program = fileURLToPath(new URL('verdaccio.mjs', import.meta.url))
  // What loads the tests' TypeScript is no part of it.
  const child = fork(program, [config], { execArgv: [], env: { PATH: process.env['PATH'] ?? '' }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => { said += text })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => { resolve(Number(message)) })
    child.once('exit', () => { reject(new Error(`the registry did not start: ${said}`)) })
  })
  const url = `http://127.0.0.1:${port}/`
  const made = await fetch(`${url}-/user/org.couchdb.user:publisher`, {
    method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'publisher', password: 'loopback only' }),
  })
  const { token } = await made.json() as { readonly token?: string }
  if (!token) throw new Error(`the registry made no user: ${made.status}`)
  return { url, login: `//127.0.0.1:${port}/:_authToken=${token}`, stop: () => { child.kill() } }
}
