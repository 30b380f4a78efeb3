/** What generating one stack comes to. */

import type { Change } from '../changes/compare.ts'
import type { Problem } from '../problem.ts'
import type { Identity, Stack } from '../stack/model.ts'
import type { ExitCode } from './exit-codes.ts'

/** Whether it will write, only looks, or looks as it would before writing, but makes no key and no certificate yet. */
export type Mode = 'write' | 'look' | 'rehearse'

export interface Generated {
  readonly exitCode: ExitCode
  readonly directory: string
  readonly problems: readonly Problem[]
  readonly changes: readonly Change[]
  /** What the run has added beside the changes, a line each: secrets and certificates, never a value. */
  readonly made: readonly string[]
  readonly identity?: Identity
  readonly sbtcIdentity?: Identity
  /** Absent where there are errors. */
  readonly stack?: Stack
  /** True where the directory now is what the answers say. */
  readonly written?: true
  /** True when something may have been written before it failed. */
  readonly begun?: true
}
