/** What generating one stack comes to. */

import type { Change } from '../changes/compare.ts'
import type { Problem } from '../problem.ts'
import type { Identity, Stack } from '../stack/model.ts'
import type { ExitCode } from './exit-codes.ts'

/** `write` writes. `dryRun` says what would change. `decide` says what `write` would say before it writes; no key and no certificate is made. */
export type Mode = 'write' | 'dryRun' | 'decide'

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
