/** Makes the disk fail, or kills the process, at a chosen step. An asynchronous call counts when it starts. */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const watched = ['fsync', 'openSync', 'writeFileSync', 'fchmodSync', 'fsyncSync', 'closeSync', 'mkdirSync', 'chmodSync', 'renameSync', 'linkSync', 'unlinkSync', 'rmdirSync'] as const

type Call = (...values: unknown[]) => unknown

interface Faulty<T> { readonly value: T; readonly steps: readonly string[] }

/**
 * Runs `action` with a fault at its `step`-th call of the disk, counted from 1; 0 is no fault. `fault` is `kill` or the code of
 * an error. Returns the value of `action` and the names of the calls.
 */
export function withFault<T>(step: number, fault: string, action: () => T): Faulty<T> {
  const { steps, restore } = plant(step, fault)
  try {
    return { value: action(), steps }
  } finally {
    restore()
  }
}

/** The same for an asynchronous `action`. */
export async function withLaterFault<T>(step: number, fault: string, action: () => Promise<T>): Promise<Faulty<T>> {
  const { steps, restore } = plant(step, fault)
  try {
    return { value: await action(), steps }
  } finally {
    restore()
  }
}

function plant(step: number, fault: string): { readonly steps: readonly string[]; readonly restore: () => void } {
  const calls = fs as unknown as Record<string, Call>
  const real = new Map(watched.map((name) => [name, calls[name]!]))
  const steps: string[] = []
  for (const [name, call] of real) {
    calls[name] = (...values) => {
      steps.push(name)
      if (steps.length !== step) return call(...values)
      // The worst moment to fail is the middle of a write.
      if (name === 'writeFileSync') call(values[0], String(values[1]).slice(0, String(values[1]).length / 2))
      if (name === 'closeSync') call(...values)
      if (fault === 'kill') process.kill(process.pid, 'SIGKILL')
      const failure = Object.assign(new Error(`${fault} at step ${step}`), { code: fault })
      if (name !== 'fsync') throw failure
      return setImmediate(values.at(-1) as Call, failure)
    }
  }
  syncBuiltinESMExports()
  return {
    steps,
    restore: () => {
      for (const [name, call] of real) calls[name] = call
      syncBuiltinESMExports()
    },
  }
}
