/** What a run may use of the world. */

import type { Screens } from '../screen.ts'
import type { Terminal } from '../wizard/asker.ts'

export interface Io {
  readonly cwd: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly packageRoot: string
  readonly version: string
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Asks a yes-or-no question; absent where there is no terminal. */
  readonly ask?: (question: string) => Promise<boolean>
  /** How the two streams are shown; plain when absent. */
  readonly screens?: Screens
  /** Shows how far a long run is; absent where there is no terminal to show it on. */
  readonly status?: (text: string) => void
  /** Where the wizard asks; absent where stdin or stdout is no terminal. */
  readonly terminal?: Terminal
}
