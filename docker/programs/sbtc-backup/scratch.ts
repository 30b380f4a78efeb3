/** A fresh PostgreSQL that lives as long as one verification: a folder of its own, a private socket, no network. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, createReadStream, createWriteStream, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openStream } from '../shared/age.ts'
import { OperatorError, pause } from '../shared/program.ts'
import type { Job } from './config.ts'
import { at, Damaged, run, type Running } from './programs.ts'
import type { Dump } from './store.ts'

/** What is thrown away after use need not survive a power cut. Docker gives a container little shared memory. */
const settings = ['listen_addresses=', 'fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=10', 'shared_buffers=32MB', 'max_wal_size=256MB',
  'logging_collector=off', 'log_destination=stderr', 'dynamic_shared_memory_type=mmap']
const owner = 'scratch'
/** What a dump has the server do is done by a role that may run no programs and read no files of this machine. */
const restorer = 'restorer'
const patience = 120_000

/** Calls `action` with an empty folder that is gone afterwards. Older ones are removed: only one verification runs at a time. */
export async function inScratchFolder<T>({ scratch }: Job, action: (folder: string) => Promise<T>): Promise<T> {
  const folder = await at(scratch, () => {
    mkdirSync(scratch, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(scratch).filter((one) => one.startsWith('verify-'))) rmSync(join(scratch, name), { recursive: true, force: true })
    return mkdtempSync(join(scratch, 'verify-'))
  })
  try {
    return await at(folder, () => action(folder))
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The dump's plain archive in the folder. `identity` is the text of an age identity. Throws Damaged, or an OperatorError where the identity may be the wrong one. */
export async function decrypt({ path, manifest }: Dump, identity: string, folder: string): Promise<string> {
  const archive = join(folder, 'plain')
  const damaged = (error: unknown) => { throw error instanceof OperatorError ? new Damaged(error.message) : error }
  const plain = await openStream(identity, createReadStream(path)).catch((error: unknown) => {
    // With the manifest's hash right, the file is as it was made, and only the identity can be wrong.
    if (error instanceof OperatorError && Object.keys(manifest).length > 0) throw new OperatorError('the age identity is not among the keys that the dump is encrypted to')
    return damaged(error)
  })
  await pipeline(plain, createWriteStream(archive, { flags: 'wx', mode: 0o600 })).catch(damaged)
  return archive
}

/** Calls `action` with the address of an empty database in a server that was made just now. Throws an OperatorError where there can be none. */
export async function withFreshServer<T>(folder: string, stop: AbortSignal, action: (address: string) => Promise<T>): Promise<T> {
  const [data, log] = [join(folder, 'data'), join(folder, 'log')]
  await run(['initdb', '--pgdata', data, '--username', owner, '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'], { stop })
  const said = openSync(log, 'w')
  const server = spawn('postgres', ['-D', data, '-k', folder, ...settings.flatMap((setting) => ['-c', setting])], { stdio: ['ignore', said, said] })
  closeSync(said)
  let isOver = false
  const over = once(server, 'exit').finally(() => { isOver = true })
  const broken = (what: string) => new OperatorError(`the scratch server ${what}: ${readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('; ').slice(-2000)}`)
  try {
    const ready = () => run(['pg_isready', '--quiet', '--host', folder, '--username', owner], { stop }).then(() => true, () => false)
    for (const began = performance.now(); !await ready(); await pause(50, stop)) {
      stop.throwIfAborted()
      if (isOver || performance.now() - began > patience) throw broken('did not start')
    }
    const as = ['--host', folder, '--username', owner] as const
    await run(['createuser', ...as, '--no-superuser', restorer], { stop })
    await run(['createdb', ...as, '--owner', restorer, '--template', 'template0', 'restored'], { stop })
    return await action(`postgresql://${restorer}@/restored?host=${folder}`)
  } catch (error) {
    throw error instanceof Damaged && (isOver || readFileSync(log, 'utf8').includes('No space left on device')) ? broken('broke down') : error
  } finally {
    // At once, without the last writes: nobody will read them.
    server.kill('SIGQUIT')
    const killed = setTimeout(() => server.kill('SIGKILL'), 30_000)
    await over.catch(() => {})
    clearTimeout(killed)
  }
}

/** Reads an archive to its end, which tells of most damage without a server. Listing it would not: that works on one that ends early. */
export async function readThrough(archive: string, stop: AbortSignal): Promise<void> {
  await run(['pg_restore', '--file=/dev/null', archive], { stop, problem: Damaged })
}

/** Puts an archive into an empty database, and stops at the first thing that fails. Who restores need not know the roles of the server that the dump is of. */
export async function restoreArchive(archive: string, address: string, running: Running, ...more: readonly string[]): Promise<void> {
  await run(['pg_restore', '--exit-on-error', '--no-owner', '--no-acl', ...more, '--dbname', address, archive], running)
}
