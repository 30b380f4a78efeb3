/** Runs a test file in its own process, and judges its output. */

import { spawn } from 'node:child_process'
import { repository } from '../support/repository.ts'

export interface Counts { readonly pass: number; readonly fail: number; readonly skip: number }

export interface FileResult {
  readonly file: string
  readonly ok: boolean
  readonly seconds: number
  readonly counts: Counts
  /** The reasons of skipped tests, from the output. */
  readonly skips: readonly string[]
  /** Why the file failed, from its output. Empty if it passed. */
  readonly failure: string
}

/** tap ends a file that takes longer, and shows what it waits for. If the file still runs a minute later, it is killed. */
const limitSeconds = 1800
const killSeconds = limitSeconds + 60

const running = new Set<number>()

/** Kills every test file that still runs, with its child processes. */
export function endAll(): void {
  for (const pid of running) kill(pid)
}

function kill(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // The group has ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Runs `file` to its end. Never throws: a file that cannot start is a failed result. */
export async function runFile(file: string): Promise<FileResult> {
  const begun = performance.now()
  const child = spawn(process.execPath, [file], {
    cwd: repository, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TAP_TIMEOUT: String(limitSeconds) },
  })
  if (child.pid !== undefined) running.add(child.pid)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
  let hung = false
  const limit = setTimeout(() => {
    hung = true
    if (child.pid !== undefined) kill(child.pid)
  }, killSeconds * 1000)
  const status = await new Promise<string>((resolve) => {
    child.on('error', (error) => { resolve(String(error)) })
    // A daemon that a test has left running may keep the pipes open. Only the end of the process itself counts.
    child.on('exit', (code, signal) => { setImmediate(() => { resolve(signal ?? String(code)) }) })
  })
  clearTimeout(limit)
  if (child.pid !== undefined) running.delete(child.pid)
  return judge(file, output, hung ? `killed after ${killSeconds} s` : status, (performance.now() - begun) / 1000)
}

/** Judges the TAP `output` of a file. `status` is its exit code, its signal, or why it could not run. */
export function judge(file: string, output: string, status: string, seconds: number): FileResult {
  const line = /^# \{ total: \d+[^}]*\}$/m.exec(output)?.[0]
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(line ?? '')?.[1] ?? 0)
  const counts = { pass: count('pass'), fail: count('fail') + count('todo'), skip: count('skip') }
  const skips = [...output.matchAll(/^ *ok \d+.*? # SKIP ?(.*)$/gm)].map(([, reason]) => reason!.replace(/ ?\{$/, ''))
  const ok = status === '0' && counts.fail === 0 && counts.pass + counts.skip > 0
  return { file, ok, seconds, counts, skips, failure: ok ? '' : failure(output, status, line !== undefined) }
}

/** The failed assertions with the lines after them. Without a failed assertion, the last lines of the output. */
function failure(output: string, status: string, counted: boolean): string {
  const lines = output.split('\n')
  const shown = new Set<number>()
  lines.forEach((line, at) => {
    if (/^ *not ok /.test(line)) for (let next = at; next < at + 30 && next < lines.length; next++) shown.add(next)
  })
  const excerpt = shown.size > 0 ? lines.filter((_, at) => shown.has(at)).slice(0, 300) : lines.slice(-60)
  return [`ended with ${status}${counted ? '' : ', without a count of its assertions'}`, ...excerpt].join('\n')
}
