/** Finds secrets in the text of an answer file wherever they stand: in comments and in other answers' values too. */

import { error, type Problem } from '../problem.ts'
import { suggest } from '../suggest.ts'
import { keyShapes } from './key-shapes.ts'
import { findKnown, type KnownSecret } from './known-secrets.ts'
import { scan, type Assignment } from './lines.ts'
import { findAnswer, isSecretAnswer, secretKeys } from './schema.ts'

export interface TextWithSecrets {
  /** The name of the file as it is shown. */
  readonly file: string
  readonly text: string
  /** Secrets of this stack, which are searched for in every notation. */
  readonly known: readonly KnownSecret[]
  /** Where the stack keeps its secrets, as it is shown. */
  readonly folder: string
  /** The text is committed as it stands: then the lines of secret answers count too. */
  readonly committed?: true
}

/**
 * An error for each line that holds a secret and is no line of a secret answer: those are left out of what is committed, or
 * refused where they stand. No part of the line is shown.
 */
export async function findSecrets({ file, text, known, folder, committed }: TextWithSecrets): Promise<readonly Problem[]> {
  const lines = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n').split('\n')
  const { assignments } = scan(lines)
  const own = assignments.filter(({ key }) => isSecretAnswer(key))
  const open = committed ? lines : without(lines, own, (line) => line.replace(/./gsu, (unit) => ' '.repeat(unit.length)))
  const comments = assignments.filter(({ key }) => mayLookLikeKey(key)).reduce((rest, one) => blankValue(rest, one), open)
  const found = new Map<number, string>(committed ? own.filter(({ line, valueColumn }) => /[^"'`\s]/.test(lines[line - 1]!.slice(valueColumn - 1))).map(({ line, key }) => [line, `gives a value for ${key}`]) : [])
  const say = (offset: number, whole: readonly string[], what: string) => {
    const line = lineAt(whole, offset)
    if (!found.has(line)) found.set(line, what)
  }
  for (const secret of known) for (const at of findKnown(open.join('\n'), secret)) say(at, open, `holds the value of ${secret.what}`)
  const { mnemonics } = await import('./mnemonics.ts')
  const searched = comments.join('\n')
  for (const at of [...keyShapes(searched).map(({ start }) => start), ...mnemonics(searched)]) say(at, comments, 'holds what looks like a private key')
  for (const [line, key] of commentedSecrets(lines, open, assignments)) if (!found.has(line)) found.set(line, `gives a value for ${key} in a comment`)
  return [...found].sort(([a], [b]) => a - b).map(([line, what]) => error('secret-in-answers', `this line ${what}, and the answers are committed with the stack`,
    { file, line, column: 1 }, `take it out of this line; a secret goes into a file of its own in ${folder}`))
}

/** Answers whose values are public, and look like a key. Those of every other answer are searched. */
function mayLookLikeKey(key: string): boolean {
  const type = findAnswer(key)?.type.kind
  if (type !== undefined) return ['sha256', 'url', 'recipients'].includes(type) || /^SBTC_(SIGNING_SET|AGGREGATE_KEY)$|_HOST_KEY$/.test(key)
  return /__(bootstrap_node|deny_nodes|stackerdb_hint_replicas|first_burn_block_hash|\w*public_key)$/.test(key)
}

function without(lines: readonly string[], assignments: readonly Assignment[], blank: (line: string) => string): readonly string[] {
  const gone = new Set(assignments.flatMap(({ line, endLine }) => Array.from({ length: endLine - line + 1 }, (_, index) => line + index)))
  return lines.map((line, index) => (gone.has(index + 1) ? blank(line) : line))
}

function blankValue(lines: readonly string[], { line, endLine, valueColumn, endColumn }: Assignment): readonly string[] {
  if (line !== endLine) return lines
  return lines.map((text, index) => (index === line - 1 ? `${text.slice(0, valueColumn - 1)}${' '.repeat(endColumn - valueColumn + 1)}${text.slice(endColumn)}` : text))
}

function lineAt(lines: readonly string[], offset: number): number {
  let [line, rest] = [0, offset]
  while (line < lines.length - 1 && rest > lines[line]!.length) rest -= lines[line++]!.length + 1
  return line + 1
}

/** `#SIGNER_PRIVATE_KEY=value`, and the same behind a value: most often a line that was switched off. */
function* commentedSecrets(lines: readonly string[], open: readonly string[], assignments: readonly Assignment[]): Generator<readonly [line: number, key: string]> {
  const ends = new Map(assignments.map(({ endLine, endColumn }) => [endLine, endColumn]))
  for (const [index, line] of open.entries()) {
    if (line.trim() === '' && lines[index]!.trim() !== '') continue
    const rest = line.slice(ends.get(index + 1) ?? 0)
    if (!/^\s*#/.test(rest)) continue
    // A match begins where a word does: one that may begin anywhere takes minutes on a long word.
    for (const [, key = '', value = ''] of rest.matchAll(/(?<![\w.])([\w.]+)\s*=\s*([^\s#]+)/g)) {
      if (isSecretName(key) && !/^["'`]*$/.test(value)) yield [index + 1, key]
    }
  }
}

function isSecretName(key: string): boolean {
  const upper = key.toUpperCase()
  return findAnswer(upper) ? isSecretAnswer(upper) : suggest(upper, secretKeys) !== undefined || /^(.*__)?(stacks_private_key|auth_password|auth_token|mining_key|local_peer_seed)$/i.test(key)
}
