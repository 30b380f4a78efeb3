/** Takes a dump: the whole database in one snapshot, encrypted on its way to the disk, under its name only when it is all there. */

import { createWriteStream, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { sealStream } from '../shared/age.ts'
import { dumpEnds } from '../shared/dumps.ts'
import { hashOf } from '../shared/files.ts'
import { timestamp } from '../shared/time.ts'
import type { Job } from './config.ts'
import { environmentOf, factsOf, inDatabase, snapshot } from './database.ts'
import { ownRecipient } from './identity.ts'
import { at, begin } from './programs.ts'
import { beside, fillFile, nextName, note, readDump, writeJson, type Dump } from './store.ts'

/** Call it under the store's lock. Whatever goes wrong, nothing new has its final name then. */
export async function makeDump(job: Job, reason: string): Promise<Dump> {
  const { store, network, deployer, publicKey } = job
  const recipients = [...job.recipients, await ownRecipient(job.identity)].join('\n')
  return inDatabase(job, async (ask) => {
    const [taken, server] = [await ask('to_json(pg_export_snapshot())'), await ask("to_json(current_setting('server_version'))")]
    const facts = await factsOf(ask)
    const { number, name } = nextName(job)
    const path = join(store, `${name}${dumpEnds.dump}`)
    await at(path, () => fillFile(path, async (part) => {
      await pourDump(job, String(taken), recipients, part)
      await note(store, { number })
      await writeJson(beside(path, 'manifest'), { made: timestamp(), reason, network, deployer, publicKey, server, bytes: statSync(part).size, sha256: hashOf(part), facts })
    }))
    return readDump(path)
  }, snapshot)
}

/** All of it is encrypted while it comes: a dump is larger than memory. */
async function pourDump(job: Job, taken: string, recipients: string, path: string): Promise<void> {
  const { child, ended } = begin(['pg_dump', '--format=custom', '--no-password', '--lock-wait-timeout=60000', `--snapshot=${taken}`, '--dbname', job.database],
    { stop: job.stop, environment: await environmentOf(job) })
  child.stdin.end()
  try {
    await pipeline(await sealStream(recipients, child.stdout), createWriteStream(path, { flags: 'wx', mode: 0o600 }))
  } catch (error) {
    child.kill()
    throw error
  }
  await ended
}
