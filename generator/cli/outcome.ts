/** What a command other than generating hands back: one value, shown as text or as JSON by `run`. */

import type { Problem } from '../problem.ts'
import type { ExitCode } from './exit-codes.ts'

export interface Outcome {
  readonly exitCode: ExitCode
  readonly problems: readonly Problem[]
  /** What stdout shows without --json. */
  readonly lines: readonly string[]
  /** What stdout shows with --json, beside exit code and problems. */
  readonly data: Readonly<Record<string, unknown>>
}
