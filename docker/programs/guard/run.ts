/**
 * Looks, through this host's node, whether another instance signs with this key, and only then lets the signer start. Goes on
 * looking until the signer has written itself: what it has not written, somebody else has.
 *
 *   guard           for ever: watches while the signer is not cleared for this host, idles when all is seen
 *   guard --health  0 unless it refuses or hangs
 *   guard --slots   what the node says of the signer's slots, as JSON
 *   guard --again   forgets a refusal, and watches anew
 *   guard --skip    lets the signer start without a check, once: the operator says that no other instance runs
 */

import { statSync, writeFileSync } from 'node:fs'
import { paths, type GuardState } from '../../../generator/catalogue/container.ts'
import { readText, removeFile, writeAtomically } from '../shared/files.ts'
import { guardFiles, readLine, refusalOf, verdictOf } from '../shared/guarded.ts'
import { OperatorError, pause, type Io, type Run } from '../shared/program.ts'
import { rootOf, type Root } from '../shared/root.ts'
import { Guard, slotsOf } from './guard.ts'
import { settingsOf } from './settings.ts'
import { NotYet } from './stackerdb.ts'

/** Written at each look, so that a guard that hangs is seen. */
const beat = `${paths.temporary}/guard-beat`
/** Milliseconds after which it counts as hanging: longer than any look takes. */
const hangs = 300_000
/** Milliseconds after which a state is told again while it lasts. */
const again = 60_000

export const run: Run = async (words, io) => {
  const root = rootOf(io)
  switch (words.join(' ')) {
    case '': return await watchOn(root, io)
    case '--health': return isHealthy(root) ? 0 : 1
    case '--slots': return await showSlots(root, io)
    case '--again': return forget(root, io)
    case '--skip': return skip(root, io)
    default: throw new OperatorError('say nothing, --health, --slots, --again or --skip')
  }
}

/** Until it is told to stop. That is not the end of its work, so it is no success either. */
async function watchOn(root: Root, io: Io): Promise<number> {
  const settings = settingsOf(io)
  const guard = new Guard(root, settings, io.stop)
  let [told, toldAt, seconds]: [GuardState | undefined, number, number] = [undefined, 0, settings.period]
  while (!io.stop.aborted) {
    await guard.step()
    writeFileSync(root(beat), '.')
    const verdict = verdictOf(root)
    const now = performance.now()
    if (verdict && (verdict.state !== told || (now - toldAt >= again && !['passed', 'standby'].includes(verdict.state)))) {
      io.say(`guard: ${verdict.state}: ${verdict.words}`)
      told = verdict.state
      toldAt = now
    }
    seconds = nextPause(seconds, verdict?.state, settings.period)
    await pause(seconds * 1000, io.stop)
  }
  return 143
}

/** Seconds to the next look. A node that is away, perhaps for days, is asked less often: behind sidecars each question is a line in two logs. */
export function nextPause(last: number, state: GuardState | undefined, period: number): number {
  return state === 'waiting' ? Math.min(2 * last, 6 * period) : period
}

function isHealthy(root: Root): boolean {
  const at = statSync(root(beat), { throwIfNoEntry: false })?.mtimeMs
  return at !== undefined && Date.now() - at < hangs && verdictOf(root)?.state !== 'refused'
}

async function showSlots(root: Root, io: Io): Promise<number> {
  try {
    io.say(await slotsOf(root, settingsOf(io), io.stop))
    return 0
  } catch (error) {
    if (error instanceof NotYet) throw new OperatorError(error.message)
    throw error
  }
}

function forget(root: Root, io: Io): number {
  removeFile(root(guardFiles.refused))
  io.say('guard: watching again; make logs S=guard')
  return 0
}

function skip(root: Root, io: Io): number {
  const wanted = readText(root(guardFiles.wanted))
  if (refusalOf(root, wanted) !== undefined) throw new OperatorError('nothing to skip: it has refused. When the other instance is off, make guard-retry first')
  if (readLine(wanted)?.role !== 'active') throw new OperatorError('nothing to skip: this host is not the active one')
  writeAtomically(root(guardFiles.skip), `${wanted}skip\n`, { mode: 0o444 })
  io.say('guard: the signer starts without a check, this once')
  return 0
}
