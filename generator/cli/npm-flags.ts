/**
 * Flags that npm kept. `npm create x a.env --check` runs this command without `--check`, and a check would silently
 * become a write; all that is left of the flag is a variable `npm_config_check`. What npm does with each flag stands in
 * test/package/npm-flags.test.ts.
 */

import { basename, join } from 'node:path'
import { readRegularText } from '../io/regular-file.ts'
import { error, type Problem } from '../problem.ts'
import { suggest } from '../suggest.ts'
import { npmCall } from './invocation.ts'
import { options, type Options } from './options.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A setting of npm's whose name resembles an option of ours. */
const notMeant = ['access']

/**
 * An error that names the flags npm kept and the right command. `force`, `json` and `yes` are settings of npm too:
 * the first two count unless an .npmrc says the same. `yes` never counts: `npm create --yes` is right for npm, and a
 * run that lost it writes less, not more.
 */
export function swallowedFlags(given: Options, words: readonly string[], environment: Environment): readonly Problem[] {
  const caller = npmCall(environment)
  if (!caller) return []
  const kept = [...keptOptions(given, environment), ...keptDash(given, environment)]
  if (kept.length === 0) return []
  const values = kept.flatMap(({ value }) => (value === undefined ? [] : [value]))
  const shown = kept.map(({ flag, value }) => (value === undefined ? flag : `${flag} ${JSON.stringify(value)}`)).join(', ')
  const line = [caller, ...wordsToRepeat(words, values, environment), ...kept.map(({ instead }) => instead)].join(' ')
  return [error('swallowed-option', `npm kept ${shown} for itself`, undefined, `write: ${line}`)]
}

interface Kept {
  readonly flag: string
  /** What npm took for the flag's value: a word that was ours. */
  readonly value?: string
  readonly instead: string
}

function keptOptions(given: Options, environment: Environment): readonly Kept[] {
  const names = options.map(({ flags }) => flags.replace(/^.*--/, ''))
  return Object.entries(environment).flatMap(([variable, value]) => {
    const setting = /^npm_config_(.+)$/.exec(variable)?.[1]?.replaceAll('_', '-')
    if (setting === undefined || value === undefined || ['', 'false'].includes(value) || notMeant.includes(setting)) return []
    const name = options[names.indexOf(suggest(setting.toLowerCase(), names) ?? '')]
    if (!name || name.name === 'yes' || given[name.name]) return []
    if (['force', 'json'].includes(setting) && npmrcSays(setting, value, environment)) return []
    return [{ flag: `--${setting}`, ...(value !== 'true' && { value }), instead: name.flags.replace(/^.*--/, '--') }]
  })
}

/** `-n` is npm's own short form of `--no-yes`. What npx was given after our name it hands on. */
function keptDash(given: Options, environment: Environment): readonly Kept[] {
  if (given.dryRun || environment['npm_config_yes'] !== '' || npmrcSays('yes', '', environment)) return []
  if (environment['npm_command'] === 'exec' && /^npx\b/.test(basename(environment['_'] ?? ''))) return []
  return [{ flag: '-n', instead: '--dry-run' }]
}

/** Whether one of the .npmrc files that npm has read sets this; a file that cannot be read sets nothing. */
function npmrcSays(setting: string, value: string, environment: Environment): boolean {
  const { npm_config_userconfig: user, npm_config_globalconfig: global, npm_config_local_prefix: project } = environment
  return [user, global, ...(project === undefined ? [] : [join(project, '.npmrc')])].some((path) => {
    if (path === undefined || path === '') return false
    const line = lines(path).map((one) => /^\s*([\w-]+)\s*(?:=\s*(.*?))?\s*$/.exec(one)).findLast((one) => one?.[1] === setting)
    if (!line) return false
    const said = (line[2] ?? 'true').replace(/^(["'])(.*)\1$/, '$2')
    return said === value || (value === '' && said === 'false')
  })
}

function lines(path: string): readonly string[] {
  try {
    const read = readRegularText(path, { links: 'follow' })
    return 'text' in read ? read.text.split(/\r?\n/) : []
  } catch {
    return []
  }
}

/** The words of the run, where they are known to be all, and can be shown without quotes. */
function wordsToRepeat(words: readonly string[], values: readonly string[], environment: Environment): readonly string[] {
  if (values.length > 0 || words.some((word) => !/^[\w@%+=:,./\\-]+$/.test(word))) return ['[answers]', '[directory]']
  const script = (environment['npm_lifecycle_script'] ?? '').split(/\s+/)
  return /^run/.test(environment['npm_command'] ?? '') ? words.filter((word) => !script.includes(word)) : words
}
