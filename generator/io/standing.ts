/**
 * A run that found everything as it should be leaves a note of what it looked at and what it said. The next run of the same
 * words says so again while nothing of that was touched, and reads none of it: as make and git do, by size, times and inode.
 *
 * The note stands in the user's cache folder, never in the stack, and holds paths, states and what was shown: no content.
 */

import { closeSync, constants, fstatSync, lstatSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { getBuiltinModule, getuid, pid, platform, version } from 'node:process'

export interface Run {
  readonly argv: readonly string[]
  readonly cwd: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The package's files, whose change makes another tool. */
  readonly tool: readonly string[]
}

/** What a change of the package changes, by the folder of the bundle. */
export function toolFiles(dist: string): readonly string[] {
  return ['main.js', 'command.js', 'docker.json', '../package.json'].map((name) => join(dist, name))
}

export interface Said {
  readonly out: string
  readonly err: string
}

/** A clock and a file system may be this far apart, and times this coarse, in milliseconds. */
const tick = 2000
const mostNotes = 100

/** What the run would say again, where everything is as the note has it. */
export function saidBefore(run: Run): Said | undefined {
  const place = placeOf(run)
  if (!place) return undefined
  try {
    for (const line of ownLines(join(place.folder, place.name))) {
      // A fleet's note has many lines, and none of them is worth keeping.
      const said = line.startsWith('{') ? JSON.parse(line) as Said & { readonly run: string } : undefined
      if (said) return said.run === nameOf(run) ? said : undefined
      const [path, state] = JSON.parse(line) as readonly [string, string]
      if (look(path).state !== state) return undefined
    }
  } catch {
    // None yet, or none that can be used: the run looks for itself.
  }
  return undefined
}

/**
 * A note in the making. It comes to nothing, and nothing is said of that, where a file was touched since `began` or shortly before,
 * unseen perhaps, and where none can be written.
 */
export class Noting {
  readonly run: Run
  readonly began: number
  #file: number | undefined
  #place: { readonly part: string; readonly full: string } | undefined

  constructor(run: Run, began: number) {
    this.run = run
    this.began = began
    const place = placeOf(run)
    if (!place) return
    this.#attempt(() => {
      mkdirSync(place.folder, { recursive: true, mode: 0o700 })
      const names = readdirSync(place.folder)
      if (names.length >= mostNotes) for (const name of names) rmSync(join(place.folder, name), { force: true })
      this.#place = { part: join(place.folder, `.${pid}`), full: join(place.folder, place.name) }
      this.#file = openSync(this.#place.part, 'w', 0o600)
      this.add(run.tool)
    })
  }

  /** All of them are as they should be. */
  add(paths: readonly string[]): void {
    const file = this.#file
    if (file === undefined) return
    this.#attempt(() => {
      const looked = paths.map((path) => ({ path, ...look(path) }))
      if (looked.some(({ newest }) => newest > this.began - tick)) return this.drop()
      writeSync(file, looked.map(({ path, state }) => `${JSON.stringify([path, state])}\n`).join(''))
    })
  }

  /** Nothing else was looked at, and this was said. */
  finish(said: Said): void {
    const [file, place] = [this.#file, this.#place]
    if (file === undefined || !place) return
    this.#attempt(() => {
      writeSync(file, `${JSON.stringify({ run: nameOf(this.run), ...said })}\n`)
      closeSync(file)
      this.#file = undefined
      renameSync(place.part, place.full)
    })
  }

  drop(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    if (this.#place) rmSync(this.#place.part, { force: true })
  }

  #attempt(step: () => void): void {
    try {
      step()
    } catch {
      // A home that cannot be written to, a full disk: each run looks for itself.
      this.#file = undefined
    }
  }
}

/** The state of what stands at a path and when it was touched last; of a link also where it leads: the answer file may be one. */
function look(path: string, by: typeof lstatSync = lstatSync): { readonly state: string; readonly newest: number } {
  const found = by(path, { throwIfNoEntry: false })
  if (!found) return { state: 'none', newest: 0 }
  const { dev, ino, mode, uid, gid, size, mtimeMs, ctimeMs } = found
  const own = { state: [dev, ino, mode, uid, gid, size, mtimeMs, ctimeMs].join(' '), newest: Math.max(mtimeMs, ctimeMs) }
  if (!found.isSymbolicLink()) return own
  const end = look(path, statSync)
  return { state: `${own.state} to ${end.state}`, newest: Math.max(own.newest, end.newest) }
}

/** What a run's words depend on beside the states of files: a tool that stands elsewhere may say otherwise. */
function nameOf({ argv, cwd, environment, tool }: Run): string {
  const colors = ['FORCE_COLOR', 'NO_COLOR', 'NODE_DISABLE_COLORS'].map((name) => environment[name] ?? null)
  return JSON.stringify([version, getuid?.() ?? null, cwd, argv, colors, tool])
}

/** The name is the words themselves, or their hash. Under npm there is none: its settings may be words, too. */
function placeOf(run: Run): { readonly folder: string; readonly name: string } | undefined {
  const folder = cacheFolder(run.environment)
  if (!folder || Object.keys(run.environment).some((one) => /^npm_/i.test(one))) return undefined
  const words = Buffer.from([run.cwd, ...run.argv].join('\0'))
  // Loaded where it is needed: that takes longer than to look at a stack.
  const name = words.length > 150 ? getBuiltinModule('node:crypto').createHash('sha256').update(words).digest('hex') : words.toString('base64url')
  return { folder: join(folder, 'create-stacks-signer-stack'), name }
}

function cacheFolder(environment: Run['environment']): string | undefined {
  const below = (name: string, ...rest: readonly string[]) => {
    const base = environment[name]
    return base && isAbsolute(base) ? join(base, ...rest) : undefined
  }
  if (platform === 'win32') return below('LOCALAPPDATA')
  return below('XDG_CACHE_HOME') ?? (platform === 'darwin' ? below('HOME', 'Library/Caches') : below('HOME', '.cache'))
}

/** Throws unless it is a file that nobody else can have put there. */
function* ownLines(path: string): Generator<string> {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  try {
    const { uid, mode } = fstatSync(file)
    if (getuid && (uid !== getuid() || (mode & 0o022) !== 0)) throw new Error('of somebody else')
    const [room, decoder] = [Buffer.allocUnsafe(1 << 16), new TextDecoder()]
    let rest = ''
    for (let read = readSync(file, room); read > 0; read = readSync(file, room)) {
      const lines = (rest + decoder.decode(room.subarray(0, read), { stream: true })).split('\n')
      rest = lines.pop()!
      yield* lines
    }
  } finally {
    closeSync(file)
  }
}
