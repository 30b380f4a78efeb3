/**
 * One run of the writing half, as a program of its own that dies or fails at a chosen step on the disk.
 * Arguments: directory, step (0: none), what happens there (kill, or an error code). Prints what came of it as JSON.
 */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { finishRun } from './small-run.ts'

const [directory = '', step = '0', fate = 'kill'] = process.argv.slice(2)
const steps: string[] = []

const watched = ['openSync', 'writeFileSync', 'fchmodSync', 'fsyncSync', 'closeSync', 'mkdirSync', 'chmodSync', 'renameSync', 'linkSync', 'unlinkSync', 'rmdirSync'] as const
type Call = (...values: unknown[]) => unknown
const calls = fs as unknown as Record<string, Call>

for (const name of watched) {
  const real = calls[name]!
  calls[name] = (...values) => {
    steps.push(name)
    if (steps.length !== Number(step)) return real(...values)
    // The worst moment of a write is its middle.
    if (name === 'writeFileSync') real(values[0], String(values[1]).slice(0, String(values[1]).length / 2))
    if (name === 'closeSync') real(...values)
    if (fate === 'kill') process.kill(process.pid, 'SIGKILL')
    throw Object.assign(new Error(`${fate}: at step ${step}`), { code: fate })
  }
}
syncBuiltinESMExports()

const problems = finishRun(directory)
process.stdout.write(JSON.stringify({ problems, steps }))
