/**
 * Where the keys of a TOML text stand. The text is known to be valid: its data comes from the parser, and this only looks
 * for lines that begin with a header or with a key.
 */

import type { Origin } from './model.ts'

const name = /(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')/.source
const header = new RegExp(`^\\s*(\\[\\[?)\\s*(${name}(?:\\s*\\.\\s*${name})*)\\s*\\]`)
const assignment = new RegExp(`^\\s*(${name}(?:\\s*\\.\\s*${name})*)\\s*=(.*)`)

/**
 * Where a path such as `node.rpc_bind` or `events_observer[1].endpoint` stands. What has no line of its own, as a key of
 * an inline table, stands where the nearest thing around it does.
 */
export function locateKeys(file: string, text: string): (path: string) => Origin {
  const found = scan(text)
  return (path) => {
    for (let rest = path; rest !== ''; rest = rest.replace(/(?:^|\.)[^.]*$|\[\d+\]$/, '')) {
      const at = found.get(rest)
      if (at) return { file, ...at }
    }
    return { file, line: 1, column: 1 }
  }
}

function scan(text: string): ReadonlyMap<string, { readonly line: number; readonly column: number }> {
  const found = new Map<string, { readonly line: number; readonly column: number }>()
  const count = new Map<string, number>()
  let section = ''
  let closing: string | undefined
  for (const [index, line] of text.split('\n').entries()) {
    if (closing !== undefined) {
      // The lines of a long text may look like keys.
      if (line.includes(closing)) closing = undefined
      continue
    }
    const table = header.exec(line)
    const key = table ? undefined : assignment.exec(line)
    if (!table && !key) continue
    const at = { line: index + 1, column: line.search(/\S/) + 1 }
    if (table) {
      const path = bare(table[2]!)
      const number = count.get(path) ?? 0
      if (table[1] === '[[') count.set(path, number + 1)
      section = table[1] === '[[' ? `${path}[${number}]` : path
      for (const one of [path, section]) if (!found.has(one)) found.set(one, at)
      continue
    }
    const path = section === '' ? bare(key![1]!) : `${section}.${bare(key![1]!)}`
    if (!found.has(path)) found.set(path, at)
    const long = /^\s*("""|''')/.exec(key![2]!)?.[1]
    if (long && !key![2]!.trimStart().slice(3).includes(long)) closing = long
  }
  return found
}

/** The names of a dotted key without blanks and quotes around them. */
function bare(dotted: string): string {
  return [...dotted.matchAll(new RegExp(name, 'g'))].map(([one]) => one.replace(/^(["'])(.*)\1$/, '$2')).join('.')
}
