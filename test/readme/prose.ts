/** Measures a Markdown text: the length of its sentences and lines, and the sentences that are hard to read. */

import remarkParse from 'remark-parse'
import remarkRetext from 'remark-retext'
import retextEnglish from 'retext-english'
import retextPassive from 'retext-passive'
import retextReadability from 'retext-readability'
import { unified, type Plugin } from 'unified'
import { visit } from 'unist-util-visit'
import { VFile } from 'vfile'

/** Phrases that read like a translation. */
export const avoided = [
  'anew', 'as ever', 'as good as', 'be had', 'for want of', 'given up', 'goes on', 'held to', 'holds? [^.]+ against', 'if it is meant', 'in the clear', 'is away', 'is none',
  'lest', 'mend', 'of no use', 'stands? (in|on|there)', 'tells of', 'tried out', 'unasked', 'whatever becomes of', 'whatever it',
]

export interface Sentence {
  readonly words: number
  readonly text: string
  readonly line: number
}

export interface Figures {
  readonly sentences: readonly Sentence[]
  /** Words a sentence. */
  readonly average: number
  readonly longest: Sentence
  /** Per cent of the sentences in which retext-passive finds a passive. */
  readonly passive: number
  /** Per cent of the sentences that retext-readability finds too hard for readers of 18 years. */
  readonly hard: number
}

export interface Line {
  readonly text: string
  /** Counted from 1. */
  readonly number: number
}

/** The lines outside of code blocks. */
function proseLines(markdown: string): readonly Line[] {
  let code = false
  return markdown.split('\n').flatMap((text, index) => {
    const fence = /^ *```/.test(text)
    if (fence) code = !code
    return code || fence ? [] : [{ text, number: index + 1 }]
  })
}

/** Makes each cell of a table a paragraph, and drops the head of the table. */
export function withoutTables(lines: readonly Line[]): readonly Line[] {
  const rule = (line: Line | undefined) => line?.text.startsWith('|--') ?? false
  return lines.flatMap((line, index) => {
    if (!line.text.startsWith('|')) return [line]
    if (rule(line) || rule(lines[index + 1])) return [{ ...line, text: '' }]
    return line.text.split('|').slice(1, -1).flatMap((cell) => [{ ...line, text: cell.trim() }, { ...line, text: '' }])
  })
}

interface Node {
  readonly type: string
  readonly value?: string
  readonly children?: readonly Node[]
  readonly position?: { readonly start: { readonly line: number; readonly offset: number }; readonly end: { readonly offset: number } }
}

const countWords = (node: Node): number => (node.type === 'WordNode' ? 1 : (node.children ?? []).reduce((sum, child) => sum + countWords(child), 0))

/** The figures of a document. */
export function figuresOf(markdown: string): Promise<Figures> {
  return figuresOfLines(withoutTables(proseLines(markdown)))
}

/** The figures of lines of Markdown, whose numbers need not count up. */
export async function figuresOfLines(lines: readonly Line[]): Promise<Figures> {
  // A code span counts as one word.
  const text = lines.map((line) => line.text).join('\n').replace(/`[^`]+`/g, (span) => `Code${'\n'.repeat(span.split('\n').length - 1)}`)
  const found: (Sentence & { readonly start: number; readonly end: number })[] = []
  const collect = (() => (tree: Node) => {
    visit(tree as never, 'SentenceNode', (node: Node) => {
      const { start, end } = node.position!
      found.push({ words: countWords(node), text: text.slice(start.offset, end.offset).replaceAll(/\s+/g, ' '), line: lines[start.line - 1]!.number, start: start.offset, end: end.offset })
    })
  }) as unknown as Plugin
  const english = unified().use(retextEnglish).use(collect).use(retextPassive).use(retextReadability, { age: 18, minWords: 6 })
  const file = new VFile(text)
  const processor = unified().use(remarkParse).use(remarkRetext, english as never)
  await processor.run(processor.parse(file), file)

  // A heading or a cell of a few words is not a sentence.
  const sentences = found.filter(({ words }) => words > 3)
  const share = (source: string): number => {
    const places = file.messages.filter((message) => message.source === source).map(({ place }) => ((place && 'start' in place ? place.start : place)?.offset ?? -1))
    return 100 * sentences.filter(({ start, end }) => places.some((place) => place >= start && place < end)).length / Math.max(1, sentences.length)
  }
  return {
    sentences,
    average: sentences.reduce((sum, { words }) => sum + words, 0) / Math.max(1, sentences.length),
    longest: sentences.reduce((a, b) => (b.words > a.words ? b : a), { words: 0, text: '', line: 0 }),
    passive: share('retext-passive'), hard: share('retext-readability'),
  }
}

/** The numbers of lines with more than `limit` characters, without tables, code, and lines that are one link or picture. */
export function wideLines(markdown: string, limit: number): readonly number[] {
  return proseLines(markdown).filter(({ text }) => [...text].length > limit && !/^(\||!?\[[^\]]*\]\([^)]*\)$)/.test(text)).map(({ number }) => number)
}

/** The `phrases` that the prose contains. Code does not count. */
export function phrasesIn(markdown: string, phrases: readonly string[]): readonly string[] {
  const prose = proseLines(markdown).map(({ text }) => text).join('\n').replace(/`[^`]+`/g, (span) => span.replace(/[^\n]/g, ' '))
  return phrases.flatMap((phrase) => [...prose.matchAll(new RegExp(`\\b${phrase.replaceAll(' ', '\\s+')}\\b`, 'gi'))].map((match) => match[0].replaceAll(/\s+/g, ' ')))
}
