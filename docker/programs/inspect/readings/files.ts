/** What lies in the stack's directory: modes and sizes alone, never what is in it. */

import type { Evidence } from '../evidence/evidence.ts'
import { Missing } from '../evidence/missing.ts'

type StackFile = ReturnType<typeof stackFiles>[number]

/** The name `.` is the directory itself; a link counts as what it points to. */
export function stackFiles(seen: Evidence) {
  // stat fails where one of several patterns matches nothing, and still shows the rest.
  const lines = (seen.section('files')?.out ?? '').split('\n').filter((line) => line !== '')
  const files = lines.map((line) => {
    const [, mode, owner, size, kind, name] = /^([0-7]{1,4}) (\d+) \d+ (\d+) ([^|]*)\|(.*)$/.exec(line) ?? []
    if (name === undefined) throw new Missing('the list of files has an unexpected form')
    return { name, mode: Number.parseInt(mode!, 8), owner: owner!, kind: kind!, size: Number(size) }
  })
  if (!files.some(({ name }) => name === '.')) throw new Missing('the files of the directory could not be listed')
  return files
}

/** secrets/ and what is in it, where others than its owner may read or write it. */
export function openSecrets(seen: Evidence): readonly string[] {
  return stackFiles(seen).filter(({ name, mode }) => /^secrets(\/|$)/.test(name) && (mode & 0o077) !== 0).map(withMode)
}

export function withMode({ name, mode }: StackFile): string {
  return `${name} has mode ${mode.toString(8)}`
}
