/** The repository, through restic. Passwords reach it by files, some of them in memory alone; no command line or environment holds one. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, openSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { createHash } from 'node:crypto'
import { paths } from '../../../generator/catalogue/container.ts'
import { OperatorError, pause, type Io } from '../shared/program.ts'
import type { Root } from '../shared/root.ts'
import { readConfig, settings } from './places.ts'

/** What restic's exit codes mean, since 0.17. */
const [missing, locked, wrongPassword] = [10, 11, 12]
/** For a slow line: it is only to end what hangs for ever. */
const hours = 12
/** For which a lock is waited for, and between two looks at whether its holder has gone; in milliseconds. */
const [unlocked, between] = [300_000, 5_000]
/** What one call of restic may say. */
const most = 64 << 20
/** What sbtc-backup has not given its name yet, and what only its own locks are. */
const unfinished = ['.part-*', '.new-*', '.lock'].flatMap((pattern) => ['--exclude', pattern])

export interface Snapshot {
  readonly id: string
  readonly short_id: string
  readonly time: string
  readonly tags?: readonly string[] | null
  /** The id that it had before it was tagged. */
  readonly original?: string
  readonly summary?: { readonly total_bytes_processed?: number } | null
}

export const isVerified = ({ tags }: Snapshot): boolean => tags?.includes('verified') ?? false

class ResticFailure extends OperatorError {
  readonly code: number | null

  constructor(message: string, code: number | null) {
    super(message)
    this.code = code
  }
}

export class Repository {
  readonly where: string
  readonly #stack: string
  readonly #io: Io
  readonly #words: readonly string[]
  readonly #environment: Record<string, string | undefined>
  readonly #credentials: number | undefined
  /** Where the repository is a folder of this machine. */
  readonly #folder: string | undefined

  constructor(root: Root, io: Io) {
    const setting = settings(root)
    const kind = setting('kind')
    const config = root(paths.backupConfig)
    this.where = setting('where')
    this.#stack = setting('stack')
    this.#io = io
    // What it says of its progress would fill the memory in hours.
    this.#environment = { ...io.environment, HOME: tmpdir(), RESTIC_PROGRESS_FPS: '0.01' }
    const url = (): readonly string[] => {
      if (kind === 's3') {
        const region = setting('s3_region', '')
        return [`s3:${setting('s3_endpoint')}/${setting('s3_bucket')}/${this.#stack}`, ...(region ? ['-o', `s3.region=${region}`] : [])]
      }
      if (kind === 'sftp') return [`sftp:backup:${setting('sftp_path')}`, '-o', `sftp.command=${sshCommand(config, setting)}`]
      return [root(paths.backupRepository)]
    }
    this.#folder = kind === 'path' ? root(paths.backupRepository) : undefined
    this.#words = ['--no-cache', '--password-file', `${config}/backup-password`, '--repo', ...url()]
    if (kind !== 's3') return
    this.#credentials = credentials(root)
    this.#environment['AWS_SHARED_CREDENTIALS_FILE'] = '/dev/fd/3'
  }

