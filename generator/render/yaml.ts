/** YAML text from data. Knows no word of the domain. */

import { Document, isMap, isScalar, type Pair } from 'yaml'

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
