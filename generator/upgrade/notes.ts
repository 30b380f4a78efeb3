/** What an operator must do or know when a release is passed on the way to another. In the order of the releases. */

import type { Network } from '../catalogue/networks.ts'

export interface ReleaseNote {
  readonly program: 'node' | 'signer'
  /** Told by every move from before this release to it or beyond. */
  readonly since: string
  /** `act`: something must be done; `know`: something will be different. */
  readonly kind: 'act' | 'know'
  readonly text: string
  readonly network?: Network
  /** Told only where the answers pass this key through; `unlessPassed`: only where they do not. */
  readonly ifPassed?: string
  readonly unlessPassed?: string
}

const idle = 'SIGNER__tenure_idle_timeout_secs'

export const releaseNotes: readonly ReleaseNote[] = [
  { program: 'node', since: '3.1.0.0.1', kind: 'know', unlessPassed: 'NODE__connection_options__private_neighbors', text: 'peers in private networks are refused, unless NODE__connection_options__private_neighbors=true is passed' },
  { program: 'node', since: '3.1.0.0.8', kind: 'know', text: 'at each start the node first hands pending events to its observers, and forgets those for observers that are gone' },
  { program: 'node', since: '3.2.0.0.2', kind: 'know', text: 'the keys of the affirmation maps are gone; a node whose TOML still has one exits at once' },
  { program: 'node', since: '3.3.0.0.1', kind: 'know', text: 'the first start builds an index, which can take minutes' },
  { program: 'signer', since: '3.3.0.0.5.0', kind: 'know', unlessPassed: idle, text: `tenure_idle_timeout_secs falls from 120 to 60, unless ${idle} is passed` },
  { program: 'node', since: '3.4.0.0.3', kind: 'know', text: 'pending events are handed over before the node obeys signals: with its signer away it hangs there' },
  { program: 'signer', since: '3.4.0.0.4.0', kind: 'know', unlessPassed: idle, text: `tenure_idle_timeout_secs falls from 60 to 30, unless ${idle} is passed` },
  { program: 'signer', since: '4.0.0', kind: 'act', text: 'generate-stacking-signature gives way to generate-staking-signature: make any PoX-4 signature that is still needed before the move' },
  { program: 'signer', since: '4.0.2', kind: 'act', text: 'a key in signer-config.toml that the signer does not know is now fatal: run `make check-config` before the start' },
  { program: 'node', since: '4.0.2', kind: 'know', ifPassed: 'NODE__node__marf_cache_strategy', text: 'node.marf_cache_strategy has no effect any more: its line may go' },
  { program: 'node', since: '4.0.2', kind: 'act', network: 'testnet', text: 'the testnet has a new genesis: remove the old chain, the volume stacks-node-data, before the start' },
  { program: 'signer', since: '4.0.3', kind: 'know', text: 'validate_with_replay_tx and reset_replay_set_after_fork_blocks are gone; a signer whose TOML still has one does not start' },
]
