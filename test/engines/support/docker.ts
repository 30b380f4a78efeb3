/** The docker command, and whether there is an engine behind it. */

import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { limit, waitFor } from '../../support/wait.ts'
import { call } from './engine.ts'

export interface Ran { readonly status: number | null; readonly out: string; readonly err: string }

interface Options { readonly cwd?: string; readonly input?: string; readonly env?: Readonly<Record<string, string>> }

/** Runs docker with `args`; never throws for a failure of docker itself. */
export function docker(args: readonly string[], options: Options = {}): Ran {
  return program('docker', args, options)
}

export function program(name: string, args: readonly string[], { cwd, input, env }: Options = {}): Ran {
  const { status, stdout, stderr, error } = spawnSync(name, args, {
    encoding: 'utf8', maxBuffer: 1 << 28, timeout: limit,
    ...(cwd && { cwd }), ...(input !== undefined && { input }), ...(env && { env: { ...process.env, ...env } }),
  })
  return { status, out: stdout ?? '', err: `${stderr ?? ''}${error ? `\n${error.message}` : ''}` }
}

/** As `docker`, for what must not fail: throws with its own words. Returns what it printed. */
export function must(args: readonly string[], options: Options = {}): string {
  const { status, out, err } = docker(args, options)
  if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${err}`)
  return out.trim()
}

export const answers = (): Promise<boolean> => call('GET', '/_ping').then(({ status }) => status === 200, () => false)

/** Why no engine test can run, after trying to start the engine; undefined when one answers. */
export async function engineMissing(): Promise<string | undefined> {
  if (docker(['compose', 'version']).status !== 0) return 'docker compose is not installed'
  // Where the docker command itself finds its engine; what it starts goes there, too.
  process.env['DOCKER_HOST'] ??= must(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'])
  if (!process.env['DOCKER_HOST'].startsWith('unix://')) return `the engine is asked at a socket of this machine, not at ${process.env['DOCKER_HOST']}`
  if (await answers()) return undefined
  if (process.getuid?.() !== 0 || !existsSync('/usr/sbin/dockerd')) return 'no Docker Engine answers, and none can be started here'
  const log = openSync('/var/log/dockerd.log', 'a')
  spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] }).unref()
  closeSync(log)
  await waitFor('dockerd answers; see /var/log/dockerd.log', answers)
  return undefined
}
