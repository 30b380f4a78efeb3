/** Locks between processes. Node.js has no flock: flock(1) locks the file that this program has opened, and that both processes share. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { OperatorError, type Io } from './program.ts'

/** Waits for the lock of an open file. It holds until this program closes the file, or ends in any way. Rejects where the program is told to stop. */
export async function lockFile(file: number, { stop }: Pick<Io, 'stop'>): Promise<void> {
  const [code] = await once(spawn('flock', ['--exclusive', '3'], { stdio: ['ignore', 'inherit', 'inherit', file], signal: stop }), 'close') as [number | null]
  if (code !== 0) throw new OperatorError(`the lock cannot be taken: flock ended with ${code}`)
}
