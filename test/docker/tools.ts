/** Runs what is in docker/ on this machine: the programs under a root of their own, the scripts as they are. */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { paths } from '../../generator/catalogue/container.ts'
import { letIn } from '../support/other-user.ts'
import { until } from '../support/wait.ts'

export { until }

export const programPath = (name: string): string => fileURLToPath(new URL(`../../docker/programs/${name}/main.ts`, import.meta.url))
export const gateFolder = fileURLToPath(new URL('../../docker/gate', import.meta.url))
export const root = process.getuid?.() === 0

const required = process.env['REQUIRE_ENGINES'] === '1'

/** Cases of a stand-in for docker: init runs here, in the place of an image of Node.js. */
export const initHere = `compose*'config --images init') echo node:24 ;;
  'image inspect node:24') ;;
  *' /init.mjs '*) while [ "$1" != /init.mjs ]; do shift; done; shift; exec '${process.execPath}' '${programPath('init')}' "$@" ;;`

/** Options for a test that needs `commands`: skipped where they are missing, unless REQUIRE_ENGINES=1. */
export function needs(...commands: readonly string[]): { readonly skip?: string } {
  const missing = commands.filter((command) => spawnSync('sh', ['-c', `command -v ${command}`]).status !== 0)
  return missing.length > 0 && !required ? { skip: `${missing.join(', ')} not on this machine` } : {}
}

export interface Ended {
  readonly code: number | null
  readonly out: string
}

export interface Running {
  readonly process: ChildProcess
  /** Everything said so far, on both streams. */
  said(): string
  /** Waits until `pattern` was said; throws as soon as the program has ended without. */
  says(pattern: RegExp): Promise<string>
  /** Waits until `done` holds; throws as soon as the program has ended without. Shows what `seen` shows, and all that was said. */
  until(done: () => boolean, seen?: () => string): Promise<void>
  ended: Promise<Ended>
}

/** Starts a program whose end the test `t` waits for; it is killed when the test is over. */
export function start(t: Test, command: string, argv: readonly string[], env: Readonly<Record<string, string>>): Running {
  const child = spawn(command, argv, { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let end: string | undefined
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { out += text })
  const ended = new Promise<Ended>((resolve) => {
    child.on('error', (error) => { out += `${error.message}\n` })
    child.on('close', (code, signal) => {
      end = `${command} ended with ${code ?? signal}`
      resolve({ code, out })
    })
  })
  t.teardown(() => { child.kill('SIGKILL') })
  const reaches: Running['until'] = (done, seen = () => '') => until(done, () => `${seen()}\nsaid was:\n${out}`, () => end)
  const says = async (pattern: RegExp): Promise<string> => {
    await reaches(() => pattern.test(out), () => `${pattern} was not said`)
    return out
  }
  return { process: child, said: () => out, says, until: reaches, ended }
}

/** Whether a process runs: one that nobody has waited for yet does not. */
export function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** A folder with the volumes' mount points and what `init` reads: `at` gives the place of a container's path. */
export interface Root {
  readonly path: string
  at(path: string): string
  write(path: string, content: string | Buffer): void
  remove(path: string): void
  read(path: string): string
  has(path: string): boolean
}

export function makeRoot(t: Test, folders: readonly string[]): Root {
  // Not t.testdir(): init leaves directories that their owner cannot clear before they are made writable.
  const path = mkdtempSync(join(tmpdir(), 'stack-root-'))
  t.teardown(() => {
    spawnSync('chmod', ['-R', 'u+rwX', path])
    rmSync(path, { recursive: true, force: true })
  })
  const at = (inner: string) => join(path, inner)
  for (const folder of folders) mkdirSync(at(folder), { recursive: true })
  return {
    path,
    at,
    write: (inner, content) => {
      makeFolder(dirname(at(inner)))
      unlocked(dirname(at(inner)), () => { unlocked(at(inner), () => { writeFileSync(at(inner), content) }) })
    },
    remove: (inner) => {
      spawnSync('chmod', ['-R', 'u+rwX', at(inner)])
      unlocked(dirname(at(inner)), () => { rmSync(at(inner), { recursive: true }) })
    },
    read: (inner) => readFileSync(at(inner), 'utf8'),
    has: (inner) => existsSync(at(inner)),
  }
}

/** Does it as root does, for whom what init leaves is not locked: the mode of `path` is as it was afterwards. */
function unlocked(path: string, action: () => void): void {
  if (root || !existsSync(path)) {
    action()
    return
  }
  const { mode } = statSync(path)
  chmodSync(path, mode | 0o700)
  try {
    action()
  } finally {
    chmodSync(path, mode)
  }
}

function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  unlocked(dirname(path), () => { mkdirSync(path) })
}

/** The scripts where the init container finds them, for every user. */
export function copyGate(target: Root): void {
  cpSync(gateFolder, target.at(paths.stackGate), { recursive: true })
  letIn(target.at(paths.stackGate))
}
