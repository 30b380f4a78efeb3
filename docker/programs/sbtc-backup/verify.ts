/** Tries a dump out: decrypts it, restores it into a fresh PostgreSQL, asks it what the guide asks, and compares with the chain. */

import { join } from 'node:path'
import { isProven } from '../shared/dumps.ts'
import { readJsonObject } from '../shared/files.ts'
import { OperatorError } from '../shared/program.ts'
import { askChain, UnreachableChain } from '../shared/sbtc/chain.ts'
import { timestamp } from '../shared/time.ts'
import type { Job } from './config.ts'
import { factsOf, inSession, type Facts } from './database.ts'
import { readIdentity } from './identity.ts'
import { at, Damaged, run } from './programs.ts'
import { decrypt, inScratchFolder, readThrough, restoreArchive, withFreshServer } from './scratch.ts'
import { beside, checkFile, judgedOf, note, writeJson, type Dump } from './store.ts'
import { judge, learned, type Finding, type Known, type Verdict } from './verdict.ts'

/** `facts` are those of the restored database, where there is one. */
export interface Verified extends Finding { readonly facts?: Facts }

export interface Trial {
  /** The text of an age identity; without it, this host's own. */
  readonly identity?: string | undefined
  /** That rows went is right, so what was known of their number counts no longer. */
  readonly fewer?: boolean
}

/** What another day may see otherwise takes nothing back that was once proven. */
const passing: readonly Verdict[] = ['stale', 'chain-unreachable', 'not-verified']

export async function verify(job: Job, dump: Dump, { identity, fewer = false }: Trial = {}): Promise<Verified> {
  let facts: Facts
  try {
    facts = await tryOut(job, dump, identity ?? await readIdentity(job.identity))
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    return { verdict: error instanceof Damaged ? 'damaged' : 'not-verified', text: error.message }
  }
  const { depth } = facts.blocks
  const chain = await askChain(job.chain, job.deployer, depth !== null && depth > 0 ? depth : undefined).catch((error: unknown) => {
    if (error instanceof UnreachableChain) return error.message
    throw error
  })
  return { ...judge({ config: job, facts, manifest: dump.manifest, known: comparable(job, dump, fewer), chain }), facts }
}

async function tryOut(job: Job, dump: Dump, identity: string): Promise<Facts> {
  const { stop } = job
  await at(dump.path, () => { checkFile(dump) })
  await checkMajor(dump, stop)
  return inScratchFolder(job, async (folder) => {
    const archive = await decrypt(dump, identity, folder)
    await readThrough(archive, stop)
    return withFreshServer(folder, stop, async (address) => {
      await restoreArchive(archive, address, { stop, problem: Damaged })
      return inSession(address, { stop, problem: Damaged }, factsOf)
    })
  })
}

/** A restore by another major version proves nothing for the one that is to take the dump. */
async function checkMajor({ manifest: { server } }: Dump, stop: AbortSignal): Promise<void> {
  const major = (version: unknown) => /\d+/.exec(String(version ?? ''))?.[0]
  const here = (await run(['postgres', '--version'], { stop })).trim()
  if (major(server) !== undefined && major(server) !== major(here)) throw new OperatorError(`the dump is of PostgreSQL ${major(server)}, and this is ${here}`)
}

const knownFile = ({ store }: Job): string => join(store, 'known.json')
const knownOf = (job: Job): Known => readJsonObject(knownFile(job)) as Known

/** What is known of earlier dumps. An older one may well hold less than a newer one, but never other shares. */
function comparable(job: Job, { number }: Dump, fewer: boolean): Known {
  const { rows, verified, ...known } = knownOf(job)
  return fewer || number < (known.number ?? 0) ? known : { ...known, ...(rows && { rows }), ...(verified && { verified }) }
}

/** What later dumps are compared with. */
export async function learn(job: Job, facts: Facts, number: number): Promise<void> {
  await writeJson(knownFile(job), learned(facts, number))
}

/** Beside the dump, in the state, and, where it is proven, as what later ones are compared with. */
export async function record(job: Job, dump: Dump, { verdict, text, facts }: Verified): Promise<void> {
  const proven = isProven(verdict)
  if (!(isProven(judgedOf(dump)) && passing.includes(verdict))) await writeJson(beside(dump.path, 'verdict'), { verdict, text, at: timestamp() })
  if (proven && facts && dump.number >= (knownOf(job).number ?? 0)) await learn(job, facts, dump.number)
  await note(job.store, { verdict, verdict_text: text, verified_dump: dump.name, ...(proven && { last_verified: timestamp() }) })
}
