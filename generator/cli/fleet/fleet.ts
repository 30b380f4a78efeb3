/**
 * Many stacks in one call. All of them are decided before the first byte of any is written, and of each only what must
 * be compared and told is kept between the two passes: memory does not follow the number of stacks.
 */

import type { Change } from '../../changes/compare.ts'
import { sha256 } from '../../plan-types.ts'
import { error, hasErrors, type Problem } from '../../problem.ts'
import { readAnswerText } from '../answer-file.ts'
import type { ExitCode } from '../exit-codes.ts'
import { decide, readKit, type Decision, type Kit } from '../generate.ts'
import type { Generated, Mode } from '../generated.ts'
import type { Io } from '../io.ts'
import type { Options } from '../options.ts'
import { placeOf, type Place } from '../place.ts'
import { clashes, machinesOf, placesOf, type Member } from './clashes.ts'
import type { FleetWords } from './words.ts'

/** What became of a stack; `idle` had nothing to do, `ready` was not begun. */
export type State = 'wrong' | 'idle' | 'ready' | 'written' | 'failed'

/** One stack as it is told. The changes are without their texts. */
export interface Row extends Omit<Generated, 'stack'> {
  readonly file: string
  /** The directory as it is named. */
  readonly shown: string
  readonly state: State
  readonly isStandby: boolean
}

export interface Fleet {
  readonly exitCode: ExitCode
  /** What lies between stacks; each row has its own. */
  readonly problems: readonly Problem[]
  readonly rows: readonly Row[]
}

/** Decided once more when their texts are wanted: the changes of one stack, in full. */
export type Look = (row: Row) => Promise<readonly Change[]>

interface Seen { readonly row: Row; readonly hash: string; readonly member: Member }

/** Generates every stack into its directory, or with --check, --dry-run and --diff says what would change. */
export async function fleet(stacks: readonly FleetWords[], options: Options, io: Io): Promise<{ readonly fleet: Fleet; readonly look: Look }> {
  const kit = once(() => readKit(io.packageRoot))
  const looks = options.dryRun || options.diff || options.check
  const ask = (words: FleetWords, mode: Mode) => question(words, mode, options, io, kit)
  const light = lightening(options.json)
  const seen: Seen[] = []
  for (const [index, words] of stacks.entries()) {
    io.status?.(`deciding ${index + 1} of ${stacks.length}: ${words.file}`)
    const asked = await ask(words, looks ? 'dryRun' : 'decide')
    seen.push(see(words, asked, light))
  }
  const problems = clashes(seen.map(({ member }) => member))
  const rows = seen.map(({ row }) => row)
  const look: Look = async ({ file, shown }) => (await ask({ file, directory: shown }, 'dryRun')).decision?.result.changes ?? []
  if (hasErrors(problems) || rows.some(({ state }) => state === 'wrong')) {
    const onlyDiffers = problems.length === 0 && rows.every(({ exitCode }) => exitCode < 2)
    return { fleet: { exitCode: onlyDiffers ? 1 : 2, problems, rows: rows.map(held) }, look }
  }
  if (looks) return { fleet: { exitCode: rows.some(({ exitCode }) => exitCode === 1) ? 1 : 0, problems, rows }, look }
  const done = await writeAll(seen, ask, light, io)
  return { fleet: { exitCode: done.some(({ state }) => state === 'failed') ? 2 : 0, problems, rows: done }, look }
}

interface Asked { readonly place: Place; readonly hash: string; readonly decision?: Decision; readonly problems: readonly Problem[] }

async function question({ file, directory }: FleetWords, mode: Mode, options: Options, io: Io, kit: () => Kit): Promise<Asked> {
  const place = placeOf(file, directory, io.cwd)
  const text = readAnswerText(place)
  if (text.value === undefined) return { place, hash: '', problems: text.problems }
  const decision = await decide({ place, text: text.value, options, mode, version: io.version, kit })
  return { place, hash: sha256(text.value), decision, problems: [] }
}

