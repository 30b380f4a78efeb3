/** What one side of a stack brings to the host it stands on. */

import type { SecretFile, Service, StackNetwork, Volume } from './model.ts'

/** A volume, and where it is mounted in what fills it. */
export type Placed = Volume & { readonly target: string }

export interface Side {
  readonly services: readonly Service[]
  readonly networks: readonly StackNetwork[]
  readonly volumes: readonly Placed[]
  readonly secrets: readonly SecretFile[]
}

export const nothing: Side = { services: [], networks: [], volumes: [], secrets: [] }
