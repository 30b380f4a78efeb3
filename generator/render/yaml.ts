/** YAML text from data; the only user of yaml. Knows no word of the domain. */

import { Document, isMap, isNode, isScalar, LineCounter, parse, parseDocument, type Pair } from 'yaml'

export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue }

/** A comment above the key that a path names; `space` puts a blank line before it. */
export interface YamlNote {
  readonly path: readonly string[]
  readonly comment?: string
  readonly space?: boolean
}

/**
 * The data as YAML 1.2 that a 1.1 reader understands alike: no anchors, no folding. `header` becomes comment lines.
 * Throws when a note's path is not in the data.
 */
export function renderYaml(data: YamlValue, header: readonly string[], notes: readonly YamlNote[] = []): string {
  const document = new Document(data, { aliasDuplicateObjects: false, compat: 'yaml-1.1' })
  document.commentBefore = header.map((line) => (line ? ` ${line}` : '')).join('\n')
  for (const note of notes) annotate(document, note)
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

function annotate(document: Document, note: YamlNote): void {
  const parent = document.getIn(note.path.slice(0, -1), true)
  const last = note.path.at(-1)
  const pair = isMap(parent)
    ? parent.items.find((item: Pair) => isScalar(item.key) && item.key.value === last)
    : undefined
  if (!pair || !isScalar(pair.key)) throw new Error(`no key ${note.path.join('.')} to comment on`)
  if (note.comment) pair.key.commentBefore = ` ${note.comment}`
  if (note.space) pair.key.spaceBefore = true
}

/** YAML text as data; undefined when it is not YAML. */
export function parseYaml(text: string): unknown {
  try {
    return parse(text, { logLevel: 'silent' }) as unknown
  } catch {
    return undefined
  }
}

/** YAML text as data, and where in it the thing that a path names begins; lines and columns count from 1. */
export interface LocatedYaml {
  readonly data: unknown
  readonly place: (path: readonly (string | number)[]) => { readonly line: number; readonly column: number } | undefined
}

/** The same, or where and why the text is not YAML. The message quotes nothing of the text, which may hold secrets. */
export function readYaml(text: string): LocatedYaml | { readonly fault: { readonly line: number; readonly column: number; readonly message: string } } {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, merge: true, logLevel: 'silent' })
  const [wrong] = document.errors
  if (wrong) {
    const { line, col } = lineCounter.linePos(wrong.pos[0])
    return { fault: { line: Math.max(1, line), column: Math.max(1, col), message: wrong.code.toLowerCase().replaceAll('_', ' ') } }
  }
  let data: unknown
  try {
    data = document.toJS()
  } catch {
    return { fault: { line: 1, column: 1, message: 'its aliases cannot be followed' } }
  }
  return {
    data,
    place: (path) => {
      const offset = keyOffset(document, path)
      if (offset === undefined) return undefined
      const { line, col } = lineCounter.linePos(offset)
      return { line, column: col }
    },
  }
}

function keyOffset(document: Document.Parsed, path: readonly (string | number)[]): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true)
  const last = path.at(-1)
  const pair = isMap(parent) ? parent.items.find((item: Pair) => isScalar(item.key) && item.key.value === last) : undefined
  const node = pair ? pair.key : document.getIn(path, true)
  return isNode(node) ? node.range?.[0] : undefined
}