  /** What restic says on standard output. Throws with its last line where it fails. */
  async run(words: readonly string[], folder?: string): Promise<string> {
    const pieces: Buffer[] = []
    let size = 0
    await this.#start(words, (piece) => {
      size += piece.length
      if (size > most) throw new OperatorError(`restic ${words[0]} says more than ${most >> 20} MB`)
      pieces.push(piece)
    }, folder)
    return Buffer.concat(pieces).toString()
  }

  /**
   * The same, for what restic does only where nobody else is in the repository. What is left behind by one that was killed is removed as
   * soon as that has gone, which may be later than its parent: restic's own waiting would keep to a lock whose holder died meanwhile.
   */
  async runAlone(words: readonly string[]): Promise<string> {
    for (const end = performance.now() + unlocked; ;) {
      try {
        return await this.run(words)
      } catch (error) {
        if (!(error instanceof ResticFailure) || error.code !== locked || performance.now() >= end) throw error
      }
      await pause(between, this.#io.stop)
      await this.run(['unlock'])
    }
  }

  async #start(words: readonly string[], take: (piece: Buffer) => void, folder?: string): Promise<void> {
    const child = spawn('restic', [...this.#words, ...words], {
      ...(folder && { cwd: folder }), env: this.#environment, stdio: ['ignore', 'pipe', 'pipe', this.#credentials ?? 'ignore'],
      signal: AbortSignal.any([this.#io.stop, AbortSignal.timeout(hours * 3_600_000)]),
    })
    let said = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => { said = (said + text).slice(-65_536) })
    const closed = once(child, 'close') as Promise<[number | null]>
    // It is waited for below; before that its failure is nobody's.
    closed.catch(() => undefined)
    try {
      for await (const piece of child.stdout!) take(piece as Buffer)
    } finally {
      child.stdout!.destroy()
    }
    const [code] = await closed.catch((error: Error) => { throw error.name === 'AbortError' ? new OperatorError(`restic ${words[0]} was ended: it took more than ${hours} hours, or this program was told to stop`) : error })
    if (code !== 0) throw this.#failure(words[0]!, code, said)
  }

  #failure(what: string, code: number | null, said: string): ResticFailure {
    const lines = said.split('\n').map((line) => line.trim()).filter((line) => line !== '')
    // What follows a fatal line only repeats where it happened.
    const last = (lines.filter((line) => line.startsWith('Fatal:')).at(-1) ?? lines.at(-1) ?? `exit code ${code}`).slice(0, 300)
    const known: Readonly<Record<number, string>> = {
      [missing]: `${this.where} holds no backups`,
      [wrongPassword]: `secrets/backup-password does not open ${this.where}`,
      [locked]: `${this.where} is locked by another restic; a lock left behind goes after half an hour`,
    }
    return new ResticFailure(known[code ?? -1] ?? `restic ${what}: ${last}`, code)
  }

  /**
   * Returns the repository's id, and throws if it is not `expected`. A missing repository is created only if `make` is true and no id is
   * expected.
   */
  async open(expected: unknown, make = true): Promise<string> {
    if (this.#folder !== undefined) {
      try {
        accessSync(this.#folder, constants.W_OK)
      } catch {
        throw new OperatorError(`${this.where} cannot be written: is its disk mounted? If it is new: install -d -m 700 -o 2002 -g 2002 ${this.where}; then make restart S=backup`)
      }
    }
    const found = await this.#id().catch(async (error: unknown) => {
      if (!(error instanceof ResticFailure) || error.code !== missing || (!make && !expected)) throw error
      if (expected) throw new OperatorError(`${this.where} holds no backups, and did before: is the right disk or server there?`)
      await this.run(['init'])
      return this.#id()
    })
    if (expected && found !== expected) throw new OperatorError(`${this.where} holds another repository than before: is the right disk or server there?`)
    return found
  }

  async #id(): Promise<string> {
    return (JSON.parse(await this.run(['cat', 'config'])) as { id: string }).id
  }

  /** Stores `names` of `folder`. The id of the snapshot, which is there whole or not at all. */
  async store(folder: string, names: readonly string[]): Promise<string> {
    const said = await this.run(['backup', '--json', '--host', this.#stack, ...unfinished, ...names], folder)
    const summary = said.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>).findLast((one) => one['message_type'] === 'summary')
    if (typeof summary?.['snapshot_id'] !== 'string') throw new OperatorError('restic backup says nothing of a snapshot')
    return summary['snapshot_id']
  }

  /** The SHA-256 of a file as it is read back. */
  async hashOf(snapshot: string, path: string): Promise<string> {
    const hash = createHash('sha256')
    await this.#start(['dump', snapshot, path], (piece) => { hash.update(piece) })
    return hash.digest('hex')
  }

  /** Those of this stack, the oldest first. */
  async snapshots(): Promise<readonly Snapshot[]> {
    const found = JSON.parse(await this.run(['snapshots', '--json', '--host', this.#stack])) as readonly Snapshot[] | null
    return (found ?? []).toSorted((a, b) => (a.time < b.time ? -1 : 1))
  }

  /** Bytes that the data of all snapshots take up. */
  async size(): Promise<number> {
    return (JSON.parse(await this.run(['stats', '--json', '--mode', 'raw-data'])) as { total_size: number }).total_size
  }

  /** Marks a snapshot as verified. Its id changes by that; the new one is returned. */
  async approve(snapshot: string): Promise<string> {
    await this.runAlone(['tag', '--add', 'verified', snapshot])
    const [found, ...more] = (await this.snapshots()).filter((one) => isVerified(one) && (one.original ?? one.id).startsWith(snapshot))
    if (!found || more.length > 0) throw new OperatorError('the verified snapshot cannot be found again')
    return found.id
  }

  /** Removes `stale`, and those verified ones that `keep` does not say to keep. */
  async forget(stale: readonly string[], keep: readonly string[]): Promise<void> {
    if (stale.length > 0) await this.runAlone(['forget', ...stale])
    await this.runAlone(['forget', '--tag', 'verified', '--host', this.#stack, '--group-by', 'host', ...keep, '--prune'])
  }
}

/** The server must show the key that the answers name: no first meeting is trusted. */
function sshCommand(config: string, setting: (name: string) => string): string {
  return ['ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=yes', `-o UserKnownHostsFile=${config}/known_hosts`, '-o GlobalKnownHostsFile=none -o IdentitiesOnly=yes -o ConnectTimeout=30 -o ServerAliveInterval=30',
    `-i ${config}/backup-ssh-key -p ${setting('sftp_port')} -l ${setting('sftp_user')} ${setting('sftp_host')} -s sftp`].join(' ')
}

/** Linux has this number on every machine; Node.js does not name it. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY

/** A file without a name, in memory: nothing of it is left, however this ends. */
function credentials(root: Root): number {
  const [id, secret] = ['backup-s3-key-id', 'backup-s3-secret-key'].map((name) => readConfig(root, name).trim())
  const file = openSync('/dev/shm', O_TMPFILE | constants.O_RDWR, 0o600)
  writeSync(file, `[default]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`)
  return file
}
