/**
 * Whether epochs and reward cycles of a network fit together. stacks-node holds them against each other at its start and panics
 * (`validate_nakamoto_transition_schedule`, stackslib/src/core/mod.rs:1321@4.0.2, since 3.3.0.0.2; before it `check_nakamoto_config`,
 * stackslib/src/config/mod.rs:591@3.3.0.0.0, which holds no more than the first two rules).
 */

import { compareVersions } from './releases.ts'

export interface Cycles {
  readonly reward: number
  readonly prepare: number
}

/** The first release with all the rules. */
const fullSince = '3.3.0.0.2'

type Epochs = readonly { readonly epoch_name: string; readonly start_height: number }[]

/** The node's own reason, without its numbers; undefined where they fit. */
export function scheduleFault(epochs: Epochs, { reward, prepare }: Cycles, nodeVersion: string): string | undefined {
  const startOf = (name: string) => epochs.find(({ epoch_name }) => epoch_name === name)?.start_height
  const [start25, start30, start40] = [startOf('2.5'), startOf('3.0'), startOf('4.0')]
  if (start25 === undefined || start30 === undefined) return undefined
  if (reward <= prepare) return 'the prepare phase must be shorter than the reward cycle'
  const cycle = (height: number) => Math.floor(height / reward)
  const offset = (height: number) => height % reward
  // Offset 0 belongs to the prepare phase of the cycle before.
  const inPrepare = (height: number) => offset(height) === 0 || offset(height) > reward - prepare
  const before30 = Math.max(cycle(start30) - 1, 0) * reward + reward - prepare
  if (inPrepare(start30)) return 'Epoch 3.0 must start *during* a reward phase, not prepare phase'
  if (cycle(start30) < 2) return 'Epoch 3.0 must start at or after reward cycle 2'
  if (compareVersions(nodeVersion, fullSince) < 0) return undefined
  if (start25 >= before30) return 'Epoch 2.5 must start before the prepare phase of the cycle prior to Epoch 3.0'
  if (cycle(start25) === cycle(start30)) return 'Epoch 2.5 and Epoch 3.0 must not be in the same reward cycle'
  if (offset(start30) <= 1) return 'Epoch 3.0 must not start at a reward cycle boundary (offset 0 or 1)'
  if (start40 === undefined) return undefined
  if (inPrepare(start40)) return 'pox_5_activation_height must fall during a reward phase, not a prepare phase'
  if (offset(start40) <= 1) return 'pox_5_activation_height must not fall on a reward cycle boundary (offset 0 or 1)'
  return cycle(start30) === cycle(start40) ? 'Epoch 3.0 and Epoch 4.0 must not be in the same reward cycle' : undefined
}
