/**
 * The texts that the code shows: string and template literals that are sentences, and what Makefile and host scripts print.
 * Called by hand (npm run prose), prints the figures and the worst sentences, each with its place.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from '@swc/core'
import { documents } from '../support/documents.ts'
import { repository } from '../support/repository.ts'
import { avoided, figuresOf, figuresOfLines, phrasesIn, withoutTables, type Figures } from './prose.ts'

export interface Message {
  /** As a reader sees it; each value that the code fills in is `…`. */
  readonly text: string
  readonly file: string
  readonly line: number
}

interface Node {
  readonly type?: string
  readonly span?: { readonly start: number }
  readonly [key: string]: unknown
}

const value = '`…`'

/** The text of a literal, or of literals that `+` joins; undefined for every other expression. */
function literal(node: Node): string | undefined {
  if (node.type === 'StringLiteral') return node['value'] as string
  if (node.type === 'TemplateLiteral') return (node['quasis'] as readonly { readonly cooked: string }[]).map(({ cooked }) => cooked).join(value)
  if (node.type !== 'BinaryExpression' || node['operator'] !== '+') return undefined
  const [left, right] = [node['left'], node['right']].map((side) => literal(side as Node))
  return left === undefined && right === undefined ? undefined : `${left ?? value}${right ?? value}`
}

/** At least four plain words, which are most of the text: no path, query, pattern or command. */
function isProse(text: string): boolean {
  const all = text.replaceAll(/`[^`]*`/g, '').split(/\s+/).filter(Boolean)
  const words = all.filter((word) => /^["'(]*[a-z]+(?:['’-][a-z]+)*[)"'.,:;?!]*$/i.test(word))
  return words.length >= 4 && words.length >= 0.7 * all.length && !/^(SELECT|INSERT|UPDATE|DELETE|CREATE|GRANT|WITH) |::|=~|\$\(/.test(text)
}

/** The sentences in the literals of a TypeScript source. */
export function messagesOfSource(source: string, file: string): readonly Message[] {
  const bytes = Buffer.from(source)
  const found: Message[] = []
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit)
    else if (node && typeof node === 'object') {
      const text = literal(node as Node)
      if (text !== undefined && isProse(text)) found.push({ text, file, line: bytes.subarray(0, (node as Node).span!.start).toString().split('\n').length })
      // Below literals that are joined there are only their parts, and values with literals of their own.
      const parts = text === undefined ? Object.values(node) : joined(node as Node)
      parts.forEach(visit)
    }
  }
  visit(parseSync(source, { syntax: 'typescript' }).body)
  return found
}

/** The expressions whose values a text has. */
function joined(node: Node): readonly unknown[] {
  if (node.type === 'TemplateLiteral') return node['expressions'] as readonly unknown[]
  if (node.type === 'BinaryExpression') return [node['left'], node['right']].flatMap((side) => (literal(side as Node) === undefined ? [side] : joined(side as Node)))
  return []
}

/** The help of a Makefile's targets, and what it or a shell script prints. An `echo` that follows an `echo` goes on with its text. */
export function messagesOfShell(source: string, file: string): readonly Message[] {
  const found: Message[] = []
  const lines = source.split('\n')
  for (const [index, line] of lines.entries()) {
    const printed = [...line.matchAll(/\b(?:echo|printf|say|stop) (?:'%s\\n' )?(?:'((?:[^']|'"'"')*)'|"((?:[^"\\]|\\.)*)")/g)].map(([, single, double]) => single ?? double ?? '')
    for (const text of [...printed, /^[a-z-]+:.*? ## (.*)/.exec(line)?.[1] ?? '']) {
      const plain = text.replaceAll(`'"'"'`, '’').replaceAll(/\{\{[^}]*\}\}/g, '').replaceAll(/\$\{[^}]*\}|\$\(\w+\)|\$\w+/g, value)
      const last = found.at(-1)
      const follows = /^\s*@?echo '/.test(line) && / '[^']*'(?: >&2; \\)?$/.test(lines[index - 1] ?? '')
      if (follows && last && last.line + last.text.split('\n').length === index + 1) found[found.length - 1] = { ...last, text: `${last.text}\n${plain}` }
      else if (isProse(plain)) found.push({ text: plain, file, line: index + 1 })
    }
  }
  return found
}

const filesIn = (folder: string, ending: string): readonly string[] =>
  (readdirSync(join(repository, folder), { recursive: true }) as string[]).filter((path) => path.endsWith(ending)).sort().map((path) => join(folder, path))

const read = (files: readonly string[], extract: (source: string, file: string) => readonly Message[]): readonly Message[] =>
  files.flatMap((file) => extract(readFileSync(join(repository, file), 'utf8'), file))

/** Every message of the project, by where it is written. */
export const messages = {
  'generator/': read(filesIn('generator', '.ts'), messagesOfSource),
  'docker/programs/': read(filesIn('docker/programs', '.ts'), messagesOfSource),
  'templates/Makefile.hbs and docker/host/': read(['templates/Makefile.hbs', ...filesIn('docker/host', '.sh')], messagesOfShell),
} as const satisfies Readonly<Record<string, readonly Message[]>>

/** The figures of messages; the `line` of each sentence is the index of its message. A row of columns is a paragraph of its own. */
export function figuresOfMessages(all: readonly Message[]): Promise<Figures> {
  const lines = all.flatMap(({ text }, number) => [...text.split('\n').flatMap((line) => (/\S {2,}\S/.test(line) ? ['', line, ''] : [line])), ''].map((line) => ({ text: line.replace(/^[\s#>*-]+/, ''), number })))
  return figuresOfLines(withoutTables(lines))
}

export const phrasesOfMessages = (all: readonly Message[]): readonly string[] =>
  all.flatMap(({ text, file, line }) => phrasesIn(text, avoided).map((phrase) => `${file}:${line}: ${phrase}`))

if (process.argv[1] === import.meta.filename) {
  const row = (where: string, { sentences, average, longest, passive, hard }: Figures, phrases: readonly string[]) => {
    console.log(`| ${[where, sentences.length, average.toFixed(1), longest.words, `${passive.toFixed(1)} %`, `${hard.toFixed(1)} %`, phrases.length].join(' | ')} |`)
  }
  console.log('| text | sentences | average | longest | passive | hard | phrases |\n|---|---:|---:|---:|---:|---:|---:|')
  const ends = { 'documents': documents, 'generated README.md': filesIn('test/golden', 'README.md'), 'generated RUNBOOK.md': filesIn('test/golden', 'RUNBOOK.md') }
  for (const [where, files] of Object.entries(ends)) {
    const text = files.map((file) => readFileSync(join(repository, file), 'utf8')).join('\n\n')
    row(where, await figuresOf(text), phrasesIn(text, avoided))
  }
  const found: { readonly words: number; readonly text: string; readonly place: string }[] = []
  const phrases: string[] = []
  for (const [where, all] of Object.entries(messages)) {
    const figures = await figuresOfMessages(all)
    row(`messages of ${where}`, figures, phrasesOfMessages(all))
    phrases.push(...phrasesOfMessages(all))
    found.push(...figures.sentences.map(({ words, text, line }) => ({ words, text, place: `${all[line]!.file}:${all[line]!.line}` })))
  }
  const worst = found.sort((a, b) => b.words - a.words).slice(0, Number(process.argv[2]) || 30)
  console.log(`\nLongest sentences of messages:\n${worst.map(({ words, text, place }) => `${place}: ${words} words: ${text}`).join('\n')}`)
  console.log(`\nPhrases to avoid in messages:\n${phrases.join('\n')}`)
}
