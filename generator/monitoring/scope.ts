/** Narrows an expression to one stack, so that one Prometheus can watch many. */

import { metricNames } from './metrics.ts'

/** Labels that every series of a stack carries, by name. */
export type ScopeLabels = Readonly<Record<string, string>>

/** A name, a text in quotes, or what may follow a name: the only parts of an expression that matter here. */
const part = /"(?:[^"\\]|\\.)*"|[a-zA-Z_:][a-zA-Z0-9_:]*(\{)?/g

/**
 * `expr` with `labels` demanded of each metric in it. Values must need no escaping: they are names of stacks and hosts.
 * Throws for an expression without any known metric, which is a mistake in the data.
 */
export function scoped(expr: string, labels: ScopeLabels): string {
  const wanted = Object.entries(labels).map(([name, value]) => `${name}="${value}"`).join(',')
  let found = 0
  const text = expr.replace(part, (token, brace: string | undefined) => {
    const name = brace ? token.slice(0, -1) : token
    if (!metricNames.has(name)) return token
    found += 1
    return `${name}{${wanted}${brace ? ',' : '}'}`
  })
  if (found === 0) throw new Error(`no known metric in ${expr}`)
  return text
}
