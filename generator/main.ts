/** The only module besides start.ts that touches `process`: argv, streams, exit code. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './cli/run.ts'

const packageRoot = join(import.meta.dirname, '..')

async function ask(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim())
  } finally {
    terminal.close()
  }
}

/** No top-level await: this is bundled as CommonJS. */
async function main(): Promise<void> {
  try {
    const { version } = JSON.parse(readFileSync(`${packageRoot}/package.json`, 'utf8')) as { version: string }
    process.exitCode = await run(process.argv.slice(2), {
      cwd: process.cwd(),
      environment: process.env,
      packageRoot,
      version,
      stdout: (text) => { process.stdout.write(text) },
      stderr: (text) => { process.stderr.write(text) },
      // In this order: to look at stdin opens it, which takes time where nobody can be asked.
      ...(process.stdout.isTTY && process.stdin.isTTY && { ask }),
    })
  } catch (bug) {
    process.stderr.write(`This is a bug in create-stacks-signer-stack, not in your answers. Please report it with these lines:\n${
      bug instanceof Error ? bug.stack : String(bug)}\n`)
    process.exitCode = 2
  }
}

void main()
