/**
 * Fetches the chainstate archive once, unpacks it beside the chain data and renames it into place. Chain data that exists is never
 * touched. May be killed at any point: the next start goes on. Ends with 0 when chain data is in place, and at once if it is already.
 */

import { existsSync } from 'node:fs'
import { pause, type Run } from '../shared/program.ts'
import { bringChain } from './bring-chain.ts'
import { RetryableError, messageOf } from './errors.ts'
import { bytesHere } from './part-file.ts'
import { placesOf } from './places.ts'
import { duration } from './progress.ts'
import { forgetOld, refresh, swap } from './refresh.ts'
import { readSettings, type Settings } from './settings.ts'

const usage = `usage: snapshot [--health | --refresh | --swap | --forget-old]
  without a word   fetch chain data, unless it is there
  --health         exit 0 only when chain data is in place
  --refresh        fetch and unpack the archive again, beside chain data in use
  --swap           put that in place of the chain data, which nobody may be using; the old is kept
  --forget-old     delete what a swap has kept`

/** As a shell tells of SIGTERM: the work is not done. */
const stopped = 143

export const run: Run = async (words, io) => {
  const steps = { '--refresh': refresh, '--swap': swap, '--forget-old': forgetOld }
  const [word = '', ...more] = words
  if (more.length === 0 && word === '--health') return existsSync(placesOf(io).marker) ? 0 : 1
  if (more.length === 0 && word in steps) return inForeground(readSettings(io), steps[word as keyof typeof steps])
  if (words.length === 0) return untilDone(readSettings(io))
  for (const line of usage.split('\n')) io.warn(line)
  return 2
}

/** Does one step that an operator has asked for. */
async function inForeground(settings: Settings, step: (settings: Settings) => void | Promise<void>): Promise<number> {
  try {
    await step(settings)
    return 0
  } catch (error) {
    if (settings.stop.aborted) return stopped
    settings.say(`${messageOf(error)}; the chain data in use is untouched`)
    return 1
  }
}

/** Tries until chain data is in place, whatever happens. */
async function untilDone({ stop, ...settings }: Settings): Promise<number> {
  for (let [failures, before] = [0, 0]; !stop.aborted;) {
    try {
      await bringChain({ stop, ...settings })
      return 0
    } catch (error) {
      if (stop.aborted) break
      const here = bytesHere(settings.at)
      failures = here > before ? 1 : failures + 1
      before = here
      const rest = error instanceof RetryableError ? Math.min(1000 * 2 ** Math.min(failures, 6), 60_000, settings.patience) : settings.patience
      settings.say(`waiting: ${messageOf(error)}; next try in ${duration(rest)}`)
      await pause(rest, stop)
    }
  }
  return stopped
}
