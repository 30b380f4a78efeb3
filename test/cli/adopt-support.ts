/** Comparing TOMLs as data, and counting their keys, apart from the code that is tested. */

export interface Table { readonly [key: string]: unknown }

/** Files by path as t.testdir wants them. */
export function asTree(files: Readonly<Record<string, string>>): Record<string, never> {
  const tree: Record<string, unknown> = {}
  for (const [path, text] of Object.entries(files)) {
    const names = path.split('/')
    let at = tree
    for (const name of names.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>
    at[names.at(-1)!] = text
  }
  return tree as Record<string, never>
}

/** The units in which the two differ: top-level keys of the signer, `section.key` or lists of tables of the node. */
export function differing(before: { readonly signer: Table; readonly node: Table }, after: { readonly signer: Table; readonly node: Table }): readonly string[] {
  const [old, now] = [{ ...flat('signer', before.signer, false), ...flat('node', before.node, true) }, { ...flat('signer', after.signer, false), ...flat('node', after.node, true) }]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((key) => old[key] !== now[key]).sort()
}

function flat(prefix: string, table: Table, deeper: boolean): Record<string, string> {
  return Object.assign({}, ...Object.entries(table).map(([key, value]) => {
    const path = `${prefix}.${key}`
    const entries = isTable(value) ? Object.keys(value).length : 0
    return deeper && isTable(value) && entries > 0 ? flat(path, value, false) : { [path]: text(value) }
  })) as Record<string, string>
}

function text(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === 'bigint') return Number(one)
    return isTable(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one
  })
}

/** Keys with a value that is no table; the observers' keys one by one, any other list of tables as one, an empty table as one. */
export function keysOf(value: Table): number {
  return Object.entries(value).reduce((sum, [key, one]) => {
    if (key === 'events_observer' && Array.isArray(one)) return sum + one.reduce<number>((all, entry) => all + keysOf(entry as Table), 0)
    return sum + (isTable(one) ? Math.max(1, keysOf(one)) : 1)
  }, 0)
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}
