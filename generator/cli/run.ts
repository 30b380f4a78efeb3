/** The command as a function: argv and streams in, exit code out. cac lives here and nowhere else. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cac } from 'cac'
import { completeExample } from '../answers/reference.ts'
import { error, hasErrors, renderProblem, sortProblems, type Problem } from '../problem.ts'
import type { Terminal } from '../wizard/asker.ts'
import { adopt } from './adopt.ts'
import { certs } from './certs.ts'
import type { ExitCode } from './exit-codes.ts'
import { generate, type Generated } from './generate.ts'
import { helpText } from './help.ts'
import { keygen } from './keygen.ts'
import { options, type Options } from './options.ts'
import type { Outcome } from './outcome.ts'
import { outdated } from './outdated.ts'
import { pin } from './pin.ts'
import { outcomeJson, reportJson, reportText } from './report.ts'
import { upgrade } from './upgrade.ts'

/** What a run may use of the world. */
export interface Io {
  readonly cwd: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly packageRoot: string
  readonly version: string
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Asks a yes-or-no question; absent where there is no terminal. */
  readonly ask?: (question: string) => Promise<boolean>
  /** Where the wizard asks; absent where stdin or stdout is no terminal. */
  readonly terminal?: Terminal
}

/** Runs the command line `argv` (without node and script) and returns the exit code; throws only for bugs. */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parse(argv)
  const usage = [...parsed.problems, ...swallowedFlags(parsed.options, io.environment)]
  if (parsed.help) return print(io, helpText())
  if (parsed.version) return print(io, `${io.version}\n`)
  if (hasErrors(usage)) return fail(io, usage, parsed.options)
  if (parsed.options.example) return print(io, completeExample())
  const [first, ...rest] = parsed.words
  if (first === 'keygen') return report(io, parsed.options, await keygen(rest, io))
  const command = commands[first ?? '']
  if (command) return show(io, parsed.options, await command(rest, parsed.options, io))
  if (parsed.words.length > 2) {
    return fail(io, [error('usage', `expected at most an answer file and a directory, found ${parsed.words.length} words`)], parsed.options)
  }
  const { terminal } = io
  if (terminal && asks(parsed, io.cwd)) {
    const { runWizard } = await import('./wizard.ts')
    return report(io, parsed.options, await runWizard(parsed.options, { ...io, terminal }))
  }
  return report(io, parsed.options, await generate({ answers: first, directory: rest[0], options: parsed.options }, io))
}

/** Whether nothing says what to generate, and nothing says that this run only looks. */
function asks({ words, options: { json, check, dryRun, diff } }: Parsed, cwd: string): boolean {
  return words.length === 0 && !(json || check || dryRun || diff) && !existsSync(join(cwd, 'answers.env'))
}

type Command = (words: readonly string[], options: Options, io: Io) => Promise<Outcome>
const commands: Readonly<Record<string, Command>> = Object.assign(Object.create(null) as Record<string, Command>, { upgrade, outdated, pin, adopt, certs })

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

/** `npm create x --check` keeps the flag for npm itself: a check would silently become a write. */
function swallowedFlags(given: Options, environment: Io['environment']): readonly Problem[] {
  if (environment['npm_command'] !== 'init') return []
  const swallowed = options.filter(({ name, flags }) => {
    const variable = `npm_config_${flags.replace(/^.*--/, '').replaceAll('-', '_')}`
    return !given[name] && environment[variable] !== undefined && !['', 'false'].includes(environment[variable])
  })
  return swallowed.map(({ flags }) => {
    const flag = flags.replace(/^.*--/, '--')
    return error('swallowed-option', `npm kept ${flag} for itself`, undefined,
      `write: npm create stacks-signer-stack@latest -- answers.env ${flag}`)
  })
}

function show(io: Io, flags: Options, { exitCode, problems, lines, data }: Outcome): ExitCode {
  if (flags.json) {
    io.stdout(outcomeJson(exitCode, problems, data))
    return exitCode
  }
  if (problems.length > 0) io.stderr(`${sortProblems(problems).map(renderProblem).join('\n')}\n`)
  if (lines.length > 0) io.stdout(`${lines.join('\n')}\n`)
  return exitCode
}

function report(io: Io, flags: Options, result: Generated): ExitCode {
  if (flags.json) {
    io.stdout(reportJson(result))
    return result.exitCode
  }
  const { out, err } = reportText(result, flags)
  if (err) io.stderr(err)
  if (out) io.stdout(out)
  return result.exitCode
}

function print(io: Io, text: string): ExitCode {
  io.stdout(text)
  return 0
}

function fail(io: Io, problems: readonly Problem[], flags: Options): ExitCode {
  if (flags.json) io.stdout(reportJson({ problems, changes: [], exitCode: 2, directory: '' }))
  else io.stderr(`${sortProblems(problems).map(renderProblem).join('\n')}\n`)
  return 2
}
