/** What make promote leaves of the other host's token. */

import { readText } from '../shared/files.ts'
import { guardFiles } from '../shared/guarded.ts'
import { isJsonObject, parseJson } from '../shared/json.ts'
import type { Root } from '../shared/root.ts'
import type { Receipt } from './watch.ts'

/** 'lost' where there was no token because the other host is lost; undefined where no token is left, or none that can be read: then the guard watches as long as for a first start. */
export function readReceipt(root: Root): Receipt | 'lost' | undefined {
  const found = parsed(readText(root(guardFiles.receipt)))
  if (!isJsonObject(found)) return undefined
  const { lost, cycle, slots } = found
  if (lost === true) return 'lost'
  return typeof cycle === 'bigint' && areVersions(slots) ? { cycle, slots } : undefined
}

export function areVersions(slots: unknown): slots is Readonly<Record<string, bigint>> {
  return isJsonObject(slots) && Object.values(slots).every((version) => typeof version === 'bigint' && version >= 0n)
}

function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
