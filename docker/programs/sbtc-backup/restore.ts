/** A dump comes back: on trial, as after the loss of the host; or into the signer's own database, which must be empty. */

import { isDeepStrictEqual } from 'node:util'
import { OperatorError } from '../shared/program.ts'
import { isProven } from '../shared/dumps.ts'
import { timestamp } from '../shared/time.ts'
import { newestDump } from './backup.ts'
import { databaseName, type Job } from './config.ts'
import { environmentOf, factsOf, inDatabase } from './database.ts'
import { readIdentity } from './identity.ts'
import { reportDrill } from './report.ts'
import { decrypt, inScratchFolder, restoreArchive } from './scratch.ts'
import { listDumps, locked, note, readDump, verifiedOf, type Dump } from './store.ts'
import { verdictCodes, type Verdict } from './verdict.ts'
import { learn, verify } from './verify.ts'

/** Verdicts that the operator may overrule by name: the chain cannot be asked, or moved on. The others say what is wrong with the dump. */
export const overruled: readonly Verdict[] = ['chain-unreachable', 'stale']

export interface Restore {
  readonly path: string
  /** The name of the database, which the operator has to say. */
  readonly confirmed: string
  readonly despite: readonly string[]
  /** The text of an age identity; without it, this host's own. */
  readonly identity: string | undefined
}

/** The exit code: 0 once the database holds the dump. */
export async function restore(job: Job, { path, confirmed, despite, identity }: Restore): Promise<number> {
  const { say } = job
  const name = databaseName(job)
  if (confirmed !== name) throw new OperatorError(`this fills the database ${name}: confirm it by that name`)
  return locked(job, async () => {
    await checkEmpty(job)
    const dump = readDump(path)
    const { verdict, text, facts } = await verify(job, dump, { identity, fewer: true })
    const accepted = facts && (isProven(verdict) || (overruled.includes(verdict) && despite.includes(verdict)))
    if (accepted) {
      await fill(job, dump, identity ?? await readIdentity(job.identity))
      if (!isDeepStrictEqual(await inDatabase(job, factsOf), facts)) {
        throw new OperatorError('the database does not hold what was restored on trial: do not start the signer; empty it and try again')
      }
      const number = Math.max(dump.number, ...listDumps(job.store).map((one) => one.number))
      await learn(job, facts, number)
      // On a new host the store is empty, and the next dump must not begin the count anew.
      await note(job.store, { number })
    }
    say(`${dump.name}: ${verdict}: ${text}`)
    if (!accepted) return verdictCodes[verdict]
    say(`its newest verified key is ${String(verifiedOf(dump)[0] ?? 'told by no manifest')}`)
    say(`${name} holds it now. Start the signer on one host alone: the same key must never run twice`)
    return 0
  })
}

async function fill(job: Job, dump: Dump, identity: string): Promise<void> {
  await inScratchFolder(job, async (folder) => {
    const archive = await decrypt(dump, identity, folder)
    await checkEmpty(job)
    // In one transaction: a restore that breaks off leaves the database as empty as it was.
    await restoreArchive(archive, job.database, { stop: job.stop, environment: await environmentOf(job) }, '--single-transaction', '--no-password')
  })
}

async function checkEmpty(job: Job): Promise<void> {
  const { objects, signers } = await inDatabase(job, (ask) => ask(`SELECT json_build_object('objects', (
    SELECT count(*) FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
  ) + (
    SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname NOT IN ('public', 'information_schema') AND nspname !~ '^pg_'
  ), 'signers', (
    SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND application_name = 'sbtc-signer'
  ))`)) as { readonly objects: number; readonly signers: number }
  const name = databaseName(job)
  if (signers > 0) throw new OperatorError(`a signer is connected to ${name}: stop it, here and on every other host`)
  if (objects > 0) throw new OperatorError(`${name} is not empty (${objects} objects): nothing is ever restored over a database`)
}

/** As after the loss of the host: from the copy, with the operator's own identity. */
export async function drill(job: Job, from: string | undefined, identity: string | undefined): Promise<number> {
  const { say, store, copies } = job
  const folder = from ?? copies[0] ?? store
  return locked(job, async () => {
    const dump = await newestDump(folder)
    const began = performance.now()
    const { verdict, text, facts } = await verify(job, dump, { identity })
    const seconds = (performance.now() - began) / 1000
    await reportDrill(job, dump, verdict, seconds)
    await note(store, { last_drill: timestamp(), drill: verdict })
    say(`${dump.name} from ${folder}: ${verdict}: ${text}`)
    if (facts) {
      const rows = Object.values(facts.rows).reduce((sum, count) => sum + count, 0)
      say(`brought back in ${seconds.toFixed(0)} s: ${rows} rows, ${facts.verified.length} verified keys, block ${facts.blocks.height}`)
    }
    return verdictCodes[verdict]
  })
}
