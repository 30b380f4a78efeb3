/** What the two services do alike: they look now and then whether there is work, and show that they are alive. */

import { showAlive } from '../shared/alive.ts'
import { pause, type Io } from '../shared/program.ts'
import { faultOf } from './places.ts'

/** After a failure, in milliseconds. */
const retry = 1_800_000

export interface Work {
  /** Whether there is something to do. */
  readonly waits: () => boolean
  /** Whether it was done. */
  readonly attempt: () => Promise<boolean>
  /** After each look. */
  readonly then?: () => void
}

/** Returns once it is told to stop. */
export async function serve({ waits, attempt, then }: Work, io: Io): Promise<number> {
  showAlive(io)
  // A test cannot wait that long.
  const each = Number(io.environment['BACKUP_LOOK_SECONDS'] ?? 30) * 1000
  let again = 0
  while (!io.stop.aborted) {
    if (performance.now() >= again && waits()) again = await attempt() ? 0 : performance.now() + retry
    then?.()
    await pause(each, io.stop)
  }
  return 0
}

/** Says what `work` returns, or why it was `undone`, which `note` notes. Whether it was done. */
export async function attempt(io: Io, undone: string, work: () => Promise<string>, note: (fault: string) => void): Promise<boolean> {
  try {
    io.say(`backup: ${await work()}`)
    return true
  } catch (error) {
    if (io.stop.aborted) return false
    io.warn(`backup: ${undone}: ${faultOf(error)}`)
    try {
      note(faultOf(error))
    } catch (second) {
      io.warn(`backup: and no note of it: ${faultOf(second)}`)
    }
    return false
  }
}
