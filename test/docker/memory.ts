/** How much memory a program has taken at its most. */

import { readFileSync, readdirSync } from 'node:fs'

/** Resident bytes of the process `pid`: at their highest so far, or now together with those that it has started, whichever is more. */
export function memoryOf(pid: number): number {
  const children = folder(`/proc/${pid}/task`).flatMap((thread) => text(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean))
  // One that is about to become another program has its parent's memory, and no own.
  const others = children.filter((one) => text(`/proc/${one}/cmdline`) !== text(`/proc/${pid}/cmdline`))
  const field = (name: string, one: string) => 1024 * Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text(`/proc/${one}/status`))?.[1] ?? 0)
  return Math.max(field('VmHWM', String(pid)), [String(pid), ...others].reduce((sum, one) => sum + field('VmRSS', one), 0))
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
