/** The command as a function: argv and streams in, exit code out. cac lives here and nowhere else. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cac } from 'cac'
import { completeExample } from '../answers/reference.ts'
import { error, hasErrors, type Problem } from '../problem.ts'
import { plainScreens } from '../screen.ts'
import type { ExitCode } from './exit-codes.ts'
import { fleet } from './fleet/fleet.ts'
import { fleetJson, reportFleet } from './fleet/report.ts'
import { targetOf, type FleetWords } from './fleet/words.ts'
import { generate } from './generate.ts'
import type { Generated } from './generated.ts'
import { helpText } from './help.ts'
import { pasteable, pasteableHints, type Pasteable } from './invocation.ts'
import type { Io } from './io.ts'
import { swallowedFlags } from './npm-flags.ts'
import { options, type Options } from './options.ts'
import type { Outcome } from './outcome.ts'
import { linesText, outcomeJson, problemsText, reportJson, reportText } from './report.ts'

/** Runs the command line `argv` (without node and script) and returns the exit code; throws only for bugs. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parse(argv)
  const usage = [...parsed.problems, ...swallowedFlags(parsed.options, parsed.words, io.environment)]
  if (parsed.help) return print(io, pasteable(io.environment, [])(helpText()))
  if (parsed.version) return print(io, `${io.version}\n`)
  if (hasErrors(usage)) return fail(io, usage, parsed.options)
  if (parsed.options.example) return print(io, completeExample())
  const [first, ...rest] = parsed.words
  const load = commands[first ?? '']
  if (load) return show(io, parsed.options, await (await load())(rest, parsed.options, io), pasteable(io.environment, stackCommands.has(first!) ? rest : []))
  const { terminal } = io
  if (terminal && asks(parsed, io.cwd)) {
    const { runWizard } = await import('./wizard.ts')
    return report(io, parsed.options, await runWizard(parsed.options, { ...io, terminal }), pasteable(io.environment, []))
  }
  const target = targetOf(parsed.words, io.cwd)
  if (!target.value) return fail(io, target.problems, parsed.options)
  if (target.value.kind === 'fleet') return runFleet(target.value.stacks, parsed.options, io)
  return report(io, parsed.options, await generate({ ...target.value, options: parsed.options }, io), pasteable(io.environment, parsed.words))
}

/** Whether nothing says what to generate, and nothing says that this run only looks. */
function asks({ words, options: { json, check, dryRun, diff } }: Parsed, cwd: string): boolean {
  return words.length === 0 && !(json || check || dryRun || diff) && !existsSync(join(cwd, 'answers.env'))
}

/** Commands whose words are those of a stack. */
const stackCommands: ReadonlySet<string> = new Set(['outdated', 'pin'])

type Command = (words: readonly string[], options: Options, io: Io) => Promise<Outcome>
/** Each is loaded when it is named: most runs generate, and wait for nothing else. */
const commands: Readonly<Record<string, () => Promise<Command>>> = Object.assign(Object.create(null) as Record<string, () => Promise<Command>>, {
  upgrade: async () => (await import('./upgrade.ts')).upgrade,
  outdated: async () => (await import('./outdated.ts')).outdated,
  pin: async () => (await import('./pin.ts')).pin,
  adopt: async () => (await import('./adopt.ts')).adopt,
  certs: async () => (await import('./certs.ts')).certs,
  keygen: async () => (await import('./keygen.ts')).keygen,
})

interface Parsed {
  readonly words: readonly string[]
  readonly options: Options
  readonly help: boolean
  readonly version: boolean
  readonly problems: readonly Problem[]
}

function parse(argv: readonly string[]): Parsed {
  const words = argv[0] === '--' ? argv.slice(1) : [...argv]
  const cli = cac('create-stacks-signer-stack')
  for (const option of options) cli.option(option.flags, option.help)
  cli.option('-h, --help', 'help').option('-v, --version', 'version')
  const { args, options: given } = cli.parse(['node', 'command', ...words], { run: false })
  const flags = Object.fromEntries(options.map(({ name }) => [name, isOn(given[name])])) as Options
  return {
    words: [...args, ...((given['--'] as string[] | undefined) ?? [])],
    options: flags,
    help: isOn(given['help']),
    version: isOn(given['version']),
    problems: unknownOptions(given),
  }
}

function isOn(value: unknown): boolean {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value
  return last !== undefined && last !== false
}

function unknownOptions(given: Readonly<Record<string, unknown>>): readonly Problem[] {
  const known = new Set<string>(['--', 'help', 'version', 'h', 'v', 'n', 'f', 'y', ...options.map((option) => option.name)])
  const problems: Problem[] = []
  for (const [name, value] of Object.entries(given)) {
    const flag = name.length === 1 ? `-${name}` : `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    if (!known.has(name)) problems.push(error('usage', `unknown option ${flag}`, undefined, 'see --help'))
    else if (name !== '--' && typeof value !== 'boolean' && !Array.isArray(value)) {
      problems.push(error('usage', `${flag} takes no value, found ${JSON.stringify(value)}`, undefined, 'put the answer file and the directory before the options'))
    }
  }
  return problems
}

function show(io: Io, flags: Options, { exitCode, problems: found, lines, data }: Outcome, change: Pasteable): ExitCode {
  const problems = pasteableHints(found, change)
  if (flags.json) {
    io.stdout(outcomeJson(exitCode, problems, data))
    return exitCode
  }
  const { out, err } = io.screens ?? plainScreens
  if (problems.length > 0) io.stderr(problemsText(problems, err))
  if (lines.length > 0) io.stdout(linesText(lines.map(change), out))
  return exitCode
}

async function report(io: Io, flags: Options, generated: Generated, change: Pasteable): Promise<ExitCode> {
  const result = { ...generated, problems: pasteableHints(generated.problems, change) }
  if (flags.json) {
    io.stdout(reportJson(result))
    return result.exitCode
  }
  const { out, err } = await reportText(result, flags, io.screens)
  if (err) io.stderr(err)
  if (out) io.stdout(out)
  return result.exitCode
}

async function runFleet(stacks: readonly FleetWords[], flags: Options, io: Io): Promise<ExitCode> {
  const done = await fleet(stacks, flags, io)
  const change = pasteable(io.environment, [])
  const told = {
    ...done.fleet, problems: pasteableHints(done.fleet.problems, change), rows: done.fleet.rows.map((row) => ({ ...row, problems: pasteableHints(row.problems, change) })),
  }
  if (flags.json) io.stdout(fleetJson(told))
  else await reportFleet(told, done.look, flags, io)
  return done.fleet.exitCode
}

function print(io: Io, text: string): ExitCode {
  io.stdout(text)
  return 0
}

function fail(io: Io, found: readonly Problem[], flags: Options): ExitCode {
  const problems = pasteableHints(found, pasteable(io.environment, []))
  if (flags.json) io.stdout(reportJson({ problems, changes: [], made: [], exitCode: 2, directory: '' }))
  else io.stderr(problemsText(problems, (io.screens ?? plainScreens).err))
  return 2
}
