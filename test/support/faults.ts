/** A disk that fails, or a process that dies, at a chosen step. What is asynchronous counts where it is begun. */

import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const watched = ['fsync', 'openSync', 'writeFileSync', 'fchmodSync', 'fsyncSync', 'closeSync', 'mkdirSync', 'chmodSync', 'renameSync', 'linkSync', 'unlinkSync', 'rmdirSync'] as const

type Call = (...values: unknown[]) => unknown

interface Faulty<T> { readonly value: T; readonly steps: readonly string[] }

/**
 * Runs `action`, and at its `step`-th step on the disk (from 1; 0 for none) `fate` befalls it: `kill`, or the code of
 * an error. Returns its value and the names of the steps taken.
 */
export function withFault<T>(step: number, fate: string, action: () => T): Faulty<T> {
  const { steps, restore } = plant(step, fate)
  try {
    return { value: action(), steps }
  } finally {
    restore()
  }
}

/** The same for what goes on after it has returned. */
export async function withLaterFault<T>(step: number, fate: string, action: () => Promise<T>): Promise<Faulty<T>> {
  const { steps, restore } = plant(step, fate)
  try {
    return { value: await action(), steps }
  } finally {
    restore()
  }
}

function plant(step: number, fate: string): { readonly steps: readonly string[]; readonly restore: () => void } {
  const calls = fs as unknown as Record<string, Call>
  const real = new Map(watched.map((name) => [name, calls[name]!]))
  const steps: string[] = []
  for (const [name, call] of real) {
    calls[name] = (...values) => {
      steps.push(name)
      if (steps.length !== step) return call(...values)
      // The worst moment of a write is its middle.
      if (name === 'writeFileSync') call(values[0], String(values[1]).slice(0, String(values[1]).length / 2))
      if (name === 'closeSync') call(...values)
      if (fate === 'kill') process.kill(process.pid, 'SIGKILL')
      const fault = Object.assign(new Error(`${fate} at step ${step}`), { code: fate })
      if (name !== 'fsync') throw fault
      return setImmediate(values.at(-1) as Call, fault)
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
