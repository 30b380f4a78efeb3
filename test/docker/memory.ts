/** How much memory a program has taken at its most. */

import { readFileSync, readdirSync } from 'node:fs'

/** Resident bytes, at their highest so far, of the process `pid` and those it has started that are still there. */
export function memoryOf(pid: number): number {
  const children = folder(`/proc/${pid}/task`).flatMap((thread) => text(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean))
  // One that is about to become another program has its parent's memory, and no own.
  const others = children.filter((one) => text(`/proc/${one}/cmdline`) !== text(`/proc/${pid}/cmdline`))
  return [String(pid), ...others].reduce((sum, one) => sum + 1024 * Number(/VmHWM:\s+(\d+)/.exec(text(`/proc/${one}/status`))?.[1] ?? 0), 0)
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function folder(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
