/** Where the files of the backups are, what their settings say, and the notes that they leave. */

import { closeSync, constants, fchownSync, openSync, statfsSync } from 'node:fs'
import { paths } from '../../../generator/catalogue/container.ts'
import { errorCode, systemReason } from '../../../generator/io/disk.ts'
import { inFolder, readJsonObject, readMounted, writeJson, type Owner } from '../shared/files.ts'
import { lockFile } from '../shared/lock.ts'
import { OperatorError, type Io } from '../shared/program.ts'
import type { Root } from '../shared/root.ts'

export const database = 'signer.sqlite'
export const files = {
  /** Notes of the two services. */
  state: `${paths.backupData}/state.json`,
  copyState: `${paths.backupData}/copy-state.json`,
  /** The newest copy: the database, and `copy.json` about it. */
  current: `${paths.backupData}/current`,
  /** Where `fetch` puts a backup, for `restore` and `arrive`. */
  fetched: `${paths.backupData}/restore`,
} as const
/** In `current`. */
export const copyNote = 'copy.json'
export const sealed = { file: 'secrets.age', note: 'secrets.json' } as const

/** What `copy.json` says. */
export interface CopyNote {
  readonly made: string
  /** Null where the signer has no database yet. */
  readonly database: Described | null
}
export interface Described { readonly bytes: number; readonly sha256: string; readonly height: number | null }

/** The note of a copy in that folder; undefined where there is no copy. */
export function readCopyNote(folder: string): CopyNote | undefined {
  const found = readJsonObject(`${folder}/${copyNote}`)
  return typeof found['made'] === 'string' ? { made: found['made'], database: (found['database'] ?? null) as Described | null } : undefined
}

/** backup.env: of the service itself, or as init sees it. */
export function settings(root: Root, folder: string = paths.backupConfig): (name: string, otherwise?: string) => string {
  const lines = readConfig(root, 'backup.env', folder).split('\n').filter((line) => !line.startsWith('#'))
  return (name, otherwise) => {
    const line = lines.find((one) => one.startsWith(`${name}=`)) ?? (otherwise === undefined ? undefined : `${name}=${otherwise}`)
    if (line === undefined) throw new OperatorError(`config/backup/backup.env has no ${name}: generate the stack again, then docker compose up -d`)
    return line.slice(name.length + 1)
  }
}

/** A file that init has put beside the settings. */
export function readConfig(root: Root, name: string, folder: string = paths.backupConfig): string {
  try {
    return readMounted(root(`${folder}/${name}`)).toString()
  } catch (error) {
    throw new OperatorError(`${folder}/${name} cannot be read (${faultOf(error)}): generate the stack again, then docker compose up -d`)
  }
}

/** Changes some fields of a note, and leaves the others. */
export function note(path: string, changes: Readonly<Record<string, unknown>>): void {
  const was = readJsonObject(path)
  if (Object.entries(changes).some(([key, value]) => JSON.stringify(was[key] ?? null) !== JSON.stringify(value ?? null))) writeJson(path, { ...was, ...changes })
}

/**
 * Holds a lock of the backup's volume while `action` runs; it ends with this process. `copy`: a copy is made. `store`: one is read or
 * replaced. Root makes it for its `owner`.
 */
export async function withLock<T>(root: Root, io: Pick<Io, 'stop'>, name: 'copy' | 'store', action: () => Promise<T> | T, owner?: Owner): Promise<T> {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = inFolder(root(paths.backupData), (place) => openSync(`${place}/${name}.lock`, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600))
  try {
    if (owner) fchownSync(file, owner.uid, owner.gid)
    await lockFile(file, io)
    return await action()
  } finally {
    closeSync(file)
  }
}

const [reserve, reservedShare] = [2 ** 30, 0.02]

/** Throws where `size` bytes do not fit beside what the signer, on the same disk perhaps, must still be able to write. */
export function needRoom(folder: string, size: number): void {
  const { bavail, blocks, bsize } = statfsSync(folder)
  const [free, kept] = [bavail * bsize, Math.min(reserve, reservedShare * blocks * bsize)]
  const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
  if (free < size + kept) throw new OperatorError(`not enough room: ${mb(size)} are needed, ${mb(free)} are free, and ${mb(kept)} of them are left for the signer`)
}

/** A system's error in one line; undefined for any other error. */
export function systemFault(error: unknown): string | undefined {
  const code = errorCode(error)
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return undefined
  const { message, path: source, dest: path = source, syscall } = error as NodeJS.ErrnoException & { readonly dest?: string }
  // Those without a call are of shared/files.ts, and say it themselves. The number of an open folder tells nothing.
  return syscall === undefined ? message : `${path?.replace(/^\/proc\/self\/fd\/\d+\/?/, '') || syscall}: ${systemReason(code)}`
}

/** Why something was not done, in one line. */
export function faultOf(error: unknown): string {
  return systemFault(error) ?? (error instanceof OperatorError ? error.message : String(error))
}
