/** Who may use the engine now: many tests beside each other, or one that stops it. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Use = 'beside others' | 'alone'

const file = join(tmpdir(), 'stack-test-engine.lock')

/** Waits for the engine; the returned function gives it back, as the end of this process does. Undefined where flock is missing. */
export async function hold(how: Use, path = file): Promise<(() => void) | undefined> {
  const child = spawn('flock', [how === 'alone' ? '--exclusive' : '--shared', path, 'sh', '-c', 'echo held; cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const got = once(child.stdout, 'data')
  const ended = once(child, 'exit').then(([code]) => { throw new Error(`flock ended with ${code}`) })
  try {
    await Promise.race([got, ended])
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  return () => { child.stdin.end() }
}
