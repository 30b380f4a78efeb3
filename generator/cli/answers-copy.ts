/**
 * The committed copy of the answers: when the answer file lies elsewhere, DIR/answers.env is planted once, without
 * its secrets, so that the directory can be generated again from itself.
 */

import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { readAnswers, type Entry } from '../answers/read.ts'
import { isSecretAnswer } from '../answers/schema.ts'
import type { Change } from '../changes/compare.ts'
import { readRegularText } from '../io/regular-file.ts'
import { error, type Problem } from '../problem.ts'

const name = 'answers.env'

/**
 * Nothing to do when the copy says the same; a copy that says otherwise is a conflict, unless `follow`, by which the
 * answer file itself is being changed, makes it say the same. `standing` is the text of a copy that is there.
 */
export function answersCopy(
  directory: string, text: string, entries: readonly Entry[], follow: (text: string) => string | undefined = () => undefined,
): { readonly changes: readonly Change[]; readonly problems: readonly Problem[]; readonly standing?: string } {
  const after = withoutSecrets(text, entries)
  const path = join(directory, name)
  if (!lstatSync(path, { throwIfNoEntry: false })) return { changes: [{ kind: 'create', path: name, after, mode: 0o644 }], problems: [] }
  const read = readRegularText(path, { links: 'refuse' })
  if ('why' in read) return { changes: [], problems: [error('not-a-file', `${path} ${read.why}`, undefined, 'move it away')] }
  const before = read.text
  const same = (copy: string) => meaning(readAnswers(name, copy).entries) === meaning(entries)
  if (before === after || same(before)) return { changes: [], problems: [], standing: before }
  const followed = follow(before)
  if (followed !== undefined && same(followed)) return { changes: [{ kind: 'update', path: name, before, after: followed, mode: 0o644 }], problems: [], standing: before }
  const reason = 'it says otherwise than the answer file given; edit the copy and run there'
  return { changes: [{ kind: 'conflict', path: name, before, after, mode: 0o644, reason }], problems: [], standing: before }
}

function meaning(entries: readonly Entry[]): string {
  return JSON.stringify(entries.filter(({ key }) => !isSecretAnswer(key)).map(({ key, value }) => [key, value]).sort((a, b) => (a[0]! < b[0]! ? -1 : 1)))
}

function withoutSecrets(text: string, entries: readonly Entry[]): string {
  const dropped = new Set<number>()
  for (const entry of entries) {
    if (!isSecretAnswer(entry.key)) continue
    for (let line = entry.line; line <= entry.endLine; line += 1) dropped.add(line)
  }
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  const kept = lines.filter((_, index) => !dropped.has(index + 1))
  return `${kept.join('\n').trimEnd()}\n`
}