/** Keeps of a decision what is small. */
function see({ file, directory: shown }: FleetWords, { place, hash, decision, problems }: Asked, light: Light): Seen {
  const result = decision?.result
  const answers = decision?.answers
  const stack = result?.stack
  const found = [...problems, ...result?.problems ?? []]
  const row = {
    ...light(result ?? { exitCode: 2, directory: place.directory, problems, changes: [], made: [] }),
    file, shown, problems: found, state: hasErrors(found) ? 'wrong' : isIdle(result) ? 'idle' : 'ready', isStandby: answers?.values.ROLE === 'standby',
  } as const
  const member = {
    file, shown, directory: place.directory, hosts: answers && stack ? machinesOf(answers, stack) : [],
    places: answers ? placesOf(answers) : {},
    ...(answers && { name: answers.values.STACK_NAME, role: answers.values.ROLE }), ...(result?.identity && { identity: result.identity }),
    ...(result?.sbtcIdentity && { sbtcIdentity: result.sbtcIdentity }),
  }
  return { row, hash, member }
}

type Light = (result: Generated) => Omit<Generated, 'stack'>

/** Without texts; and what is unchanged only where `all` is told. Most stacks change in the same way, so each change is kept once. */
function lightening(all: boolean): Light {
  const kept = new Map<string, Change>()
  const shared = ({ kind, path, reason }: Change): Change => {
    const name = [kind, path, reason].join('\0')
    const known = kept.get(name) ?? { kind, path, ...(reason !== undefined && { reason }) }
    kept.set(name, known)
    return known
  }
  return ({ stack: _, changes, ...rest }) =>
    ({ ...rest, changes: (all ? changes : changes.filter(({ kind }) => kind !== 'unchanged')).map(shared) })
}

/** A stack without an identity has still to get its key. */
function isIdle(result: Generated | undefined): boolean {
  if (!result) return false
  return (result.identity ?? result.sbtcIdentity) !== undefined && result.made.length === 0 && result.changes.every(({ kind }) => kind === 'unchanged')
}

/** Nothing is written while another stack has errors. */
function held(row: Row): Row {
  return row.state === 'ready' || row.state === 'idle' ? { ...row, exitCode: row.exitCode === 1 ? 1 : row.state === 'idle' ? 0 : 2, made: [] } : row
}

/** One after the other; the first failure ends it, and the rest is not begun. */
async function writeAll(seen: readonly Seen[], ask: (words: FleetWords, mode: Mode) => Promise<Asked>, light: Light, io: Io): Promise<readonly Row[]> {
  const rows = seen.map(({ row }) => row)
  const keys = new Set(seen.flatMap(({ member }) => member.identity?.publicKey ?? []))
  for (const [index, before] of seen.entries()) {
    if (before.row.state !== 'ready') continue
    io.status?.(`writing ${index + 1} of ${seen.length}: ${before.row.shown}`)
    const asked = await ask({ file: before.row.file, directory: before.row.shown }, 'write')
    const changed = changedMeanwhile(before, asked, keys)
    const result = changed ? undefined : await asked.decision?.write?.() ?? asked.decision?.result
    const problems = [...(changed ? [changed] : []), ...asked.problems, ...result?.problems ?? []]
    const failed = hasErrors(problems)
    rows[index] = { ...before.row, ...(result && light(result)), exitCode: failed ? 2 : 0, problems, state: failed ? 'failed' : 'written' }
    if (!failed) continue
    return rows.map((row, other) => (other > index && row.state === 'ready' ? { ...row, exitCode: 2, made: [] } : row))
  }
  return rows
}

/** What was decided for the fleet must still hold: the same answers, and the same key or a new one of its own. */
function changedMeanwhile({ row, hash, member }: Seen, asked: Asked, keys: ReadonlySet<string>): Problem | undefined {
  const now = asked.decision?.result.identity?.publicKey
  const sameKey = member.identity ? now === undefined || now === member.identity.publicKey : now === undefined || !keys.has(now)
  const sameSbtc = asked.decision?.result.sbtcIdentity?.publicKey === member.sbtcIdentity?.publicKey
  return asked.hash === hash && sameKey && sameSbtc ? undefined
    : error('changed-meanwhile', `${row.file} or the signer key of its stack was changed while this ran`, undefined, 'run again')
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
