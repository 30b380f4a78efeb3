/** Programs of docker/tools that judge what they read on stdin, without an interpreter's start for each run. */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { toolFolder } from './tools.ts'

export interface Judged { readonly code: number | null; readonly out: string; readonly err: string }

interface Pipes { readonly requests: number; readonly answers: number }
let pipes: Pipes | undefined

/** Starts judge.py, which ends with the test's file. */
function open(): Pipes {
  const folder = mkdtempSync(join(tmpdir(), 'judge-'))
  const [requests, answers] = [join(folder, 'requests'), join(folder, 'answers')] as const
  spawnSync('mkfifo', [requests, answers])
  const child = spawn('python3', ['-B', fileURLToPath(new URL('judge.py', import.meta.url)), toolFolder, requests, answers], { stdio: ['ignore', 'inherit', 'inherit'] })
  const ended = once(child, 'close')
  const opened = { requests: openSync(requests, 'w'), answers: openSync(answers, 'r') }
  t.teardown(async () => {
    closeSync(opened.requests)
    await ended
    closeSync(opened.answers)
    rmSync(folder, { recursive: true })
  })
  return opened
}

function exactly(count: number): Buffer {
  const bytes = Buffer.alloc(count)
  for (let at = 0; at < count;) {
    const got = readSync(pipes!.answers, bytes, at, count - at, null)
    if (got === 0) throw new Error('judge.py has ended')
    at += got
  }
  return bytes
}

function line(): string {
  const bytes = []
  for (let byte = exactly(1); byte[0] !== 10; byte = exactly(1)) bytes.push(byte)
  return Buffer.concat(bytes).toString()
}

/** Runs `docker/tools/PROGRAM` on a stream. */
export function judge(program: string, input: Buffer, ...args: readonly string[]): Judged {
  pipes ??= open()
  const request = Buffer.concat([Buffer.from(`${JSON.stringify([program.replace('.py', ''), args, input.length])}\n`), input])
  for (let at = 0; at < request.length;) at += writeSync(pipes.requests, request, at)
  const [code, out, err] = JSON.parse(line()) as [number, number, number]
  return { code, out: exactly(out).toString(), err: exactly(err).toString() }
}
