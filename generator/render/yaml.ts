/** YAML text from data. Knows no word of the domain. */

import { Alias, Document, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { memory } from './memory.ts'

export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue }

/** A comment above the key that a path names; `space` puts a blank line before it. */
export interface YamlNote {
  readonly path: readonly string[]
  readonly comment?: string
  readonly space?: boolean
}

/**
 * The data as YAML 1.2 that a 1.1 reader understands alike: no folding. `header` becomes comment lines. A key `x-NAME` at the top
 * is an anchor NAME, and a key `<<` merges the anchor that its text names.
 * Throws when a note's path is not in the data, or an anchor.
 */
export function renderYaml(data: YamlValue, header: readonly string[], notes: readonly YamlNote[] = []): string {
  const document = new Document(undefined, { compat: 'yaml-1.1', merge: true })
  document.contents = nodeOf(data, notes) as unknown as typeof document.contents
  document.commentBefore = header.map((line) => (line ? ` ${line}` : '')).join('\n')
  return document.toString({ lineWidth: 0, flowCollectionPadding: false, directives: false })
}

/** `notes` are those on the inside of the value, which stands `depth` keys deep. */
function nodeOf(value: YamlValue, notes: readonly YamlNote[] = [], depth = 0): Scalar | YAMLMap | YAMLSeq {
  const lost = notes.find(({ path }) => typeof value !== 'object' || isList(value) || !Object.hasOwn(value, path[depth]!))
  if (lost) throw new Error(`no key ${lost.path.join('.')} to comment on`)
  if (typeof value !== 'object') return new Scalar(value)
  const node = isList(value) ? new YAMLSeq() : new YAMLMap()
  if (isList(value)) node.items = value.map((item) => nodeOf(item))
  else node.items = Object.entries(value).map(([key, item]) => pairOf(key, item, notes.filter(({ path }) => path[depth] === key), depth))
  return node
}

function isList(value: object): value is readonly YamlValue[] {
  return Array.isArray(value)
}

/** How pairs are written, by their indentation and data. */
const written = memory<string>(1000)

/** A pair whose nodes are made only where it is not known how it is written: that takes far longer than to look it up. */
function pairOf(name: string, value: YamlValue, notes: readonly YamlNote[], depth: number): Pair {
  const key = new Scalar(name)
  for (const { comment, space } of notes.filter(({ path }) => path.length === depth + 1)) {
    if (comment) key.commentBefore = ` ${comment}`
    if (space) key.spaceBefore = true
  }
  if (name === '<<') return new Pair(key, new Alias(String(value)))
  const inside = notes.filter(({ path }) => path.length > depth + 1)
  if (depth === 0 && name.startsWith('x-')) {
    const anchored = nodeOf(value, inside, 1)
    anchored.anchor = name.slice(2)
    return new Pair(key, anchored)
  }
  if (inside.length > 0) return new Pair(key, nodeOf(value, inside, depth + 1))
  const pair = new Pair<unknown, unknown>(key, value)
  pair.toString = (context, onComment, onChompKeep) => {
    const write = () => Pair.prototype.toString.call(new Pair(key, nodeOf(value)), context, onComment, onChompKeep)
    const data = JSON.stringify([name, value])
    // The end of a text of many lines may matter to what follows it.
    return data.includes('\\n') ? write() : written(`${context?.indent}${data}`, write)
  }
  return pair
}
