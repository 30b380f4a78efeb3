/** Which lines of an answer file pin its releases, and what they must say for another pair. */

import type { Answers } from '../answers/check.ts'
import { rewriteAnswer } from '../answers/rewrite.ts'

export interface ReleaseLines {
  /** The answers that change, with their new values. */
  readonly settings: readonly (readonly [key: string, value: string])[]
  /** Makes these lines of a text say so, and changes nothing else of it; undefined where one of them is no single line. */
  readonly rewrite: (text: string) => string | undefined
}

/**
 * Every release answer that the file gives gets its half of the pair; where neither half would be given by that, a line
 * is added. `STACKS_VERSION` cannot hold a pair of two versions, and is left as it is then: the other two go before it.
 */
export function releaseLines({ given, values }: Answers, node: string, signer: string): ReleaseLines {
  const apart = node !== signer
  const single = given.has('STACKS_NODE_VERSION') || given.has('STACKS_SIGNER_VERSION')
  const shared = !apart && (given.has('STACKS_VERSION') || !single)
  const wanted = [
    ...(shared ? [['STACKS_VERSION', node] as const] : []),
    ...(!shared || given.has('STACKS_NODE_VERSION') ? [['STACKS_NODE_VERSION', node] as const] : []),
    ...(!shared || given.has('STACKS_SIGNER_VERSION') ? [['STACKS_SIGNER_VERSION', signer] as const] : []),
  ]
  const settings = wanted.filter(([key, value]) => !given.has(key) || values[key] !== value)
  return {
    settings,
    rewrite: (text) => wanted.reduce<string | undefined>((done, [key, value]) => done === undefined ? undefined : rewriteAnswer(done, key, value), text),
  }
}
