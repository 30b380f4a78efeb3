/** What is done with dumps: one is made and copied, one is verified, and those that newer ones stand for are removed. */

import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { dumpEnds, isProven } from '../shared/dumps.ts'
import { OperatorError } from '../shared/program.ts'
import { timestamp } from '../shared/time.ts'
import type { Job } from './config.ts'
import { copyDumps } from './copy.ts'
import { makeDump } from './dump.ts'
import { dumpsToDrop } from './keep.ts'
import { at, faultOf } from './programs.ts'
import { reportAttempt, reportBackup, reportVerdict } from './report.ts'
import { dropDump, listDumps, locked, note, readDump, type Dump } from './store.ts'
import { verdictCodes } from './verdict.ts'
import { record, verify } from './verify.ts'

/** As a reason: makes no dump, and copies what is there. */
export const copyOnly = 'copy'

/** Whether there is a dump more, here and in every place of copies. What is wrong with it is another question. */
export async function backup(job: Job, reason: string): Promise<boolean> {
  const { store, copies, say } = job
  return locked(job, async () => {
    let fault = ''
    try {
      const dump = reason === copyOnly ? await newestDump(store) : await makeDump(job, reason)
      say(`${dump.name}: ${String(dump.manifest['bytes'])} bytes (${reason})`)
      await note(store, { last_dump: timestamp(), uncopied: copies.length > 0 })
      for (const folder of copies) say(`${await copyDumps(listDumps(store), folder)} copied to ${folder}`)
      await note(store, { last_success: timestamp(), uncopied: false })
      await reportBackup(job, dump, listDumps(store))
    } catch (error) {
      fault = faultOf(error)
      say(`no backup: ${fault}`)
    }
    // A full disk may be the very reason, and keeps this from being noted too.
    for (const step of [() => note(store, { error: fault }), () => reportAttempt(job, fault === '')]) {
      await step().catch((error: unknown) => { say(`this cannot be noted: ${faultOf(error)}`) })
    }
    return fault === ''
  })
}

/** The exit code of the verdict on a file, or on the newest dump. */
export async function verifyDump(job: Job, path?: string, fewer = false): Promise<number> {
  return locked(job, async () => {
    const dump = path === undefined ? await newestDump(job.store) : readDump(path)
    const verified = await verify(job, dump, { fewer })
    const { verdict, text } = verified
    job.say(`${dump.name}: ${verdict}: ${text}`)
    if (dirname(resolve(dump.path)) === resolve(job.store)) {
      await record(job, dump, verified)
      await reportVerdict(job, dump, verdict)
    }
    if (isProven(verdict)) await dropOld(job)
    return verdictCodes[verdict]
  })
}

async function dropOld({ store, copies, keep, say }: Job): Promise<void> {
  for (const { name, path } of dumpsToDrop(listDumps(store), keep)) {
    say(`${name} goes: enough newer ones are proven`)
    dropDump(path)
    for (const copy of copies.map((folder) => join(folder, `${name}${dumpEnds.dump}`)).filter((file) => existsSync(file))) await at(copy, () => { dropDump(copy) })
  }
}

export async function newestDump(folder: string): Promise<Dump> {
  const dump = (await at(folder, () => listDumps(folder))).at(-1)
  if (!dump) throw new OperatorError(`there is no dump in ${folder}`)
  return dump
}
