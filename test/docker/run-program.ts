/** Runs a program of docker/programs: in this process, where its end can be waited for, or in one of its own. */

import type { Test } from 'tap'
import { exitCode, type Io, type Run } from '../../docker/programs/shared/program.ts'
import { programPath, start, type Running } from './tools.ts'
import { until } from '../support/wait.ts'

export interface InProcess {
  /** Everything said so far, on both streams. */
  said(): string
  /** Waits until `pattern` was said; throws as soon as the program has ended without. */
  says(pattern: RegExp): Promise<void>
  /** Why nothing can be waited for any more. */
  over(): string | undefined
  readonly ended: Promise<number>
  /** Tells it to stop, and waits until it has. */
  stop(): Promise<number>
}

/** Runs it in this process; it is told to stop when the test is over. */
export function runHere(t: Test, name: string, run: Run, words: readonly string[], environment: Io['environment']): InProcess {
  let [out, end]: [string, string | undefined] = ['', undefined]
  const stop = new AbortController()
  const line = (text: string) => { out += `${text}\n` }
  const io: Io = { environment, input: (async function* () {})(), stop: stop.signal, say: line, warn: line, write: (text) => { out += text } }
  const ended = exitCode(name, run, words, io).then((code) => {
    end = `${name} ended with ${code}, and said:\n${out}`
    return code
  })
  const stopped = () => { stop.abort(); return ended }
  t.teardown(stopped)
  return { said: () => out, says: (pattern) => until(() => pattern.test(out), () => `${pattern} was not said, but:\n${out}`, () => end), over: () => end, ended, stop: stopped }
}

/** Runs it in a process of its own. */
export function runProgramFile(t: Test, name: string, words: readonly string[], environment: Readonly<Record<string, string>>): Running {
  return start(t, process.execPath, [programPath(name), ...words], environment)
}
