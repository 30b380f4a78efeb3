/** The docker command, and whether there is an engine behind it. */

import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Ran { readonly status: number | null; readonly out: string; readonly err: string; readonly seconds: number }

/** Runs docker with `args`; never throws for a failure of docker itself. */
export function docker(args: readonly string[], options: { readonly cwd?: string; readonly input?: string; readonly seconds?: number } = {}): Ran {
  return program('docker', args, options)
}

export function program(name: string, args: readonly string[], options: { readonly cwd?: string; readonly input?: string; readonly seconds?: number } = {}): Ran {
  const begun = Date.now()
  const { status, stdout, stderr, error } = spawnSync(name, args, {
    encoding: 'utf8', maxBuffer: 1 << 28, timeout: (options.seconds ?? 600) * 1000,
    ...(options.cwd && { cwd: options.cwd }), ...(options.input !== undefined && { input: options.input }),
  })
  return { status, out: stdout ?? '', err: `${stderr ?? ''}${error ? `\n${error.message}` : ''}`, seconds: (Date.now() - begun) / 1000 }
}

const log = '/var/log/dockerd.log'
const pidFile = '/var/run/docker.pid'

/** Why no engine test can run, after trying to start the engine; undefined when one answers. */
export async function engineMissing(): Promise<string | undefined> {
  if (docker(['compose', 'version']).status !== 0) return 'docker compose is not installed'
  if (docker(['info']).status === 0) return undefined
  if (process.getuid?.() !== 0 || !existsSync('/usr/sbin/dockerd')) return 'no Docker Engine answers, and none can be started here'
  await startEngine()
  return docker(['info']).status === 0 ? undefined : `dockerd does not answer; see ${log}`
}

/** Starts dockerd as a process of its own and waits until it answers. */
export async function startEngine(): Promise<void> {
  const file = openSync(log, 'a')
  spawn('dockerd', [], { detached: true, stdio: ['ignore', file, file] }).unref()
  closeSync(file)
  await waitFor('dockerd answers', 60, () => docker(['info'], { seconds: 10 }).status === 0)
}

/** Stops dockerd as a reboot does, containers and all. */
export async function stopEngine(): Promise<void> {
  const pid = Number(readFileSync(pidFile, 'utf8'))
  process.kill(pid, 'SIGTERM')
  await waitFor('dockerd ends', 700, () => !existsSync(`/proc/${pid}`))
}

/** Asks twice a second until `done` says so; throws with `what` after `seconds` of a quiet machine, three times as many of a busy one. */
export async function waitFor(what: string, seconds: number, done: () => boolean | Promise<boolean>): Promise<number> {
  const begun = Date.now()
  for (;;) {
    if (await done()) return (Date.now() - begun) / 1000
    if (Date.now() - begun > 3 * seconds * 1000) throw new Error(`waited ${3 * seconds} s in vain: ${what}`)
    await sleep(500)
  }
}
