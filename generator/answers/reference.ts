/** The table of answers as a person reads it: in examples/answers.md, in the complete example, and in --help. */

import { newestPair } from './release-answers.ts'
import { groups, type AnswerDefinition } from './definition.ts'
import { answers } from './schema.ts'

const rows: readonly AnswerDefinition[] = answers

/** The reference as Markdown: one table per group. */
export function referenceMarkdown(): string {
  const parts = groups.map(({ name, title }) => {
    const lines = rows.filter((row) => row.group === name).map((row) => {
      const fallback = row.required ? '*required*' : markdownDefault(row)
      return `| \`${row.key}\` | ${valuesText(row, '`')} | ${fallback} | ${row.title}. ${row.text} |`
    })
    return [`## ${title}`, '', '| answer | values | without it | what it is |', '|---|---|---|---|', ...lines].join('\n')
  })
  return `${[...parts, passedReference].join('\n\n')}\n`
}

const passedReference = `## Keys passed through

| answer | values | what it is |
|---|---|---|
| \`SIGNER__key\` | as the key wants | any key of the signer's TOML that the pinned release accepts, as in \`SIGNER__dry_run=true\` |
| \`NODE__section__key\` | as the key wants | the same for the node, as in \`NODE__connection_options__num_neighbors=48\` |
| \`SBTC__section__key\` | as the key wants | the same for the sBTC signer, as in \`SBTC__signer__context_window=1000\` |

Write text as it is, numbers without separators, \`true\` or \`false\`, and lists of strings with commas. Keys that hold
secrets, keys that follow an answer, and lists of tables are refused. The message says what to write instead.`

/**
 * A complete answer file: every answer with its values and default, all but the required ones commented out. With
 * `given`, by name and as they stand after `NAME=`, these are in force instead, and no other.
 */
export function completeExample(given?: ReadonlyMap<string, string>): string {
  const parts = groups.map(({ name, title }) => {
    const body = rows.filter((row) => row.group === name).map((row) => exampleOf(row, given ? given.get(row.key) : row.required && row.example))
    return [`# ---- ${title} ----`, ...body].join('\n\n')
  })
  return `${[intro, ...parts, passedExample].join('\n\n')}\n`
}

const intro = `# The complete answer file. Only the lines without # in front are in force.
#
# One NAME=value a line. Blanks around a value do not count; an unquoted # begins a comment. A value with blanks or #
# goes into single quotes, which are taken literally. Nothing is expanded: $NAME stays $NAME. An empty value counts as
# an absent one. Generate again after each change, and commit this file with the directory.`

const passedExample = `# ---- Keys passed through ----

# Any key that the pinned release accepts: SIGNER__key for the signer's TOML, NODE__section__key for the node's, and
# SBTC__section__key for the sBTC signer's.
# Numbers without separators, true or false, text as it is, lists of strings with commas.
#SIGNER__dry_run=true
#NODE__connection_options__num_neighbors=48`

function exampleOf(row: AnswerDefinition, value: string | undefined): string {
  const lines = [`${row.title}. ${row.text}`, `Values: ${valuesText(row, '')}.`, row.required ? 'Required.' : `Without it: ${plainDefault(row)}.`]
  // No line to fill in: a key behind its # would be committed.
  const { type } = row
  const secret = type.kind === 'secret' ? [`${row.key} is a secret. Put it into secrets/${type.file}, and not into this file.`] : []
  const assignment = type.kind === 'secret' ? [] : [value === undefined ? `#${row.key}=${row.example}` : `${row.key}=${value}`]
  return [...[...lines, ...secret].flatMap((line) => wrap(line, 118)).map((line) => `# ${line}`), ...assignment].join('\n')
}

/** The answers as the lines of --help, indented by two. */
export function answersHelp(): string {
  const width = Math.max(...rows.map((row) => row.key.length)) + 2
  const passed = [['SIGNER__key', "any key of the signer's TOML"], ['NODE__section__key', "any key of the node's TOML"], ['SBTC__section__key', "any key of the sBTC signer's TOML"]] as const
  const lines = [...rows.map((row) => [row.key, `${row.title}${row.required ? ' (required)' : ''}`] as const), ...passed]
  return lines.map(([key, text]) => `  ${key.padEnd(width)}${text}`).join('\n')
}

function valuesText({ type }: AnswerDefinition, mark: string): string {
  const code = (text: string) => `${mark}${text}${mark}`
  switch (type.kind) {
    case 'name': return `small letters, digits, _ and -, at most ${type.maxLength} characters`
    case 'choice': return type.values.map((value) => (value === '' ? 'nothing' : code(value))).join(', ')
    case 'list': return `one or more of ${type.values.map(code).join(', ')}`
    case 'pattern': return type.expects
    case 'release': return type.of === 'pair' ? 'a release from 4.0.0 on' : `a release of stacks-${type.of}`
    case 'port': return '1 to 65535'
    case 'number': return `${type.least} to ${type.most}`
    case 'host': return 'a host'
    case 'address': return 'an IP address, with or without a port'
    case 'binding': return 'an IP address of the machine and a port'
    case 'url': return `${code('https://')}, ${code('http://')} or ${code('file:///')}`
    case 'sha256': return '64 hexadecimal digits'
    case 'networks': return 'IP addresses and networks, with commas'
    case 'openings': return `ports like ${code('51820/udp')} or ${code('9100/tcp@10.0.0.0/8')}, with commas`
    case 'recipients': return 'public keys of age, with commas'
    case 'observers': return `${code('HOST:PORT')}, then keys of ${code('events_keys')}, ${code('timeout_ms=')} and ${code('retries=off')} with blanks; more with commas`
    case 'directory': return 'an absolute path'
    case 'user': return 'letters, digits, dots, dashes and underscores'
    case 'secret': return secretText[type.form]
  }
}

const secretText = {
  'private-key': '64 or 66 hexadecimal digits', token: '16 to 256 printable ASCII characters', word: '16 to 256 letters, digits and `._~-`', url: 'an address', password: 'one line of ASCII characters', pem: 'a private key',
} as const

function defaultText(row: AnswerDefinition): { readonly code?: string; readonly text?: string } {
  const fallback = row.default
  if (fallback === undefined) return { text: row.absent ?? '' }
  if (fallback === '') return { text: 'nothing' }
  if (typeof fallback === 'string') return { code: fallback }
  if ('byNetwork' in fallback) return { text: Object.entries(fallback.byNetwork).map(([network, text]) => `${text} on ${network}`).join(', ') }
  return 'follows' in fallback ? { text: `follows ${fallback.follows}` } : { text: `the newest known, now ${newestPair()}` }
}

function markdownDefault(row: AnswerDefinition): string {
  const { code, text } = defaultText(row)
  return code === undefined ? text! : `\`${code}\``
}

function plainDefault(row: AnswerDefinition): string {
  const { code, text } = defaultText(row)
  return code ?? text!
}

/** Lines of at most `width` characters, broken at blanks; a longer word has a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
