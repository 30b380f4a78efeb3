/** One test file in a process of its own, and what it said. */

import { spawn } from 'node:child_process'
import { repository } from '../support/repository.ts'

export interface Counts { readonly pass: number; readonly fail: number; readonly skip: number }

export interface FileResult {
  readonly file: string
  readonly ok: boolean
  readonly seconds: number
  readonly counts: Counts
  /** Reasons of skipped tests, as the file gave them. */
  readonly skips: readonly string[]
  /** Why the file failed, as far as its output tells. Empty where it passed. */
  readonly failure: string
}

/** A file that takes longer hangs. It is told so by tap, which shows what it waits for; what is deaf to that is killed. */
const limitSeconds = 1800
const killSeconds = limitSeconds + 60

const running = new Set<number>()

/** Ends every test file that still runs, with what it has started. */
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

/** Runs `file` to its end. Never throws: a file that cannot be started is a result that failed. */
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
    // A daemon that a test leaves behind may hold the pipes; the process itself has ended.
    child.on('exit', (code, signal) => { setImmediate(() => { resolve(signal ?? String(code)) }) })
  })
  clearTimeout(limit)
  if (child.pid !== undefined) running.delete(child.pid)
  return judge(file, output, hung ? `killed after ${killSeconds} s` : status, (performance.now() - begun) / 1000)
}

/** What the TAP `output` of a file that ended with `status` ("0", or another code, signal or reason) means. */
export function judge(file: string, output: string, status: string, seconds: number): FileResult {
  const line = /^# \{ total: \d+[^}]*\}$/m.exec(output)?.[0]
  const count = (name: string) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(line ?? '')?.[1] ?? 0)
  const counts = { pass: count('pass'), fail: count('fail') + count('todo'), skip: count('skip') }
  const skips = [...output.matchAll(/^ *ok \d+.*? # SKIP ?(.*)$/gm)].map(([, reason]) => reason!.replace(/ ?\{$/, ''))
  const ok = status === '0' && counts.fail === 0 && counts.pass + counts.skip > 0
  return { file, ok, seconds, counts, skips, failure: ok ? '' : failure(output, status, line !== undefined) }
}

/** The failed assertions with what follows them, the outer ones of a failed test left out; without any, the last lines. */
function failure(output: string, status: string, counted: boolean): string {
  const lines = output.split('\n')
  const shown = new Set<number>()
  lines.forEach((line, at) => {
    if (/^ *not ok /.test(line)) for (let next = at; next < at + 30 && next < lines.length; next++) shown.add(next)
  })
  const excerpt = shown.size > 0 ? lines.filter((_, at) => shown.has(at)).slice(0, 300) : lines.slice(-60)
  return [`ended with ${status}${counted ? '' : ', without a count of its assertions'}`, ...excerpt].join('\n')
}
