/** How the guard's container is set up. */

import { OperatorError, type Io } from '../shared/program.ts'
import { shortest } from './watch.ts'

export interface Settings {
  /** host:port of the node's RPC, or of the sidecar that leads there. */
  readonly node: string
  /** Which contracts of the signers there are in each cycle. */
  readonly lanes: readonly string[]
  readonly off: boolean
  /** Seconds from one look to the next. */
  readonly period: number
  /** Seconds that a signing interval lasts at least. */
  readonly shortest: number
}

export function settingsOf({ environment }: Pick<Io, 'environment'>): Settings {
  const seconds = (name: string, usual: number): number => {
    const value = Number(environment[name] ?? usual)
    if (!(value > 0 && value < 86_400)) throw new OperatorError(`${name} is no number of seconds`)
    return value
  }
  return {
    node: environment['NODE_RPC'] ?? '',
    lanes: (environment['LANES'] ?? '1').split(','),
    off: environment['DOPPELGANGER_GUARD'] === 'off',
    period: seconds('GUARD_PERIOD', 5),
    shortest: seconds('GUARD_LEAST', shortest),
  }
}
