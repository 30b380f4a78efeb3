/** Narrows an expression to one stack, so that one Prometheus can watch many, and to one pair of nodes. */

import type { Need } from './alert.ts'
import { firstJob, metricNames } from './metrics.ts'

/** Labels that every series of a stack carries, by name. */
export type ScopeLabels = Readonly<Record<string, string>>

/** A name with what stands in braces after it, or a text in quotes: the only parts of an expression that matter here. */
const part = /"(?:[^"\\]|\\.)*"|([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:"(?:[^"\\]|\\.)*"|[^"}])*\})?/g

/**
 * `expr` with `labels` demanded of each metric in it, and with the job of the Stacks signer's own nodes where a name could
 * be of the sBTC signer's too and the expression does not say which. Values must need no escaping: they are names of stacks
 * and hosts. Throws for an expression without any known metric, which is a mistake in the data.
 */
export function scoped(expr: string, labels: ScopeLabels): string {
  let found = 0
  const text = expr.replace(part, (token, name: string | undefined, braces: string | undefined) => {
    if (name === undefined || !metricNames.has(name)) return token
    found += 1
    const given = braces?.slice(1, -1) ?? ''
    const job = firstJob.get(name)
    const wanted = Object.entries({ ...labels, ...(job && !/(^|,)job=/.test(given) && { job }) }).map(([label, value]) => `${label}="${value}"`)
    return `${name}{${[...wanted, ...(given ? [given] : [])].join(',')}}`
  })
  if (found === 0) throw new Error(`no known metric in ${expr}`)
  return text
}

/** `expr` as it is meant where the sBTC signer stands on the Stacks signer's nodes. */
export function ofNodes(expr: string, has: ReadonlySet<Need>): string {
  return has.has('sbtcShared') ? expr.replaceAll('job="sbtc-stacks-node"', 'job="stacks-node"').replaceAll('job="sbtc-stack"', 'job="stack"') : expr
}
