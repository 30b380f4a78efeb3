/**
 * An engine of a test's own: its own data, socket and network namespace. It can be stopped as by a reboot, its ports are
 * nobody else's, and rules for its packets hold for nothing else of this machine.
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { hold } from '../../support/own.ts'
import { waitFor } from '../../support/wait.ts'
import { answers, docker, must, program, type Ran } from './docker.ts'
import { call, containersBy, engineHost, imageId } from './engine.ts'
import { builtBy } from './images.ts'
import { journalLines, ownJournalMissing } from './own-journal.ts'

export interface OwnEngine {
  readonly start: () => Promise<void>
  /** As a reboot does, containers and all. */
  readonly stop: () => Promise<void>
  /** Its process, in the network namespace of which its ports are published. */
  readonly pid: () => number
  /** Runs a command where its ports are published, and its journal is. */
  readonly inside: (name: string, ...args: readonly string[]) => Ran
  /** Has a stack's own images built by the machine's engine, whose cache has what goes into them, and takes them over. */
  readonly build: (stack: { readonly directory: string; readonly name: string }) => Promise<Ran>
  readonly remove: () => Promise<void>
}

/** Why there can be none; undefined when there can. */
export function ownEngineMissing(journal: boolean): string | undefined {
  if (process.getuid?.() !== 0) return 'a second Docker Engine needs root'
  const missing = ['dockerd', 'unshare', 'nsenter', 'setpriv', 'ip'].filter((name) => program('sh', ['-c', `command -v ${name}`]).status !== 0)
  return missing.length > 0 ? `${missing.join(', ')} not installed` : journal ? ownJournalMissing() : undefined
}

/** Starts one that has `images` of the machine's engine, and with `journal` a journald; from now on this process and what it starts use it. */
export async function startOwnEngine(images: readonly string[], journal = false): Promise<OwnEngine> {
  const machine = engineHost()
  const base = join(must(['info', '--format', '{{.DockerRootDir}}']), 'stack-test-engines')
  const folder = join(base, `run-${process.pid}`)
  const giveBack = await hold('store of images')
  try {
    mkdirSync(base, { recursive: true })
    // What a killed run has left.
    for (const name of readdirSync(base)) if (name.startsWith('run-') && !existsSync(`/proc/${name.slice(4)}`)) discard(join(base, name), stateOf(name.slice(4)))
    const store = await storeOf(images, base, machine)
    mkdirSync(folder)
    // Layers are only ever read, and so can be shared; the databases beside them are written.
    for (const [how, ...names] of [['-al', 'overlay2'], ['-a', ...readdirSync(store).filter((name) => name !== 'overlay2')]] as [string, ...string[]][]) {
      const copied = program('cp', [how, ...names.map((name) => join(store, name)), folder])
      if (copied.status !== 0) throw new Error(copied.err)
    }
  } finally {
    giveBack()
  }
  const engine = engineAt(folder, machine, journal)
  await engine.start()
  return engine
}

/** A data folder with these images and nothing else; made once, and anew when one of them is another. */
async function storeOf(images: readonly string[], base: string, machine: string): Promise<string> {
  const hash = (parts: readonly (string | undefined)[]) => createHash('sha256').update(parts.join()).digest('hex').slice(0, 12)
  // By what they are, and by their content.
  const set = `images-${hash(images.map((name) => name.replace(/[:-][0-9a-f]{12,}/, '')))}`
  const store = join(base, `${set}-${hash(await Promise.all(images.map(imageId)))}`)
  if (existsSync(store)) return store
  // That of other content is of no use any more; what runs has links of its own.
  for (const name of readdirSync(base)) if (name.startsWith(set)) rmSync(join(base, name), { recursive: true, force: true })
  const making = join(base, `run-${process.pid}`)
  mkdirSync(making)
  const engine = engineAt(making, machine)
  await engine.start()
  carry(images, machine)
  await engine.stop()
  process.env['DOCKER_HOST'] = machine
  renameSync(making, store)
  return store
}

/** From the machine's engine to that of DOCKER_HOST. */
function carry(images: readonly string[], machine: string): void {
  if (images.length === 0) return
  const { status, err } = program('bash', ['-o', 'pipefail', '-c', 'docker -H "$0" save "$@" | docker load --quiet', machine, ...images])
  if (status !== 0) throw new Error(`taking over ${images.join(' ')}: ${err}`)
}

function engineAt(folder: string, machine: string, journal = false): OwnEngine {
  const state = stateOf(process.pid)
  const log = join(state, 'log')
  const namespaces = ['--net', ...(journal ? ['--mount'] : [])]
  let dockerd: ChildProcess | undefined
  const pid = () => dockerd!.pid!
  const ended = () => dockerd?.exitCode !== null || dockerd.signalCode !== null
  const stop = async () => {
    if (ended()) return
    const exit = once(dockerd!, 'exit')
    dockerd!.kill('SIGTERM')
    await exit
  }
  const start = async () => {
    mkdirSync(state, { recursive: true })
    const file = openSync(log, 'a')
    // It ends with this process, however that ends; its network namespace ends with it.
    dockerd = spawn('unshare', [...namespaces, 'sh', '-ec', `ip link set lo up\n${journal ? journalLines(state) : ''}exec setpriv --pdeathsig TERM "$@"`, 'sh', 'dockerd', '--config-file', '/dev/null', '--bip', '172.17.0.1/16', '--dns', '172.17.0.1',
      '--data-root', folder, '--exec-root', join(state, 'exec'), '--pidfile', join(state, 'pid'), '--host', `unix://${state}/docker.sock`], { stdio: ['ignore', file, file] })
    closeSync(file)
    process.env['DOCKER_HOST'] = `unix://${state}/docker.sock`
    await waitFor(`the engine of ${folder} answers`, async () => {
      if (ended()) throw new Error(`dockerd has ended:\n${readFileSync(log, 'utf8').slice(-4000)}`)
      return answers()
    })
  }
  return {
    start, stop, pid,
    inside: (name, ...args) => program('nsenter', ['--target', String(pid()), ...namespaces, name, ...args]),
    build: async ({ directory, name }) => {
      const giveBack = await hold(`images of ${name}`)
      try {
        const built = docker(['compose', '--project-name', name, 'build'], { cwd: directory, env: { DOCKER_HOST: machine } })
        if (built.status !== 0) return built
        const images = builtBy(`label=com.docker.compose.project=${name}`, ['-H', machine])
        carry(images, machine)
        if (images.length > 0) must(['-H', machine, 'image', 'rm', ...images])
        return built
      } finally {
        giveBack()
      }
    },
    remove: async () => {
      if (!ended()) {
        // Nothing is kept of them: they need not end by themselves.
        for (const name of await containersBy({})) await call('DELETE', `/containers/${name}?force=true&v=true`)
        await stop()
      }
      process.env['DOCKER_HOST'] = machine
      discard(folder, state)
    },
  }
}

/** Where the engine of a process keeps what is not of its images. */
export const stateOf = (pid: number | string) => `/run/stack-test-${pid}`

/** Removes the folders of an engine, and what one that was killed has left mounted in them. */
function discard(folder: string, state: string): void {
  const mounted = readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' ')[1] ?? '').filter((place) => place.startsWith(`${folder}/`) || place.startsWith(`${state}/`))
  for (const place of mounted.reverse()) program('umount', ['--lazy', place])
  for (const path of [folder, state]) rmSync(path, { recursive: true, force: true })
}
