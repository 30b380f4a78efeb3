/** Backups of the sBTC signer's database, and the proof that they are good. */

import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { healthOf, showAlive } from '../shared/alive.ts'
import { OperatorError, type Io, type Run } from '../shared/program.ts'
import { backup, verifyDump } from './backup.ts'
import { readConfig, type Job } from './config.ts'
import { hasTables, inDatabase } from './database.ts'
import { checkIdentity, readIdentity } from './identity.ts'
import { faultOf, Misused } from './programs.ts'
import { drill, overruled, restore } from './restore.ts'
import { isReached, serve } from './serve.ts'
import { judgedOf, listDumps, locked, note, readState } from './store.ts'

const usage = `usage: sbtc-backup WORD
  backup [--reason WORD]                   make a dump now, copy it, and verify it
  verify [FILE] [--fewer-rows-are-right]   verify a dump, or the newest
  restore FILE --confirm DATABASE [--despite VERDICT] [--identity FILE]
  restore-drill [--from FOLDER] [--identity FILE]
  list                                     the dumps, with their verdicts
  before RELEASE                           make a dump if that release of the signer never started here
  serve                                    make one a day, and whenever a new verified key appears
  health                                   whether serve shows a sign of life
--identity - reads the age identity from standard input.
0 good, 1 failed, 2 asked wrongly; every other verdict has a code of its own.`

/** As a shell tells of SIGTERM. */
const stopped = 143

export const run: Run = async (words, io) => {
  process.umask(0o027)
  const say = (line: string): void => { io.say(`sbtc-backup: ${line}`) }
  try {
    const job = (): Job => ({ ...readConfig(io), stop: io.stop, say })
    return await command(words, job, io)
  } catch (error) {
    if (io.stop.aborted) return stopped
    for (const line of faultOf(error).split('\n')) say(line)
    return error instanceof Misused ? 2 : 1
  }
}

async function command(words: readonly string[], jobOf: () => Job, io: Io): Promise<number> {
  const { values, positionals: [name = '', word, ...more] } = parse(words)
  const { reason = 'by-hand', confirm, despite = [], identity: file, from, 'fewer-rows-are-right': fewer } = values
  if (name === 'health') return healthOf(io)
  const commands: Readonly<Record<string, (job: Job) => Promise<number>>> = {
    'backup': async (job) => (await backup(job, reason) ? verifyDump(job) : 1),
    'verify': (job) => verifyDump(job, word, fewer),
    'restore': async (job) => {
      if (word === undefined || confirm === undefined) throw new Misused('say restore FILE --confirm DATABASE')
      const unknown = despite.find((one) => !overruled.some((verdict) => verdict === one))
      if (unknown !== undefined) throw new Misused(`--despite takes ${overruled.join(' or ')}, not ${unknown}`)
      return restore(job, { path: word, confirmed: confirm, despite, identity: await identityIn(file, io) })
    },
    'restore-drill': async (job) => drill(job, from, await identityIn(file, io)),
    'list': list,
    'before': async (job) => {
      if (word === undefined) throw new Misused('say before RELEASE')
      return before(job, word)
    },
    'serve': async (job) => {
      showAlive(io)
      await serve(job, io)
      return stopped
    },
  }
  const chosen = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!chosen || more.length > 0) throw new Misused(usage)
  return chosen(jobOf())
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words], allowPositionals: true,
      options: { 'reason': { type: 'string' }, 'confirm': { type: 'string' }, 'despite': { type: 'string', multiple: true }, 'identity': { type: 'string' }, 'from': { type: 'string' }, 'fewer-rows-are-right': { type: 'boolean' } },
    })
  } catch (error) {
    throw new Misused(`${(error as Error).message}\n${usage}`)
  }
}

/** The text of an identity; `-` is what comes on standard input, which then stands in no file. */
async function identityIn(file: string | undefined, { input }: Io): Promise<string | undefined> {
  if (file === '-') return checkIdentity(await text(input), 'standard input')
  return file === undefined ? undefined : readIdentity(file)
}

async function list({ store, say }: Job): Promise<number> {
  for (const dump of listDumps(store)) say(`${dump.name}  ${String(dump.manifest['bytes'])} bytes  ${String(dump.manifest['reason'])}  ${judgedOf(dump) || 'not yet verified'}`)
  return 0
}

/**
 * One dump before a release of the sBTC signer starts that has not run here: it may change the database, and nothing but a dump
 * leads back. The release is noted once the dump is there; a database without the signer's tables has nothing to lose.
 */
async function before(job: Job, release: string): Promise<number> {
  const { store, say } = job
  if (readState(store)['release'] === release) {
    say(`${release} has started here before`)
    return 0
  }
  if (!await isReached(job)) throw new OperatorError('the database does not answer, so it cannot be dumped: make logs S=postgres')
  if (await inDatabase(job, (ask) => ask(hasTables)) === true && !await backup(job, 'upgrade')) {
    say(`${release} does not start without a dump of what is there now: put that right, then docker compose up -d`)
    return 1
  }
  await locked(job, () => note(store, { release }))
  say(`${release} may start`)
  return 0
}
