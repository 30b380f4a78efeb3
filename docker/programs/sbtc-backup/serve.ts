/** The scheduler: one dump a day and one whenever a new verified key appears, each verified, the doubtful ones again and again. */

import { mkdirSync } from 'node:fs'
import { pause, type Io } from '../shared/program.ts'
import { backup, copyOnly, verifyDump } from './backup.ts'
import type { Job } from './config.ts'
import { hasTables, inDatabase, verifiedKeys } from './database.ts'
import { at, faultOf } from './programs.ts'
import { Tries, whyDue } from './schedule.ts'
import { judgedOf, listDumps, readState, verifiedOf } from './store.ts'

/** How long the database may take to come up. */
const starting = 120_000
/**
 * The longest between two tries, in seconds: of a dump that failed, and of a doubtful one. The first tries come soon: while the
 * signer's new release starts, its node is away, and that is when the dump before it is verified.
 */
const [longestForDump, longestForVerdict] = [15 * 60, 30 * 60]
const doubtful: readonly string[] = ['', 'chain-unreachable', 'not-verified', 'rotation-pending']

const seconds = (): number => performance.now() / 1000

/** Until the program is told to stop. What fails never ends it. */
export async function serve(job: Job, { environment }: Pick<Io, 'environment'>): Promise<void> {
  const { stop, say } = job
  // A test cannot wait that long.
  const between = Number(environment['SBTC_BACKUP_PAUSE_SECONDS'] ?? 60)
  const [dumps, verdicts] = [new Tries(between, longestForDump), new Tries(between, longestForVerdict)]
  let madeAt: number | undefined
  await isReached(job)
  for (; !stop.aborted; await pause(between * 1000, stop)) {
    const now = seconds()
    // What keeps a dump from being made was said when it failed.
    const reason = await attempt(() => dueNow(job, madeAt === undefined ? undefined : now - madeAt, dumps.waits(now) ? () => {} : say), say) ?? ''
    if (dumps.isDue(reason, now)) {
      const worked = await attempt(() => backup(job, reason), say) ?? false
      dumps.ended(worked, reason, seconds())
      if (worked) madeAt = seconds()
    }
    // Others dump, too: what is new is verified at once.
    const name = doubtfulDump(job)
    if (verdicts.isDue(name, seconds())) {
      await attempt(() => verifyDump(job), say)
      verdicts.ended(doubtfulDump(job) !== name, name, seconds())
    }
  }
}

/** Whether the database answers. It is started at the same time: one that is not there yet is no failure, unless it stays away. */
export async function isReached(job: Job): Promise<boolean> {
  for (const began = performance.now(); performance.now() - began < starting && !job.stop.aborted; await pause(2000, job.stop)) {
    if (await attempt(() => inDatabase(job, (ask) => ask('to_json(1)')), () => {}) !== undefined) return true
  }
  return false
}

async function dueNow(job: Job, since: number | undefined, say: (line: string) => void): Promise<string> {
  const { store } = job
  await at(store, () => mkdirSync(store, { recursive: true, mode: 0o700 }))
  const dumps = listDumps(store)
  // A new signer makes its tables at its first start. Where there were any, a database without is a fault.
  if (dumps.length === 0 && await attempt(() => inDatabase(job, (ask) => ask(hasTables)), say) === false) return ''
  const [key] = await attempt(() => inDatabase(job, (ask) => ask(verifiedKeys) as Promise<readonly string[]>), say) ?? []
  const { last_dump: last, uncopied } = readState(store)
  const made = dumps.length > 0 && typeof last === 'string' ? Date.parse(last) / 1000 : NaN
  const reason = whyDue({ at: job.at, now: Date.now() / 1000, last: Number.isNaN(made) ? undefined : made, since, key, dumped: dumps.slice(-1).flatMap(verifiedOf) })
  return reason || (dumps.length > 0 && uncopied === true ? copyOnly : '')
}

/** The name of the newest dump, while it is in doubt. */
function doubtfulDump({ store }: Job): string {
  const dump = listDumps(store).at(-1)
  return dump && doubtful.includes(judgedOf(dump)) ? dump.name : ''
}

async function attempt<T>(step: () => Promise<T>, say: (line: string) => void): Promise<T | undefined> {
  try {
    return await step()
  } catch (error) {
    say(`that did not work: ${faultOf(error)}`)
    return undefined
  }
}
