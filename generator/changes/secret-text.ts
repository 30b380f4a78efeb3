/** Changes whose old text holds a secret: they are told without a diff, which would show it. */

import { keyShapes } from '../answers/key-shapes.ts'
import { findKnown, type KnownSecret } from '../answers/known-secrets.ts'
import { looksSecret } from '../answers/mask.ts'
import type { Change } from './compare.ts'

/** Marks them. What the last run has generated holds none, so only other texts are searched. */
export function markSecrets(changes: readonly Change[], known: readonly KnownSecret[]): readonly Change[] {
  return changes.map((change) => {
    const { kind, path, before } = change
    const foreign = before !== undefined && (kind === 'conflict' || path === 'answers.env')
    return foreign && (known.some((secret) => findKnown(before, secret).length > 0) || before.split('\n').some(givesKey)) ? { ...change, secret: true } : change
  })
}

/** `stacks_private_key = "…"` with a key, and not with the placeholder that is generated. */
function givesKey(line: string): boolean {
  const [, name, value] = /^\W*([\w.-]+)["']?\s*[=:]\s*(.+)$/.exec(line) ?? []
  return name !== undefined && value !== undefined && looksSecret(name) && keyShapes(value).length > 0
}
