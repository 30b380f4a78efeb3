#!/usr/bin/env node
/** The only module that touches `process`: argv, streams, exit code. */

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { run } from './cli/run.ts'

const packageRoot = fileURLToPath(new URL('..', import.meta.url))

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim())
  } finally {
    terminal.close()
  }
}

try {
  const { version } = JSON.parse(readFileSync(`${packageRoot}/package.json`, 'utf8')) as { version: string }
  process.exitCode = await run(process.argv.slice(2), {
    cwd: process.cwd(),
    environment: process.env,
    packageRoot,
    version,
    stdout: (text) => { process.stdout.write(text) },
    stderr: (text) => { process.stderr.write(text) },
    ...(process.stdin.isTTY && process.stdout.isTTY && { ask, terminal: { input: process.stdin, output: process.stdout } }),
  })
} catch (bug) {
  process.stderr.write(`This is a bug in create-stacks-signer-stack, not in your answers. Please report it with these lines:\n${
    bug instanceof Error ? bug.stack : String(bug)}\n`)
  process.exitCode = 2
}
