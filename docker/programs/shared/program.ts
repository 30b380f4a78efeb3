/** What every program does alike: how it is started and told to stop, how it ends, and what it says then. */

import { printableLine } from '../../../generator/printable.ts'

/** Something the operator has to put right; its message is the one line that is shown. */
export class OperatorError extends Error {}

/** What a program has of the world; a test gives it another. */
export interface Io {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Standard input. */
  readonly input: AsyncIterable<Uint8Array>
  /** Aborted once the container is told to stop. */
  readonly stop: AbortSignal
  /** Prints a line, with what a terminal would obey spelt out. */
  say(line: string): void
  /** The same on standard error. */
  warn(line: string): void
  /** Writes it as it is: what other programs read. */
  write(content: string | Uint8Array): void
}

/** Returns the exit code. */
export type Run = (words: readonly string[], io: Io) => number | Promise<number>

/** Runs a program in a process of its own. Its OperatorError is one line and exit code 1; any other error is a bug, and shown whole. */
export async function runProgram(name: string, run: Run): Promise<never> {
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => { stop.abort() })
  const io: Io = {
    environment: process.env, input: process.stdin, stop: stop.signal,
    say: (line) => { process.stdout.write(`${printableLine(line)}\n`) },
    warn: (line) => { process.stderr.write(`${printableLine(line)}\n`) },
    write: (content) => { process.stdout.write(content) },
  }
  // A timer or a connection that is left must not keep a program that has ended. Standard output is written synchronously on Linux.
  process.exit(await exitCode(name, run, process.argv.slice(2), io))
}

/** The exit code of one run; a program never rejects. */
export async function exitCode(name: string, run: Run, words: readonly string[], io: Io): Promise<number> {
  try {
    return await run(words, io)
  } catch (error) {
    if (error instanceof OperatorError) {
      io.warn(`${name}: ${error.message}`)
      return 1
    }
    warnOfBug(error, io)
    return 70
  }
}

/** Shows an error that nobody has expected, whole. A stack has several lines, none of which is from outside but the message. */
export function warnOfBug(error: unknown, { warn }: Pick<Io, 'warn'>): void {
  for (const line of String(error instanceof Error ? error.stack : error).split('\n')) warn(line)
}

/** Waits, but not beyond the moment in which the program is told to stop. */
export function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) { resolve(); return }
    const done = () => { clearTimeout(timer); stop.removeEventListener('abort', done); resolve() }
    const timer = setTimeout(done, milliseconds)
    stop.addEventListener('abort', done)
  })
}
