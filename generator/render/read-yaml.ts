/** Data from YAML text: apart from writing it, which needs no parser. Knows no word of the domain. */

import { isMap, isNode, isScalar, LineCounter, parse, parseDocument, type Document, type Pair } from 'yaml'

/** YAML text as data; undefined when it is not YAML. */
export function parseYaml(text: string): unknown {
  try {
    return parse(text, { merge: true, logLevel: 'silent' }) as unknown
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
