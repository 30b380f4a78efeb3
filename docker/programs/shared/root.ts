/** Where a container's files are. STACK_ROOT moves all of them elsewhere, for tests. */

import type { Io } from './program.ts'

/** Turns an absolute path of a container into the path on this machine. */
export type Root = (path: string) => string

export function rootOf({ environment }: Pick<Io, 'environment'>): Root {
  const root = environment['STACK_ROOT'] ?? ''
  return (path) => `${root}${path}`
}
