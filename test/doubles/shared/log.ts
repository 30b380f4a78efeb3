/** Log lines in the programs' own two shapes: text, and JSON where STACKS_LOG_JSON is 1. */

export type Level = 'DEBG' | 'INFO' | 'WARN' | 'ERRO'
export type Log = (level: Level, text: string) => void

/** Writes to stderr, one line each; DEBG only where STACKS_LOG_DEBUG is 1. */
export function logger(program: string, environment: NodeJS.ProcessEnv): Log {
  const json = environment['STACKS_LOG_JSON'] === '1'
  const debug = debugging(environment)
  return (level, text) => {
    if (level === 'DEBG' && !debug) return
    const seconds = (Date.now() / 1000).toFixed(6)
    process.stderr.write(json
      ? `${JSON.stringify({ msg: text, level, ts: seconds, thread: 'main', file: program })}\n`
      : `${level} [${seconds}] [${program}] [main] ${text}\n`)
  }
}

/** Whether the program tells everything, its whole configuration included. */
export function debugging(environment: NodeJS.ProcessEnv): boolean {
  return environment['STACKS_LOG_DEBUG'] === '1' || environment['BLOCKSTACK_DEBUG'] === '1'
}

/** The text of whatever was thrown. */
export function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
