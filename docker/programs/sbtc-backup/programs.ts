/** How programs of PostgreSQL are run, so that no failure of theirs is missed; and what can go wrong. */

import { spawn, type ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { printableLine } from '../../../generator/printable.ts'
import { errorCode, systemReason } from '../../../generator/io/disk.ts'
import { OperatorError } from '../shared/program.ts'

/** The settings or the words are wrong. */
export class Misused extends OperatorError {}

/** The dump itself is no good. Every other OperatorError says nothing of the dump. */
export class Damaged extends OperatorError {}

/** The one line for something that went wrong; a bug, and the order to stop, are thrown on. */
export function faultOf(error: unknown): string {
  if (error instanceof OperatorError) return error.message
  if (!(error instanceof Error) || !('syscall' in error)) throw error
  return systemReason(errorCode(error)!)
}

/** Does something with the file or folder at `path`; an error of the system names it. */
export async function at<T>(path: string, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw error instanceof OperatorError ? error : new OperatorError(`${path}: ${faultOf(error)}`)
  }
}

/** In the words of the programs. */
const full = 'No space left on device'
const longest = 2000

export interface Running {
  readonly stop?: AbortSignal
  /** Besides that of this program. */
  readonly environment?: Readonly<Record<string, string>>
  /** What is thrown when the program fails. */
  readonly problem?: typeof OperatorError
}

export interface Begun {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>
  /** Rejects with `problem` unless the program ends with 0. */
  readonly ended: Promise<void>
  /** The end of what it has said on standard error, in one line. */
  said(): string
}

export function begin([name, ...words]: readonly [string, ...string[]], { stop, environment, problem = OperatorError }: Running): Begun {
  const child = spawn(name, words, { signal: stop, env: { ...process.env, ...environment }, stdio: 'pipe' })
  let last = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => { last = (last + part).slice(-longest) })
  const said = () => printableLine(last.split('\n').map((line) => line.trim()).filter((line) => line !== '').join('; '))
  // A program that no longer reads has ended, and says why.
  child.stdin.on('error', () => {})
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', (error) => { reject(stop?.aborted ? error : new OperatorError(`${name} cannot be started: ${faultOf(error)}`)) })
    child.on('close', (code, signal) => {
      if (code === 0) { resolve(); return }
      // A full disk says nothing of a dump.
      const kind = said().includes(full) ? OperatorError : problem
      reject(new kind(`${name} ended with ${code ?? signal}: ${said() || 'without a message'}`))
    })
  })
  // The caller that awaits `ended` gets the error; without this handler Node.js would end here.
  ended.catch(() => {})
  return { child, ended, said }
}

/** Runs a program to its end, and returns what it has printed. */
export async function run(argv: readonly [string, ...string[]], running: Running): Promise<string> {
  const { child, ended } = begin(argv, running)
  child.stdin.end()
  const [printed] = await Promise.all([text(child.stdout), ended])
  return printed
}
