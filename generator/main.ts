/** The only module besides start.ts that touches `process`: argv, streams, exit code. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './cli/run.ts'
import { statusLine } from './cli/status-line.ts'
import { printable } from './printable.ts'
import { wantsColor, type Screen } from './screen.ts'

const packageRoot = join(import.meta.dirname, '..')

async function ask(question: string): Promise<boolean> {
  status?.clear()
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim())
  } finally {
    terminal.close()
  }
}

/** A width of 0 is that of a terminal that does not know its own. */
function screenOf({ isTTY, columns }: { readonly isTTY?: boolean; readonly columns?: number }): Screen {
  return { color: wantsColor(isTTY === true, process.env), ...(isTTY && columns && { columns }) }
}

const status = process.stderr.isTTY && process.env['TERM'] !== 'dumb' ? statusLine({
  write: (text) => { process.stderr.write(text) },
  columns: () => process.stderr.columns || 80,
  now: () => performance.now(),
  later: (action, milliseconds) => { setTimeout(action, milliseconds).unref() },
}) : undefined

/** Nothing is written into the line that says how far the run is. */
function writer(stream: NodeJS.WriteStream): (text: string) => void {
  return (text) => {
    status?.clear()
    stream.write(text)
  }
}

/** No top-level await: this is bundled as CommonJS. */
async function main(): Promise<void> {
  const argv = process.argv.slice(2)
  try {
    const { version } = JSON.parse(readFileSync(`${packageRoot}/package.json`, 'utf8')) as { version: string }
    process.exitCode = await run(argv, {
      cwd: process.cwd(),
      environment: process.env,
      packageRoot,
      version,
      stdout: writer(process.stdout),
      stderr: writer(process.stderr),
      screens: { out: screenOf(process.stdout), err: screenOf(process.stderr) },
      ...(status && { status: status.say }),
      // In this order: to look at stdin opens it, which takes time where nobody can be asked.
      ...(process.stdout.isTTY && process.stdin.isTTY && { ask, terminal: { input: process.stdin, output: process.stdout } }),
    })
    status?.clear()
  } catch (bug) {
    status?.clear()
    process.stderr.write(`This is a bug in create-stacks-signer-stack, not in your answers. Please report it with these lines:\n${
      printable(bug instanceof Error ? bug.stack ?? bug.message : String(bug))}\n`)
    process.exitCode = 2
  }
}

void main()
