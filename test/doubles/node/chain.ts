/** The node's directories: what it makes, what it takes over, and what makes it panic. */

import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseJson } from '../shared/http.ts'
import { integerOf, isTable } from '../shared/toml.ts'
import { reason } from '../shared/log.ts'

/** How far this node is. */
export interface Heights { burn: number; stacks: number }

export interface Chain {
  readonly heights: Heights
  /** Whether there was no chain before. */
  readonly fresh: boolean
  readonly save: () => void
}

const files = [
  'headers.sqlite', 'peer.sqlite', 'atlas.sqlite', 'stacker_db.sqlite',
  'burnchain/burnchain.sqlite', 'burnchain/sortition/marf.sqlite',
  'chainstate/vm/index.sqlite', 'chainstate/vm/clarity/marf.sqlite', 'chainstate/blocks/nakamoto.sqlite', 'chainstate/mempool.sqlite',
]

/** Why the directories cannot be used; undefined when they can. Makes the working directory itself where it is missing. */
export function directoryProblem(workingDir: string, mode: string): string | undefined {
  try {
    mkdirSync(workingDir, { recursive: true })
    accessSync(workingDir, constants.W_OK)
  } catch (thrown) {
    return `Failed to use working_dir: ${reason(thrown)}`
  }
  const at = (path: string) => existsSync(join(workingDir, mode, path))
  // Existence is judged by path alone.
  return at('chainstate') && !at('burnchain/sortition') ? 'chainstate exists, but no sortition database: cannot instantiate' : undefined
}

/** Opens the chain below `workingDir`, and makes what is missing; what is there stays as it is. Throws where it cannot be written. */
export function openChain(workingDir: string, mode: string): Chain {
  const root = join(workingDir, mode)
  const fresh = !existsSync(join(root, 'chainstate'))
  for (const file of files) {
    const path = join(root, file)
    mkdirSync(dirname(path), { recursive: true })
    if (!existsSync(path)) writeFileSync(path, '')
    accessSync(path, constants.W_OK)
  }
  const state = join(root, 'chainstate/double.json')
  const known = existsSync(state) ? parseJson(readFileSync(state, 'utf8')) : undefined
  const table = isTable(known) ? known : {}
  const heights: Heights = { burn: integerOf(table, 'burn') ?? 0, stacks: integerOf(table, 'stacks') ?? 0 }
  return { heights, fresh, save: () => writeFileSync(state, JSON.stringify(heights)) }
}
